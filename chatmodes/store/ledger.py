"""What was spent: the runs, and the calls that the program made for itself."""

import time
from typing import Literal

import msgspec

from chatmodes.events import Usage
from chatmodes.store.database import Database
from chatmodes.store.ids import new_id
from chatmodes.store.records import Spent

Purpose = Literal["name", "summary"]
"""What the program has called a model for beside an answer: a conversation's name, a comparison's summary."""

_SPENT = """
    SELECT model, what, count(*), sum(cost), sum(cost IS NULL) FROM (
        SELECT model, mode AS what, created, cost FROM runs WHERE status <> 'running'
        UNION ALL SELECT model, purpose, created, cost FROM asides
    ) WHERE created >= ? AND created < ?
    GROUP BY model, what ORDER BY sum(cost) DESC, model, what
"""


class Ledger(Database):
    """What calls cost, by model and by what they were for."""

    def record_aside(
        self, conversation: str | None, purpose: Purpose, *, model: str, usage: Usage, cost: float | None
    ) -> None:
        """Note a call that is no run. It goes with its conversation, as the runs do, where it belongs to one."""
        with self.writing() as db:
            db.execute(
                "INSERT INTO asides (id, conversation, purpose, model, created, usage, cost)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (new_id(), conversation, purpose, model, time.time(), msgspec.json.encode(usage).decode(), cost),
            )

    def spent(self, since: float = 0.0, until: float | None = None) -> list[Spent]:
        """What the calls stored here have cost, the dearest first: from `since` on and before `until`."""
        with self.reading() as db:
            rows = db.execute(_SPENT, (since, 1e12 if until is None else until)).fetchall()
        return [
            Spent(model=model, what=what, calls=calls, cost=cost, unknown=unknown)
            for model, what, calls, cost, unknown in rows
        ]
