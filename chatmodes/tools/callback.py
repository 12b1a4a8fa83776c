"""The address on this machine that a browser comes back to after a sign-in, with the answer in its query.

Whatever runs on this machine, and any page in its browser, can call the address. So only what brings the secret that
the sign-in began with is an answer; anything else is refused, and ends nothing.
"""

import secrets
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl, urlsplit

import anyio
from anyio.abc import Listener, SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream

PATH = "/callback"
LONGEST = 32_000
"""Bytes of a request."""
PATIENCE = 10.0
"""Seconds that a request may take to arrive."""

_TAKEN = "The answer has reached chatmodes. This page can be closed; the terminal says how it went."
_REFUSED = "This is no answer to a sign-in that chatmodes waits for."


class Callback:
    """An open port of the loopback interface."""

    def __init__(self, listener: Listener[SocketStream]) -> None:
        self.port: int = listener.extra(SocketAttribute.local_port)  # noqa: S610 - a port, and no query
        self.address = f"http://127.0.0.1:{self.port}{PATH}"
        self._listener = listener
        self._answer: Mapping[str, str] = {}
        self._answered = anyio.Event()

    async def answer(self, state: str) -> Mapping[str, str]:
        """Wait for the request that brings this state, and return its query. It waits for as long as it is let."""

        async def handle(stream: SocketStream) -> None:
            async with stream:
                with anyio.move_on_after(PATIENCE):
                    await self._handle(stream, state)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._listener.serve, handle)
            await self._answered.wait()
            tasks.cancel_scope.cancel()
        return self._answer

    async def _handle(self, stream: SocketStream, state: str) -> None:
        try:
            head = await BufferedByteReceiveStream(stream).receive_until(b"\r\n\r\n", LONGEST)
            query = _query(head)
            taken = query is not None and secrets.compare_digest(query.get("state", "").encode(), state.encode())
            await stream.send(_page("200 OK", _TAKEN) if taken else _page("400 Bad Request", _REFUSED))
        except (anyio.BrokenResourceError, anyio.EndOfStream, anyio.IncompleteRead, anyio.DelimiterNotFound):
            return
        if query is not None and taken and not self._answered.is_set():
            self._answer = query
            self._answered.set()


@asynccontextmanager
async def listening() -> AsyncGenerator[Callback]:
    """A port that the system chooses, open to this machine alone."""
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        yield Callback(listener)


def _query(head: bytes) -> dict[str, str] | None:
    """The query of a GET of our path; None for any other request."""
    words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    if len(words) != 3 or words[0] != "GET":
        return None
    try:
        address = urlsplit(words[1])
        return dict(parse_qsl(address.query, max_num_fields=50)) if address.path == PATH else None
    except ValueError:
        return None


def _page(status: str, text: str) -> bytes:
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(text.encode())}\r\n"
        f"Cache-Control: no-store\r\nConnection: close\r\n\r\n{text}"
    ).encode()
