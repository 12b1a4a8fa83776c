"""Comparisons: several runs that answer one prompt, kept as siblings, and what people thought of them."""

import sqlite3
import time
from collections.abc import Sequence
from typing import Any

from chatmodes.store import columns
from chatmodes.store.database import Database
from chatmodes.store.errors import StoreError
from chatmodes.store.ids import new_id
from chatmodes.store.records import Comparison, Pick, StoredRun, Verdict
from chatmodes.store.rows import touch, unknown
from chatmodes.store.runs import RUN, stored_run

_COMPARISON = """
    SELECT comparisons.id, messages.conversation, prompt, blind, topic, comparisons.created
    FROM comparisons JOIN messages ON messages.id = prompt
"""


class Comparisons(Database):
    """Comparisons and picks."""

    def begin_comparison(self, conversation: str, prompt: str, *, blind: bool = False, topic: str = "") -> str:
        """A comparison of runs that answer the message `prompt`; its runs are begun with its id."""
        id = new_id()
        with self.writing() as db:
            row = db.execute("SELECT conversation FROM messages WHERE id = ?", (prompt,)).fetchone()
            if row is None or row[0] != conversation:
                raise unknown("message", prompt)
            db.execute(
                "INSERT INTO comparisons (id, prompt, blind, topic, created) VALUES (?, ?, ?, ?, ?)",
                (id, prompt, int(blind), topic, time.time()),
            )
        return id

    def comparison(self, comparison: str) -> Comparison | None:
        """The comparison with this id, or None."""
        with self.reading() as db:
            row = db.execute(f"{_COMPARISON} WHERE comparisons.id = ?", (comparison,)).fetchone()
            return _comparison(db, row) if row else None

    def comparisons(self, conversation: str) -> list[Comparison]:
        """All comparisons of a conversation, oldest first."""
        with self.reading() as db:
            rows = db.execute(
                f"{_COMPARISON} WHERE messages.conversation = ? AND messages.trash IS NULL ORDER BY comparisons.rowid",
                (conversation,),
            ).fetchall()
            return [_comparison(db, row) for row in rows]

    def record_pick(
        self, comparison: str, verdict: Verdict, winner: str | None = None, *, reason: str = "", topic: str = ""
    ) -> str:
        """Record what someone thought, in place of an earlier pick. A winner's answer becomes the leaf."""
        if (verdict == "winner") != (winner is not None):
            raise StoreError("A pick names a run if, and only if, there is a winner.")
        id = new_id()
        with self.writing() as db:
            row = db.execute(f"{_COMPARISON} WHERE comparisons.id = ?", (comparison,)).fetchone()
            if row is None:
                raise unknown("comparison", comparison)
            candidates = {run.id: run for run in _runs(db, comparison)}
            if winner is not None:
                if winner not in candidates:
                    raise StoreError(f"The run {winner!r} is not part of this comparison.")
                touch(db, row[1], candidates[winner].message, move=True)
            db.execute("DELETE FROM picks WHERE comparison = ?", (comparison,))
            db.execute(
                "INSERT INTO picks (id, comparison, verdict, winner, reason, topic, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (id, comparison, verdict, winner, reason, topic or row[4], time.time()),
            )
        return id

    def picks(self, *, since: float | None = None, topic: str | None = None) -> list[Pick]:
        """The pick of each comparison that has one, oldest first."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT picks.id, comparison, verdict, winner, reason, picks.topic, at, blind FROM picks"
                " JOIN comparisons ON comparisons.id = comparison"
                " JOIN messages ON messages.id = comparisons.prompt AND messages.trash IS NULL"
                " WHERE (winner IS NULL OR (SELECT m.trash FROM runs JOIN messages m ON m.id = message"
                " WHERE runs.id = winner) IS NULL)"
                " AND (?1 IS NULL OR at >= ?1) AND (?2 IS NULL OR picks.topic = ?2) ORDER BY picks.rowid",
                (since, topic),
            ).fetchall()
            return [_pick(row, _runs(db, row[1])) for row in rows]


def _runs(db: sqlite3.Connection, comparison: str) -> tuple[StoredRun, ...]:
    rows = db.execute(f"{RUN} WHERE runs.comparison = ? AND messages.trash IS NULL ORDER BY runs.rowid", (comparison,))
    return tuple(map(stored_run, rows))


def _comparison(db: sqlite3.Connection, row: Sequence[Any]) -> Comparison:
    id, conversation, prompt, blind, topic, created = row
    return Comparison(
        id=id, conversation=conversation, prompt=prompt, blind=bool(blind), topic=topic,
        created=columns.moment(created), runs=_runs(db, id),
    )  # fmt: skip


def _pick(row: Sequence[Any], runs: tuple[StoredRun, ...]) -> Pick:
    id, comparison, verdict, winner, reason, topic, at, blind = row
    return Pick(
        id=id, comparison=comparison, verdict=columns.verdict(verdict), winner=winner, reason=reason, topic=topic,
        at=columns.moment(at), blind=bool(blind), runs=runs,
    )  # fmt: skip
