"""The server as a process: it listens, and when it is told to stop it ends what is under way before it ends itself."""

import logging
import signal
import socket
import threading
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import cast

import anyio
import uvicorn

from chatmodes.server.app import Service, application
from chatmodes.server.guard import Rules
from chatmodes.settings import ConfigError

GRACE = 5.0
"""Seconds in which answers may end by themselves once the server is told to stop."""
LAST_WORDS = 5.0
"""Seconds in which those that did not are told why they end."""
HURRIED = 1.0
"""The same after a second Ctrl+C."""
WAITING = 2048
"""Connections that may wait to be accepted."""
_AT_A_TIME = 16
"""Connections that are accepted before the streams under way have their turn again, and other workers theirs: the
first that looks would take all that wait, and the others have nothing to do."""
_LOOK = 0.1
"""Seconds between two looks whether there was one: a signal's handler can wake nobody."""


class _Server(uvicorn.Server):
    """Uvicorn's, that tells when it listens, and every stream when it stops."""

    def __init__(self, config: uvicorn.Config, service: Service, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._service, self._listening = service, listening
        self._hurried = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(WAITING)  # asyncio lets no more wait than it accepts at a time
        self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._end_answers)
            await super().shutdown(sockets)
            tasks.cancel_scope.cancel()

    async def _end_answers(self) -> None:
        await self._unhurried(GRACE)
        self._service.end("the server is stopping")
        await anyio.sleep(HURRIED)
        await self._unhurried(LAST_WORDS - HURRIED)
        # Whoever has not taken the last words does not read. As if it had left: its answer ends without an error.
        for connection in list(self.server_state.connections):
            connection.transport.abort()

    async def _unhurried(self, seconds: float) -> None:
        """So long, or until a second Ctrl+C."""
        with anyio.move_on_after(seconds):
            while not self._hurried:  # noqa: ASYNC110
                await anyio.sleep(_LOOK)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop; at a second Ctrl+C without waiting for answers. Uvicorn would leave them to be cut off then."""
        del frame
        self._hurried = self._hurried or (self.should_exit and sig == signal.SIGINT)
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """As uvicorn does, but no signal is raised again behind it: a server that stopped when it was told to has done
        what was asked, and its exit code says so."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


async def serve(
    service: Service, rules: Rules, listener: socket.socket, *, listening: Callable[["uvicorn.Server"], None]
) -> None:
    """Answer at `listener` until told to stop, by a signal or by `should_exit` of what `listening` is given.

    Raises `ConfigError` for settings with which there are no models.
    """
    config = uvicorn.Config(
        application(service, rules), log_level="warning", access_log=False, server_header=False, lifespan="off",
        timeout_graceful_shutdown=int(2 * (GRACE + LAST_WORDS)), ws="none",
        backlog=_AT_A_TIME,
    )  # fmt: skip
    for name in ("uvicorn.error", "asyncio"):
        logging.getLogger(name).addFilter(_fit_to_log)
    server = _Server(config, service, lambda: listening(server))
    async with service.open():
        await server.serve([listener])


def _fit_to_log(record: logging.LogRecord) -> bool:
    """Keep what was said out of the log: the words of an exception may repeat a request or an answer, and where it came
    about is enough to find it. Uvicorn's advice to install a library for WebSockets, which nothing here would use, is
    left out."""
    if record.exc_info and record.exc_info[1]:
        record.exc_text, record.exc_info = "\n".join(_places(record.exc_info[1])), None
    return "WebSocket library" not in record.getMessage()


def _places(error: BaseException) -> Iterator[str]:
    """Where an exception and those behind it came about, the first one first."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _places(before)
    yield "".join((*traceback.format_tb(error.__traceback__), type(error).__name__))
    if isinstance(error, BaseExceptionGroup):
        for inner in cast("BaseExceptionGroup[BaseException]", error).exceptions:
            yield from _places(inner)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. Raises `ConfigError` where that is impossible."""
    if not host:
        raise ConfigError("--host is empty.", "Name an address, or leave it out for this machine alone.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=WAITING)
    except (OSError, OverflowError) as error:
        why = str(getattr(error, "strerror", None) or error).rstrip(".")
        raise ConfigError(
            f"Nothing can listen at {host}, port {port}: {why}.", "Choose others: --host, --port."
        ) from error
