"""HTTP to a server of tools whose answers are bounded: the SDK bounds the events of a stream, and nothing else."""

from collections.abc import AsyncIterator, Mapping

import httpx2

CONNECT = 30.0
READ = 300.0
"""Seconds without a byte; a server may hold a stream open for long."""


class TooLargeError(httpx2.StreamError):
    """An answer that is larger than any may be, of the kind that the SDK takes for a bad answer to one call."""


class _Counted(httpx2.AsyncByteStream):
    """A body that fails beyond its limit."""

    def __init__(self, stream: httpx2.AsyncByteStream, limit: int) -> None:
        self._stream, self._left, self._limit = stream, limit, limit

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            self._left -= len(piece)
            if self._left < 0:
                raise TooLargeError(f"it answered with more than {self._limit:,} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Bounded(httpx2.AsyncHTTPTransport):
    """The network, with the bodies of answers counted. Events are not: their stream goes on for as long as it does."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise TooLargeError("it packed its answer, which was not asked for")  # and may unpack to any size
        if not response.headers.get("content-type", "").lower().startswith("text/event-stream"):
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = _Counted(response.stream, self._limit)
        return response


def bounded_client(limit: int, headers: Mapping[str, str], auth: httpx2.Auth | None = None) -> httpx2.AsyncClient:
    """A client whose answers have so many bytes at most; `headers` go with each request, and what `auth` adds."""
    sent = {**headers, "Accept-Encoding": "identity"}
    timeout = httpx2.Timeout(CONNECT, read=READ)
    return httpx2.AsyncClient(transport=_Bounded(limit), headers=sent, auth=auth, timeout=timeout)
