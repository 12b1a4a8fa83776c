"""What was deleted and can be taken back, and when the key of undo means that and not the last letter typed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatmodes.store import Store

KEPT = 50
"""Deletions that are remembered; the store purges them long before anyone comes to the fiftieth."""


@dataclass(frozen=True)
class Deletion:
    """One deletion, as the store takes it back."""

    store: Store
    """Where it lies: a private conversation's is in another one."""
    entry: str
    conversation: str
    typed: str
    """What stood in the composer when it was made."""


class Deletions:
    """The deletions of this session, the newest last."""

    def __init__(self) -> None:
        self._made: list[Deletion] = []

    def remember(self, deletion: Deletion) -> None:
        """Keep how to take one back."""
        self._made = [*self._made[1 - KEPT :], deletion]

    def last(self, store: Store) -> Deletion | None:
        """The newest one in a store; None where there is none."""
        return next((one for one in reversed(self._made) if one.store is store), None)

    def forget(self, deletion: Deletion) -> None:
        """It was taken back, or cannot be."""
        self._made.remove(deletion)

    def newest(self, store: Store, typed: str) -> bool:
        """Whether a deletion is what was done last: nothing was typed since."""
        last = self.last(store)
        return last is not None and last.typed == typed
