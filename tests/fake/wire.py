"""HTTP/1.1 as far as a fault server needs it: small enough that every byte on the wire can be put there on purpose.

A library would mend just what the tests want broken: the missing last chunk, the reset in mid-stream, the response
that says one thing in its header and another in its body.
"""

import asyncio
import contextlib
import json
import socket
import struct
from dataclasses import dataclass, field
from typing import Any

from tests.fake.reading import messages_in, text_in
from tests.fake.voices import ChatVoice, Voice


@dataclass
class Recorded:
    """One request as it arrived."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes
    connection: int
    json: dict[str, Any] | None = None
    """The body decoded; None where it is no JSON object."""
    at: float = 0.0
    """On the server's clock, seconds."""
    ended: float | None = None
    """When the response was complete or the connection lost; None while it is under way."""
    cut: bool = False
    """The client closed the connection before the response was complete."""

    @property
    def fields(self) -> dict[str, Any]:
        return self.json or {}

    @property
    def model(self) -> str:
        return str(self.fields.get("model", ""))

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation, in whatever dialect it came, as chat completions have it."""
        return messages_in(self.fields)

    @property
    def question(self) -> str:
        """The text of the last user message."""
        for message in reversed(self.messages):
            if message.get("role") == "user":
                return text_in(message.get("content"))
        return ""


class GoneError(Exception):
    """The connection has ended, by the script or by the client."""


@dataclass
class Wire:
    """What a script holds: the request, and ways to put bytes on the connection."""

    request: Recorded
    writer: asyncio.StreamWriter
    number: int = 1
    """This is the number of requests for this model so far, this one included."""
    started: bool = False
    chunked: bool = False
    ended: bool = False
    keep: bool = True
    """The connection may serve another request."""
    sent: list[bytes] = field(default_factory=list[bytes])
    voice: Voice = field(default_factory=ChatVoice)
    """How what is written in chunks of chat completions is said."""

    async def head(
        self, status: int = 200, headers: dict[str, str] | None = None, *, length: int | None = None
    ) -> None:
        """Send the status line and the headers; without `length` the body is chunked."""
        fields = {"content-type": "application/json", **{k.lower(): v for k, v in (headers or {}).items()}}
        if length is None:
            fields["transfer-encoding"] = "chunked"
            self.chunked = True
        else:
            fields["content-length"] = str(length)
        lines = [f"HTTP/1.1 {status} Fake", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        self.started = True
        await self._put("\r\n".join(lines).encode("latin-1"))

    async def raw(self, data: bytes) -> None:
        """Bytes of the body."""
        if not self.started:
            await self.head(headers={"content-type": "text/event-stream"})
        self.sent.append(data)
        await self._put(b"%x\r\n%s\r\n" % (len(data), data) if self.chunked else data)

    async def event(self, data: Any, name: str | None = None) -> None:
        """One server-sent event, in the dialect of the request; what is no string is sent as JSON."""
        for named, value in self.voice.event(data, name):
            await self._event(value, named)

    async def _event(self, data: Any, name: str | None) -> None:
        text = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
        prefix = f"event: {name}\n" if name else ""
        await self.raw(f"{prefix}data: {text}\n\n".encode())

    async def reply(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        """A whole response; what is neither text nor bytes is sent as JSON, a completion in the request's dialect."""
        body = self.voice.whole(body) if status == 200 else body
        data = (
            body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        )
        await self.head(status, headers, length=len(data))
        await self._put(data)
        self.ended = True

    async def end(self) -> None:
        """Complete the body properly."""
        if not self.ended:
            for name, data in self.voice.end():
                await self._event(data, name)
            if not self.started:
                await self.head(headers={"content-type": "text/event-stream"})
            if self.chunked:
                await self._put(b"0\r\n\r\n")
            self.ended = True

    async def close(self) -> None:
        """End the connection in an orderly way, whatever of the body is missing."""
        self.ended, self.keep = True, False
        raise GoneError

    async def reset(self) -> None:
        """Break the connection the way a crash does: the client sees ECONNRESET."""
        await self.writer.drain()
        sock = self.writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()
        self.ended, self.keep = True, False
        raise GoneError

    async def hang(self) -> None:
        """Say nothing more until the client goes away."""
        await asyncio.Event().wait()

    async def _put(self, data: bytes) -> None:
        try:
            if not self.writer.transport.is_closing():
                self.writer.write(data)
                await self.writer.drain()
                return
        except ConnectionError:
            pass
        self.request.cut = True
        raise GoneError


async def read_request(reader: asyncio.StreamReader, connection: int) -> Recorded | None:
    """The next request of a connection; None at its end."""
    try:
        first_byte = await reader.readexactly(1)
        if not first_byte.isalpha():
            return None  # a TLS handshake, most likely
        head = (first_byte + await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    recorded = Recorded(method, path, headers, body, connection)
    with contextlib.suppress(ValueError):
        decoded: Any = json.loads(body)
        recorded.json = decoded if isinstance(decoded, dict) else None
    return recorded
