"""A stream of events to one client, for as long as it reads.

A client that leaves ends what it asked for at once, and with it every request behind it. One that reads slowly holds up
nothing but itself: what is written waits for it, and after a while it counts as gone.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

import anyio
from starlette.types import Receive, Scope, Send

QUIET = 10.0
"""Seconds without a word before the stream says that it lives: some clients give up after 20."""
STUCK = 60.0
"""Seconds that a client may take for one piece before it counts as gone."""

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """An ASGI response that sends frames as they come.

    `alive` makes a frame that changes nothing, for the time when there is nothing to say; `leave` is called once the
    client has read everything or is gone.
    """

    def __init__(self, frames: AsyncGenerator[bytes], alive: Callable[[], bytes], leave: Callable[[], None]) -> None:
        self._frames, self._alive, self._leave = frames, alive, leave
        self._sending = anyio.Lock()
        self._sent = 0.0

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Send everything, or stop when nobody reads any more."""
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_stop_when_gone, receive, tasks.cancel_scope)
                tasks.start_soon(self._keep_alive, send)
                await self._send_all(send)
                tasks.cancel_scope.cancel()
        finally:
            self._leave()

    async def _send_all(self, send: Send) -> None:
        async with aclosing(self._frames) as frames:
            async for frame in frames:
                if not await self._send(send, frame):
                    return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _keep_alive(self, send: Send) -> None:
        while True:
            silent = anyio.current_time() - self._sent
            if silent >= QUIET:
                await self._send(send, self._alive())
            else:
                await anyio.sleep(QUIET - silent)

    async def _send(self, send: Send, frame: bytes) -> bool:
        async with self._sending:
            with anyio.move_on_after(STUCK):
                await send({"type": "http.response.body", "body": frame, "more_body": True})
                self._sent = anyio.current_time()
                return True
        return False


async def _stop_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    await gone(receive)
    scope.cancel()


async def gone(receive: Receive) -> None:
    """Wait until the client has left."""
    while (await receive())["type"] != "http.disconnect":
        pass
