"""One request and its response: the clocks, the reading, the end.

First token and idle are about events of the answer and not about bytes: comments and pings of a proxy must postpone
neither. Whatever happens, the connection is closed when the last piece has been taken, or at once on a cancel.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator
from contextlib import contextmanager, suppress
from typing import Any

import anyio

from chatmodes.providers.answer import Piece
from chatmodes.providers.client import Connector, Target
from chatmodes.providers.deltas import DeltaParser
from chatmodes.providers.dialects.base import Dialect
from chatmodes.providers.errors import CallError
from chatmodes.providers.network import cut_off, too_slow, unreachable

_DRAIN = 0.05
"""Seconds allowed for the end of a body behind a complete answer, so that the connection can serve the next call."""
_DRAINED = 64 * 1024
"""Bytes allowed for it."""


async def pieces(
    connector: Connector, target: Target, name: str, dialect: Dialect, body: dict[str, Any], parser: DeltaParser
) -> AsyncGenerator[Piece]:
    """The pieces of one response; raises `CallError` behind the last piece that came before the failure."""
    profile = target.profile
    first, idle = connector.limit(profile, "first_token"), connector.limit(profile, "idle")
    await connector.warm(target, dialect)  # before the clock starts: importing the SDK is not the server's slowness
    deadline = anyio.current_time() + first
    with _within(deadline, lambda: too_slow(profile, target.base_url, first, "first_token")):
        response = await connector.send(target, name, dialect, body)
    try:
        reading = response.aiter_bytes()
        while not parser.done and not parser.failure:
            seen, what = parser.events, "idle" if parser.begun else "first_token"
            data = await _read(reading, parser, target, deadline, idle if parser.begun else first, what)
            if data is None:
                break
            for piece in parser.decode(data):
                yield piece
            if parser.events > seen and parser.begun:
                deadline = anyio.current_time() + idle
        for piece in parser.flush():
            yield piece
        if parser.failure:
            raise parser.failure
        await _drain(reading)
    finally:
        await connector.close(response)


async def _read(
    reading: AsyncIterator[bytes], parser: DeltaParser, target: Target, deadline: float, limit: float, what: str
) -> bytes | None:
    """The next bytes of a body; None at its end. What goes wrong is told to the parser."""
    import httpx2

    try:
        # Not by `_within`, whose generator would cost a tenth of what a token does here.
        with anyio.CancelScope(deadline=deadline) as scope:
            return await anext(reading, None)
        if scope.cancelled_caught:
            parser.broken(too_slow(target.profile, target.base_url, limit, what))
    except (httpx2.HTTPError, OSError) as error:
        begun = parser.begun
        parser.broken(cut_off(target.profile, error) if begun else unreachable(error, target.profile, target.base_url))
    return None


async def _drain(reading: AsyncIterator[bytes]) -> None:
    """Read what is left of a body behind a complete answer. A server may close without its last chunk: nothing is lost
    but the connection."""
    import httpx2

    left = _DRAINED
    with suppress(httpx2.HTTPError, OSError), anyio.move_on_after(_DRAIN):
        async for data in reading:
            left -= len(data)
            if left < 0:
                break


@contextmanager
def _within(deadline: float, error: Callable[[], CallError]) -> Generator[None]:
    """Raise `error()` when the block is not done at `deadline`, on the event loop's clock."""
    with anyio.CancelScope(deadline=deadline) as scope:
        yield
    if scope.cancelled_caught:
        raise error()
