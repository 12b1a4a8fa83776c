"""Runs: events onto disk while they happen, and an honest end for those whose program died.

A program that is killed loses what it had not flushed, at most the time between two flushes; the next one to open the
database ends its runs as `cut`, keeps what came, and later requests go on from there.
"""

import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from chatmodes import events as ev
from chatmodes.messages import Message, Text
from chatmodes.store import event_log
from chatmodes.store.database import Database
from chatmodes.store.errors import StoreError
from chatmodes.store.liveness import has_died
from chatmodes.store.records import MessageState, RunStatus, StoredRun
from chatmodes.store.rows import insert_message, unknown, write_content

CUT = "The program ended before the answer did."

_encode = msgspec.json.Encoder().encode
_usage = msgspec.json.Decoder(ev.Usage)
_STATES: dict[RunStatus, MessageState] = {
    "finished": "complete", "failed": "failed", "cancelled": "cancelled", "cut": "partial", "running": "partial",
}  # fmt: skip

RUN = """
    SELECT runs.id, runs.message, messages.conversation, runs.mode, runs.model, runs.status, runs.created, runs.usage,
        runs.cost, runs.seconds, runs.ttft, runs.comparison
    FROM runs JOIN messages ON messages.id = runs.message
"""


class Runs(Database):
    """Runs and their events."""

    def __init__(self, file: Path | None) -> None:
        super().__init__(file)
        if not self.read_only:
            self._end_dead_runs()

    def begin_run(
        self,
        run: str,
        conversation: str,
        parent: str | None,
        *,
        mode: str,
        model: str,
        comparison: str | None = None,
        leaf: bool = True,
    ) -> "RunWriter":
        """Make the answer under `parent` (a user's message) and the run that writes it; `run` is the events' run id."""
        try:
            owner = self.presence.announce()
        except OSError as error:
            raise StoreError(
                f"{error.filename} cannot be made: {error.strerror}.", "Check the folder's permissions and free space."
            ) from error
        with self.writing() as db:
            message = insert_message(
                db, conversation, parent, Message("assistant", ()), state="partial", leaf=leaf, mode=mode, model=model
            )
            try:
                db.execute(
                    "INSERT INTO runs (id, message, comparison, mode, model, status, created, owner)"
                    " VALUES (?, ?, ?, ?, ?, 'running', ?, ?)",
                    (run, message, comparison, mode, model, time.time(), owner),
                )
            except sqlite3.IntegrityError as error:
                raise StoreError(f"The run {run!r} exists, or its comparison does not.") from error
        return RunWriter(self, run, message)

    def run(self, run: str) -> StoredRun | None:
        """The run with this id, or None."""
        with self.reading() as db:
            row = db.execute(f"{RUN} WHERE runs.id = ?", (run,)).fetchone()
        return stored_run(row) if row else None

    def run_events(self, run: str) -> list[ev.AnyEvent]:
        """The run's events, consecutive deltas joined: they fold to the same view as the live ones did."""
        with self.reading() as db:
            return event_log.read(db, run)

    def append_events(self, run: str, events: list[ev.AnyEvent], *, end: RunStatus | None = None) -> None:
        """Write events of a run in one transaction; for `RunWriter`. `end` ends it where no event among them does."""
        with self.writing() as db:
            if not db.execute("SELECT 1 FROM runs WHERE id = ?", (run,)).fetchone():
                raise unknown("run", run)
            if isinstance(events[-1] if events else None, ev.Terminal):
                _finish(db, run, [*event_log.read(db, run), *events], None)
            elif end is not None:
                so_far = [*event_log.read(db, run), *events]
                _finish(db, run, [*so_far, *event_log.closing(so_far, run, CUT)], end)
            elif events:
                event_log.append(db, run, events)

    def _end_dead_runs(self) -> None:
        if self.file is None:
            return
        with self.reading() as db:
            owners = [owner for (owner,) in db.execute("SELECT DISTINCT owner FROM runs WHERE owner IS NOT NULL")]
        for owner in owners:
            if has_died(self.file, owner):
                with self.writing() as db:
                    runs = db.execute("SELECT id FROM runs WHERE owner = ? AND status = 'running'", (owner,)).fetchall()
                    for (run,) in runs:
                        so_far = event_log.read(db, run)
                        _finish(db, run, [*so_far, *event_log.closing(so_far, run, CUT)], "cut")


class RunWriter:
    """Takes a run's events as they happen and puts them on disk in short transactions."""

    def __init__(self, store: Runs, run: str, message: str) -> None:
        self.run = run
        self.message = message
        """The id of the answer being written."""
        self._store = store
        self._pending: list[ev.AnyEvent] = []
        self._writing = threading.Lock()
        self._ended = False

    def add(self, event: ev.AnyEvent) -> None:
        """Take one event. Cheap and from any thread; nothing is written before `flush`."""
        self._pending.append(event)

    def flush(self) -> None:
        """Write what came since the last flush; to be called at least every 200 ms, from a thread.

        A terminal event among it ends the run: the answer gets its text and state. When it raises `StoreError` nothing
        is lost: the events stay and the next flush tries again.
        """
        with self._writing:
            self._write(None)

    def end(self, status: RunStatus = "cut") -> None:
        """Flush and close. A run without a terminal event is marked with `status`; harmless when already ended."""
        with self._writing:
            self._write(status)

    def _write(self, end: RunStatus | None) -> None:
        count = len(self._pending)
        events = self._pending[:count]
        if self._ended or not (events or end):
            return
        self._store.append_events(self.run, events, end=end)
        del self._pending[:count]
        self._ended = end is not None or isinstance(events[-1], ev.Terminal)


def stored_run(row: Sequence[Any]) -> StoredRun:
    """The record of a row of the query `RUN`."""
    id, message, conversation, mode, model, status, created, usage, cost, seconds, ttft, comparison = row
    return StoredRun(
        id=id, message=message, conversation=conversation, mode=mode, model=model, status=status, created=created,
        usage=_usage.decode(usage), cost=cost, seconds=seconds, ttft=ttft, comparison=comparison,
    )  # fmt: skip


def _finish(db: sqlite3.Connection, run: str, events: list[ev.AnyEvent], status: RunStatus | None) -> None:
    """Give a run its end: packed events, figures, and the answer's text and state, which puts it into the index."""
    event_log.pack(db, run, events)
    view = event_log.view(events)
    status = status or view.status
    end = view.end
    answer = view.answer_text
    if isinstance(end, ev.RunFailed | ev.RunCancelled):
        answer = end.partial or answer
    (message,) = db.execute(
        "UPDATE runs SET model = coalesce(nullif(?, ''), model), status = ?, usage = ?, cost = ?, seconds = ?,"
        " ttft = ?, owner = NULL WHERE id = ? RETURNING message",
        (
            view.model, status, _encode(end.usage if end else ev.Usage()).decode(), end.cost if end else None,
            end.seconds if end else None, view.ttft, run,
        ),
    ).fetchone()  # fmt: skip
    if view.mode:  # what Auto has chosen: a mode, which may have a model of its own
        db.execute(
            "UPDATE messages SET mode = ?, model = coalesce(nullif(?, ''), model) WHERE id = ?",
            (view.mode, view.model, message),
        )
    content = Message("assistant", (Text(answer),) if answer else ())
    write_content(db, message, content, _STATES[status])
