"""Many requests at once over several pools of connections, each a small one.

The HTTP library's pool looks through all its connections whenever a request begins and whenever one ends. With five
agents that is nothing; with 500 streams it took more time than all else that a request costs.
"""

from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

WIDTH = 32
"""Requests that share a pool."""


def spread(make: "Callable[[], httpx2.AsyncBaseTransport]") -> "httpx2.AsyncBaseTransport":
    """A transport over as many of `make`'s as there are requests for: the first that has room takes a request, so that
    connections are used again, and one that nobody uses any more is closed. Raises what `make` raises."""
    import httpx2

    class Pool:
        def __init__(self) -> None:
            self.transport, self.busy = make(), 0

    class Body(httpx2.AsyncByteStream):
        """A response's body, which tells when it is closed."""

        def __init__(self, body: httpx2.AsyncByteStream, pool: Pool) -> None:
            self._body, self._pool, self._open = body, pool, True

        def __aiter__(self) -> AsyncIterator[bytes]:
            return self._body.__aiter__()

        async def aclose(self) -> None:
            try:
                await self._body.aclose()
            finally:
                if self._open:
                    self._open = False
                    await leave(self._pool)

    class Spread(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            pool = next((pool for pool in pools if pool.busy < WIDTH), None)
            if pool is None:
                pool = Pool()
                pools.append(pool)
            pool.busy += 1
            try:
                response = await pool.transport.handle_async_request(request)
            except BaseException:
                await leave(pool)
                raise
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = Body(response.stream, pool)
            return response

        async def aclose(self) -> None:
            for pool in pools:
                await pool.transport.aclose()

    pools = [Pool()]

    async def leave(pool: Pool) -> None:
        pool.busy -= 1
        if not pool.busy and pool is not pools[0] and pool in pools:
            pools.remove(pool)
            await pool.transport.aclose()

    return Spread()
