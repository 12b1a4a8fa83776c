"""A stream of events to one client, for as long as it reads.

A client that leaves ends what it asked for at once, and with it every request behind it. One that reads slowly holds up
nothing but itself: what is written waits for it, and after a while it counts as gone.
"""

import time
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager

import anyio
from starlette.types import Receive, Send

QUIET = 10.0
"""Seconds without a word before the stream says that it lives: some clients give up after 20."""
STUCK = 60.0
"""Seconds that a client may take for one piece before it counts as gone."""

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


@asynccontextmanager
async def while_there(receive: Receive) -> AsyncGenerator[None]:
    """A block that ends at once, without an error, when the client leaves. Nothing else may read from `receive`."""
    async with anyio.create_task_group() as tasks:

        async def leave() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            tasks.cancel_scope.cancel()

        tasks.start_soon(leave)
        yield
        tasks.cancel_scope.cancel()


class EventStream:
    """Frames sent to a client as they come.

    `alive` makes a frame that changes nothing, for the time when there is nothing to say.
    """

    def __init__(self, frames: AsyncGenerator[bytes], alive: Callable[[], bytes]) -> None:
        self._frames, self._alive = frames, alive
        self._since: float | None = None
        """When the frame that is being sent began to be; None while none is."""
        self._sent = time.monotonic()
        self._alive_sent: anyio.Event | None = None
        """Set once the sign of life that is being sent is."""

    async def send(self, send: Send) -> None:
        """Send everything, or stop when nothing of it is taken any more."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._watch, send, tasks.cancel_scope)
            await self._send_all(send)
            tasks.cancel_scope.cancel()

    async def _send_all(self, send: Send) -> None:
        async with aclosing(self._frames) as frames:
            async for frame in frames:
                if self._alive_sent is not None:
                    await self._alive_sent.wait()
                await self._send(send, frame)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _watch(self, send: Send, sending: anyio.CancelScope) -> None:
        """Say that the stream lives when it is quiet, and end it when a frame is not taken.

        From beside the sending, since a lock and a timer for each frame would cost more than the frame.
        """
        while True:
            now = time.monotonic()
            if self._since is not None and now - self._since >= STUCK:
                sending.cancel()
            if self._since is None and now - self._sent >= QUIET:
                self._alive_sent = anyio.Event()
                with anyio.move_on_after(STUCK) as limit:
                    await self._send(send, self._alive())
                if limit.cancelled_caught:
                    sending.cancel()
                self._alive_sent.set()
                self._alive_sent = None
            begun = self._since
            due = self._sent + QUIET if begun is None else min(begun + STUCK, now + QUIET)
            await anyio.sleep(max(due - time.monotonic(), 0.01))

    async def _send(self, send: Send, frame: bytes) -> None:
        self._since = time.monotonic()
        await send({"type": "http.response.body", "body": frame, "more_body": True})
        self._since, self._sent = None, time.monotonic()
