"""How many calls an endpoint is given at once: fewer when it answers 429, slowly more while it does not.

Additive increase, multiplicative decrease (as TCP's congestion window): five agents that together run into a limit
settle at what the endpoint can take, and a run slows down in place of failing.
"""

import time

import anyio


class Places:
    """The places at one endpoint. `limit` moves between 1 and `most`."""

    def __init__(self, most: int) -> None:
        self.most = max(1, most)
        self._window = float(self.most)
        self._limiter = anyio.CapacityLimiter(self.most)
        self._lowered = 0.0

    @property
    def limit(self) -> int:
        """Calls that may be under way at once."""
        return int(self._window)

    def try_take(self, holder: object) -> bool:
        """Take a place if one is free."""
        try:
            self._limiter.acquire_on_behalf_of_nowait(holder)
        except anyio.WouldBlock:
            return False
        return True

    async def take(self, holder: object) -> None:
        """Wait for a place, first come first served."""
        await self._limiter.acquire_on_behalf_of(holder)

    def give_back(self, holder: object) -> None:
        """Leave the place that `holder` took."""
        self._limiter.release_on_behalf_of(holder)

    def succeeded(self) -> None:
        """A call went through: one more place after about a windowful of them."""
        self._move(min(float(self.most), self._window + 1 / self._window))

    def throttled(self, began: float) -> None:
        """A call begun at `began` (monotonic) was answered 429. A burst of them counts once."""
        if began >= self._lowered:
            self._lowered = time.monotonic()
            self._move(max(1.0, self._window / 2))

    def _move(self, window: float) -> None:
        self._window = window
        if self._limiter.total_tokens != self.limit:
            self._limiter.total_tokens = self.limit
