"""The server itself, in a thread with a loop of its own, so that asyncio, trio and subprocess tests all use the same.

The model's name selects what happens (`tests.fake.scenarios`), or a path prefix makes it behave like one provider
(`/openai/v1`, `tests.fake.dialects`), or a test registers a script of its own under a name.
"""

import asyncio
import contextlib
import ssl
import threading
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from tests.fake.voices import voice_for
from tests.fake.wire import GoneError, Recorded, Wire, read_request

PATHS = ("/chat/completions", "/responses", "/messages")

Script = Callable[[Wire], Awaitable[None]]


class Fake:
    """The server: `with Fake() as fake:` serves at `fake.url` until the block ends."""

    def __init__(self, port: int = 0, *, tls: ssl.SSLContext | None = None) -> None:
        self.scripts: dict[str, Script] = {}
        """By model name; these win over the scenarios that names select."""
        self.requests: list[Recorded] = []
        self.connections = 0
        """Connections ever accepted."""
        self.open_connections = 0
        self._port, self._tls = port, tls
        self._loop = asyncio.new_event_loop()
        self._changed = threading.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, name="fake", daemon=True)

    @property
    def origin(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """What `--base-url` takes."""
        return f"{self.origin}/v1"

    def like(self, provider: str) -> str:
        """The base URL at which the server behaves like this provider."""
        return f"{self.origin}/{provider}/v1"

    @property
    def chats(self) -> list[Recorded]:
        """The requests for an answer among all requests, in any dialect."""
        return [r for r in self.requests if r.path.split("?")[0].endswith(PATHS)]

    def wait_until(self, condition: Callable[[], bool], timeout: float = 60.0) -> None:
        """Block until `condition` holds; it is looked at whenever a request or connection changes."""
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                raise TimeoutError("the fake server never came to the state that the test waits for")

    def forget(self) -> None:
        """Drop what was recorded and the scripts of a test."""
        self.requests.clear()
        self.scripts.clear()

    def start(self) -> Self:
        ready = threading.Event()
        self._loop.call_soon(ready.set)
        opening = self._loop.create_task(self._open())
        self._thread.start()
        asyncio.run_coroutine_threadsafe(_await(opening), self._loop).result(10)
        return self

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _open(self) -> None:
        self._server = await self._loop.create_server(
            lambda: _Protocol(self._connected), "127.0.0.1", self._port, ssl=self._tls, backlog=512
        )
        self._port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        assert self._server
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: asyncio.Event) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.connections += 1
        self._count(+1)
        try:
            await self._serve(reader, writer, left, self.connections)
        except (ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            self._tasks.discard(task)
            self._count(-1)
            with contextlib.suppress(ConnectionError, ssl.SSLError, RuntimeError):
                writer.close()

    def _count(self, change: int) -> None:
        with self._changed:
            self.open_connections += change
            self._changed.notify_all()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: asyncio.Event, number: int
    ) -> None:
        while (request := await read_request(reader, number)) is not None:
            request.at = time.monotonic()
            with self._changed:
                self.requests.append(request)
                self._changed.notify_all()
            number = sum(r.model == request.model for r in self.chats)
            wire = Wire(request, writer, number, voice=voice_for(request.path))
            gone = await self._answer(wire, left)
            with self._changed:
                request.ended = time.monotonic()
                self._changed.notify_all()
            if gone or not wire.keep:
                return

    async def _answer(self, wire: Wire, left: asyncio.Event) -> bool:
        """Play the script, but not beyond the client's leaving. True when the client has left."""
        playing = asyncio.ensure_future(self._play(wire))
        leaving = asyncio.ensure_future(left.wait())
        try:
            await asyncio.wait({playing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                playing.result()
            else:
                wire.request.cut = True
            return wire.request.cut
        finally:
            for task in (playing, leaving):
                task.cancel()
            await asyncio.gather(playing, leaving, return_exceptions=True)

    async def _play(self, wire: Wire) -> None:
        from tests.fake.scenarios import script_for

        script = self.scripts.get(wire.request.model) or script_for(wire.request)
        try:
            await script(wire)
            await wire.end()
        except GoneError:
            pass


async def _await(task: asyncio.Task[None]) -> None:
    await task


class _Protocol(asyncio.StreamReaderProtocol):
    """A stream that also says when the client has left, which a StreamReader tells only to who reads from it."""

    def __init__(
        self, serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter, asyncio.Event], Awaitable[None]]
    ) -> None:
        self.left = asyncio.Event()
        reader = asyncio.StreamReader(limit=64 * 1024 * 1024)
        super().__init__(reader, lambda reader, writer: serve(reader, writer, self.left))

    def eof_received(self) -> bool:
        self.left.set()
        return bool(super().eof_received())

    def connection_lost(self, exc: Exception | None) -> None:
        self.left.set()
        super().connection_lost(exc)
