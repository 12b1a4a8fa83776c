"""An upstream of chat completions that does nothing but keep time: `python upstream.py TTFT RATE TOKENS`.

The tests' fake plays scenarios and would be the slowest part of a measurement. This one has its bytes ready. It prints
its port, and ends with its standard input. Who asks for no stream is answered whole when the stream would have ended.
`GET /open` tells how many connections it has besides that one. A model whose name ends in a word of `FAULTS` fails so.
"""

import asyncio
import sys

TOKEN = "tok "
"""The text of every chunk, which a client can count."""
_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_CHUNK = (
    '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"timed",'
    '"choices":[{"index":0,"delta":%s,"finish_reason":%s}]}'
)


def _framed(data: str) -> bytes:
    event = f"data: {data}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(event), event)


_ROLE = _framed(_CHUNK % ('{"role":"assistant","content":""}', "null"))
_TEXT = _framed(_CHUNK % (f'{{"content":"{TOKEN}"}}', "null"))
_USAGE = '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"timed","choices":[],"usage":%s}'
_COUNTS = '{"prompt_tokens":9,"completion_tokens":9,"total_tokens":18}'
_WHOLE = (
    '{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"timed","choices":[{"index":0,'
    '"message":{"role":"assistant","content":"%s"},"finish_reason":"stop"}],"usage":%s}'
)
FAULTS = {
    b":refuses": b"HTTP/1.1 401 No\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
    b":page": b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<html></html>",
    b":garbage": _HEAD + _framed("{\xff\x00") + b"zz\r\n\xff\xfe",
    b":breaks": _HEAD + _ROLE + _TEXT,
    b":hangs": b"",
}
"""What is sent in place of an answer, before the connection is cut; one that hangs is not."""
_END = _framed(_CHUNK % ("{}", '"stop"')) + _framed(_USAGE % _COUNTS) + _framed("[DONE]") + b"0\r\n\r\n"


class Upstream(asyncio.Protocol):
    """One connection, which may ask again and again."""

    connections: set["Upstream"] = set()  # noqa: RUF012 - of all of them, on purpose

    def __init__(self, ttft: float, rate: float, tokens: int) -> None:
        self.ttft, self.rate, self.tokens = ttft, rate, tokens
        self.buffer = b""
        self.due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self.connections.discard(self)
        if self.due:
            self.due.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        if not found or len(body) < length:
            return
        self.buffer = body[length:]
        if head.startswith(b"GET"):
            told = b"%d" % (len(self.connections) - 1)
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(told), told))
            return
        fault = next((fault for fault in FAULTS if fault + b'"' in body), None)
        if fault is not None:
            self.transport.write(FAULTS[fault])
            if fault != b":hangs":
                self.transport.close()
            return
        loop = asyncio.get_running_loop()
        if b'"stream":true' not in body.replace(b" ", b""):
            took = self.ttft + ((self.tokens - 1) / self.rate if self.rate else 0)
            self.due = loop.call_later(took, self.say_whole)
            return
        self.transport.write(_HEAD + _ROLE)
        self.due = loop.call_later(self.ttft, self.say, self.tokens, loop.time() + self.ttft)

    def say(self, left: int, due: float) -> None:
        """One token, and the next on time, however late this one was. Without a rate all come at once."""
        if not self.rate:
            self.transport.write(_TEXT * left + _END)
            return
        self.transport.write(_TEXT)
        loop, due = asyncio.get_running_loop(), due + 1 / self.rate
        if left > 1:
            self.due = loop.call_at(due, self.say, left - 1, due)
        else:
            self.transport.write(_END)

    def say_whole(self) -> None:
        """All tokens in one answer that is no stream."""
        answer = (_WHOLE % (TOKEN * self.tokens, _COUNTS)).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(answer)}\r\n\r\n"
        self.transport.write(head.encode() + answer)


async def main() -> None:
    """Serve until standard input ends."""
    ttft, rate, tokens = float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Upstream(ttft, rate, tokens), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
