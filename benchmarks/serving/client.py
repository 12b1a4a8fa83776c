"""A client that measures streams and costs as little as it can: it counts tokens in the bytes and parses nothing."""

import asyncio
import json
import time
from dataclasses import dataclass, field

from benchmarks.serving.upstream import TOKEN

_TOKEN = TOKEN.encode()


@dataclass
class Stream:
    """What one request brought."""

    began: float
    first: float | None = None
    """Seconds to the first token."""
    gaps: list[float] = field(default_factory=list[float])
    """Seconds between tokens; 0 where two came together."""
    tokens: int = 0
    status: bytes = b""
    done: bool = False


class Reader(asyncio.Protocol):
    """One connection with one request on it."""

    def __init__(self, request: bytes, reads: bool = True) -> None:
        self.request, self.reads = request, reads
        self.stream = Stream(time.perf_counter())
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.rest = b""
        self.last = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(self.request)
        if not self.reads:
            transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        now, stream = time.perf_counter(), self.stream
        stream.status = stream.status or data[9:12]
        data = self.rest + data
        cut = data.rfind(b"\n") + 1  # a line that is not whole yet is looked at once it is
        data, self.rest = data[:cut], data[cut:]
        came = data.count(_TOKEN)
        if came:
            if stream.first is None:
                stream.first = now - stream.began
            else:
                stream.gaps.append(now - self.last)
            stream.gaps.extend([0.0] * (came - 1))
            self.last = now
            stream.tokens += came
        if b"data: [DONE]" in data:
            stream.done = True
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        if not self.over.done():
            self.over.set_result(None)


def request(port: int, model: str, *, tokens: int = 1000) -> bytes:
    """The bytes of a request for a stream."""
    asked = {
        "model": model,
        "messages": [{"role": "user", "content": "Say something about tokens."}],
        "stream": True,
        "max_tokens": tokens,
    }
    body = json.dumps(asked).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer none\r\n"
    return f"{head}content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


async def connected(port: int, model: str, *, reads: bool = True) -> Reader:
    """A reader whose request is on its way."""
    loop, asking = asyncio.get_running_loop(), request(port, model)
    _, reader = await loop.create_connection(lambda: Reader(asking, reads), "127.0.0.1", port)
    return reader


async def streams(port: int, model: str, number: int, over: float) -> list[Stream]:
    """So many streams, begun one after the other over so many seconds, read to their ends."""

    async def one(at: int) -> Stream:
        await asyncio.sleep(over * at / number)
        began = time.perf_counter()
        reader = await connected(port, model)
        reader.stream.began = began
        await reader.over
        return reader.stream

    return list(await asyncio.gather(*(one(at) for at in range(number))))


async def get(port: int, path: str) -> bytes:
    """The body of a small answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
    body = await reader.readexactly(length)
    writer.close()
    return body
