"""Runs: events onto disk while they happen, and an honest end for those whose program died.

A program that is killed loses what it had not flushed, at most the time between two flushes. The next one to open the
database marks its runs as `cut`, whatever is in them: until `end_dead_runs` has closed their logs and written their
answers into the messages, and where that cannot be done for good, readers take the answer from the log.
"""

import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from chatmodes import events as ev
from chatmodes.folding import RunView
from chatmodes.messages import File, Message, Text
from chatmodes.store import columns, event_log
from chatmodes.store.database import Database
from chatmodes.store.errors import FullError, StoreError
from chatmodes.store.files import Kept, keep, shown, with_texts
from chatmodes.store.liveness import has_died
from chatmodes.store.opening import Opened
from chatmodes.store.records import MessageState, RunLog, RunStatus, StoredRun
from chatmodes.store.rows import insert_message, take_up, unknown, write_content
from chatmodes.store.words import parts_of, whole

_KEPT = "Free some space; what has arrived is kept in memory and is written as soon as there is room."
CUT = "The program ended before the answer did."

_encode = msgspec.json.Encoder().encode
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

    def __init__(self, file: Path | None, opened: Opened | None = None) -> None:
        super().__init__(file, opened)
        if not self.read_only:
            with suppress(StoreError):  # of a disk that is full, or locked: that is no reason not to open
                self._mark_dead_runs()

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
        return list(self.run_log(run).events)

    def run_log(self, run: str) -> RunLog:
        """The run's events as far as they can be read, and whether some cannot."""
        with self.reading() as db:
            log = event_log.Log(db, run)
            return RunLog(events=tuple(log.events()), damaged=log.damaged)

    def append_events(
        self, run: str, events: list[ev.AnyEvent], so_far: RunView, *, end: RunStatus | None = None
    ) -> None:
        """Write events of a run in one transaction; for `RunWriter`. `end` ends it where no event among them does.

        `so_far` is what all its events have led to, these included.
        """
        with self.writing() as db:
            row = db.execute("SELECT message FROM runs WHERE id = ?", (run,)).fetchone()
            if row is None:
                raise unknown("run", run)
            keep(db, row[0], _pictures(events))
            event_log.append(db, run, [_slim(db, row[0], event) for event in events])
            ended = so_far.end is not None or end is not None
            if ended:
                _conclude(db, run, so_far, end)
        if ended:
            with suppress(StoreError):  # which `tend` will do
                self._pack(run, 2)

    def end_dead_runs(self) -> None:
        """Give the runs of programs that were killed their end, and pack what is not packed.

        What one holds cannot keep the others from theirs, and no transaction reads a log.
        """
        self._mark_dead_runs()
        with self.reading() as db:
            query = "SELECT id FROM runs WHERE owner IS NOT NULL AND status = 'cut'"
            dead = [run for (run,) in db.execute(query).fetchall()]
        for run in dead:
            if not self.closing:
                self._end_dead_run(run)
        with self.reading() as db:
            running = "SELECT id FROM runs WHERE status = 'running'"
            query = f"SELECT DISTINCT run FROM chunks WHERE packed = 0 AND run NOT IN ({running})"
            unpacked = [run for (run,) in db.execute(query).fetchall()]
        for run in unpacked:
            try:
                self._pack(run)
            except StoreError as error:
                if error.passing:
                    raise
                # What is damaged cannot even be noted as such; it stays, and the other runs are packed all the same.

    def _end_dead_run(self, run: str) -> None:
        try:
            with self.reading_aside() as db:
                view = event_log.outcome(event_log.Log(db, run).events())
            with self.writing() as db:
                if db.execute("SELECT 1 FROM runs WHERE id = ? AND owner IS NOT NULL", (run,)).fetchone():
                    _conclude(db, run, view, "cut")
        except StoreError as error:
            if error.passing:
                raise
            with self.writing() as db:  # it stays as it is: cut, with its answer in the log
                db.execute("UPDATE runs SET owner = NULL WHERE id = ?", (run,))

    def _pack(self, run: str, most: int | None = None) -> None:
        """Pack a log, or the first `most` pieces of it; only the replacing of a piece keeps others from writing."""
        while not self.closing and most != 0:
            with self.reading_aside() as db:
                piece = event_log.next_piece(db, run)
            if piece is None:
                break
            with self.writing() as db:
                event_log.replace(db, run, piece)
            most = most and most - 1

    def _mark_dead_runs(self) -> None:
        if self.file is None:
            return
        with self.reading() as db:
            query = "SELECT DISTINCT owner FROM runs WHERE owner IS NOT NULL AND status = 'running'"
            owners = [owner for (owner,) in db.execute(query)]
        dead = [owner for owner in owners if has_died(self.file, owner)]
        if dead:
            with self.writing() as db:
                db.executemany(
                    "UPDATE runs SET status = 'cut' WHERE owner = ? AND status = 'running'", [(each,) for each in dead]
                )


class RunWriter:
    """Takes a run's events as they happen and puts them on disk in short transactions."""

    def __init__(self, store: Runs, run: str, message: str) -> None:
        self.run = run
        self.message = message
        """The id of the answer being written."""
        self._store = store
        self._pending: list[ev.AnyEvent] = []
        self._so_far = RunView()
        self._folded = 0
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
        event_log.outcome(events[self._folded :], self._so_far)
        self._folded = count  # which a next try does not fold again
        try:
            self._store.append_events(self.run, events, self._so_far, end=end)
        except FullError as error:
            raise FullError(error.message, _KEPT, passing=True) from error
        del self._pending[:count]
        self._folded = 0
        self._ended = self._so_far.end is not None


def stored_run(row: Sequence[Any]) -> StoredRun:
    """The record of a row of the query `RUN`."""
    id, message, conversation, mode, model, status, created, usage, cost, seconds, ttft, comparison = row
    return StoredRun(
        id=id, message=message, conversation=conversation, mode=mode, model=model, status=columns.status(status),
        created=columns.moment(created), usage=columns.usage(usage), cost=cost, seconds=seconds, ttft=ttft,
        comparison=comparison,
    )  # fmt: skip


def _pictures(events: Sequence[ev.AnyEvent]) -> list[Kept]:
    """What tools brought: kept at once, since the log names it and the answer that it belongs to may never be whole."""
    return [
        Kept(each.hash, each.content, each.name, each.media_type, readable=False)
        for event in events
        if isinstance(event, ev.ToolFinished)
        for each in event.pictures
        if each.content
    ]


def _slim(db: sqlite3.Connection, message: str, event: ev.AnyEvent) -> ev.AnyEvent:
    """The first event without the files that its prompt carries: they are stored with the prompt's message. Another
    without the bytes of its pictures."""
    if not isinstance(event, ev.RunStarted):
        return ev.without_bytes(event)
    query = "SELECT id, parts FROM messages WHERE id = (SELECT parent FROM messages WHERE id = ?)"
    row = db.execute(query, (message,)).fetchone()
    parts = with_texts(db, row[0], parts_of(row[1])) if row else ()
    if any(isinstance(part, File) and part.text and whole(part.text) in event.prompt for part in parts):
        return msgspec.structs.replace(event, prompt=shown(parts))
    return event


def _conclude(db: sqlite3.Connection, run: str, view: RunView, status: RunStatus | None) -> None:
    """Give a run its end: figures, and the answer's parts and state, which puts it into the index.

    `status` is for a run whose events have no end; its log gets one.
    """
    if view.end is None:
        closing = event_log.closing(view, run, CUT)
        event_log.append(db, run, closing)
        event_log.outcome(closing, view)
    else:
        status = None
    end = view.end
    status = status or view.status
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
    parts = (Text(event_log.bounded(part.text)) if isinstance(part, Text) else part for part in view.parts)
    write_content(db, message, Message("assistant", tuple(parts)), _STATES[status])
    if status == "finished":
        (conversation,) = db.execute("SELECT conversation FROM messages WHERE id = ?", (message,)).fetchone()
        take_up(db, conversation)
