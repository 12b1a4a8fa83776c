"""Agents of one run share their prompt's beginning, and one of them pays for keeping it.

A provider keeps a beginning once the first answer to it starts. Agents that all start at once therefore all write it,
at a price above that of reading a prompt, and read nothing. Where writing costs extra the others wait for the first
agent's first piece, for a little: five agents on 8,000 shared tokens pay for 1.7 beginnings in place of 6.2, and are
later by one time to first token, 0.7 s in 11.5 (`benchmarks/shared_beginning.py`).
"""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio

from chatmodes.providers.known.traits import Traits

KEPT = 240.0
"""Seconds for which a beginning is surely kept: the shortest promise of a provider is 5 minutes, from the last use."""
PATIENCE = 10.0
"""Seconds that a call waits at most; a first token that takes longer is no reason to hold all agents back."""
WORTH = 4096
"""Tokens of a prompt below which the saving is not worth the wait."""
REMEMBERED = 256

Key = tuple[str, str, str]
"""Address, model, and the run's own key."""


def pays(traits: Traits, tokens: int) -> bool:
    """Whether waiting saves money: writing costs more than reading, and the prompt is long."""
    return traits.cache_write > 1 and tokens >= max(WORTH, traits.cache_minimum)


class Beginning:
    """One beginning, from the start of the call that writes it."""

    def __init__(self) -> None:
        self.written = anyio.Event()
        self.at = time.monotonic()


class Beginnings:
    """The beginnings that are being written or are kept."""

    def __init__(self) -> None:
        self._known: dict[Key, Beginning] = {}

    def is_writing(self, key: Key) -> bool:
        """Whether another call is about to have this beginning kept, so that it pays to wait."""
        known = self._known.get(key)
        return known is not None and not known.written.is_set()

    async def wait(self, key: Key) -> None:
        """Wait until it is kept, or for `PATIENCE`."""
        known = self._known.get(key)
        if known is not None:
            with anyio.move_on_after(PATIENCE):
                await known.written.wait()

    @asynccontextmanager
    async def writing(self, key: Key | None) -> AsyncGenerator[Beginning | None]:
        """Around a call: the first one with a beginning gets it, and sets `written` when its first piece comes. Ended
        in any way, it keeps nobody waiting. Without a key there is nothing to share."""
        known = self._known.get(key) if key else None
        if key is None or (known is not None and time.monotonic() - known.at < KEPT):
            if known is not None:
                known.at = time.monotonic()
            yield None
            return
        self._known[key] = mine = Beginning()
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]
        try:
            yield mine
        finally:
            if not mine.written.is_set():
                mine.written.set()
                if self._known.get(key) is mine:
                    del self._known[key]
