"""Work behind the first frame stands back for the keyboard: it is done in slices, between which keys are echoed.

Sixty modules imported in one go, in a thread or not, keep the interpreter to themselves: a key typed just then waited
137 ms for its echo, six times what a bare Textual application takes.
"""

import asyncio
import time

QUIET = 0.04
"""Seconds after a key in which its echo is painted and nothing else begins."""
GRACE = 0.05
"""Seconds after the first frame for a key that was typed at the sight of it."""
PATIENCE = 0.3
"""Seconds that a slice waits at most: someone who types on must get the rest of the program too."""


class Lulls:
    """Knows when a key came last. Times are the monotonic clock's."""

    def __init__(self) -> None:
        self._until = 0.0

    def first_frame(self) -> None:
        """The first frame is painted."""
        self._until = time.monotonic() + GRACE

    def key(self) -> None:
        """A key was pressed."""
        self._until = time.monotonic() + QUIET

    async def wait(self) -> None:
        """Return when no key is being handled, after `PATIENCE` in any case; not before what is due was done."""
        latest = time.monotonic() + PATIENCE
        await asyncio.sleep(0)
        while (left := min(self._until, latest) - time.monotonic()) > 0:  # noqa: ASYNC110 - a moment, which keys move on
            await asyncio.sleep(left)
