"""What a server may make the program hold: bounds in bytes and requests, whatever arrives, in every dialect."""

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import anyio
import pytest

from chatmodes.messages import user
from chatmodes.providers import bounds
from chatmodes.providers.calls import Call, TextChunk
from chatmodes.providers.deltas import DeltaParser
from chatmodes.providers.dialects import dialect
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.sse import EventDecoder, TooLongError
from tests.fake import Fake, Wire
from tests.fake.chunks import chunk
from tests.providers.calls import ask, endpoint, providers

pytestmark = pytest.mark.anyio
MIB = bounds.MIB
SOCKETS = 8 * MIB
"""What lies in the sockets' buffers on both sides, and was sent without being read."""
SPEAKERS = ["endpoint/endless", "openai/endless", "anthropic/endless"]
"""A model of each dialect."""


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, "a-key")


def endless(fake: Fake, status: int, begin: bytes, more: bytes, encoding: str = "") -> Callable[[], int]:
    """A script that sends without end; returns what counts the bytes that were sent."""
    sent = [0]

    async def script(wire: Wire) -> None:
        headers = {"content-type": "text/event-stream", **({"content-encoding": encoding} if encoding else {})}
        await wire.head(status, headers)
        pack = zlib.compressobj(wbits=31) if encoding else None
        data = begin
        while True:
            packed = pack.compress(data) + pack.flush(zlib.Z_SYNC_FLUSH) if pack else data
            await wire.raw(packed)
            sent[0] += len(packed)
            data = more

    fake.scripts["endless"] = script
    return lambda: sent[0]


@pytest.mark.parametrize("model", SPEAKERS)
@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_of_an_error_without_end_a_sentence_is_read(fake: Fake, model: str, encoding: str) -> None:
    sent = endless(fake, 400, b'{"error": {"message": "', b"x" * 65536, encoding)
    async with providers(fake) as gateway:
        gateway.profiles["endpoint"] = Profile(id="endpoint", name="E", base_url=fake.url, key_needed=False)
        told = await ask(gateway, model)
    assert told.outcome == "bad_request"
    assert len(fake.chats) == 1
    assert sent() < bounds.ERROR + SOCKETS
    fake.wait_until(lambda: fake.open_connections == 0)


async def test_a_bomb_as_an_error_stays_packed(fake: Fake) -> None:
    bomb = gzip.compress(b'{"error": {"message": "' + b"A" * 100 * MIB, 1)

    async def script(wire: Wire) -> None:
        await wire.reply(500, bomb, {"content-encoding": "gzip"})

    fake.scripts["bomb"] = script
    async with endpoint(fake) as gateway:
        told = await ask(gateway, "endpoint/bomb", retry=False)
    assert told.outcome == "server"
    assert told.error
    assert len(told.error.message) < 1000


@pytest.mark.parametrize("model", SPEAKERS)
async def test_an_error_that_never_ends_its_body_is_told(
    fake: Fake, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatmodes.providers.http.PATIENCE", 0.2)

    async def script(wire: Wire) -> None:
        await wire.head(400)
        await wire.raw(b"It is too much")
        await wire.hang()

    fake.scripts["endless"] = script
    async with providers(fake) as gateway:
        gateway.profiles["endpoint"] = Profile(id="endpoint", name="E", base_url=fake.url, key_needed=False)
        told = await ask(gateway, model)
    assert told.outcome == "bad_request"
    assert told.error
    assert "It is too much" in told.error.message
    fake.wait_until(lambda: fake.open_connections == 0)


def said(text: str) -> bytes:
    return f"data: {json.dumps(chunk({'content': text}))}\n\n".encode()


STREAMS: dict[str, tuple[bytes, bytes]] = {
    "an endless answer": (said("Hello"), said("on and on " * 4000)),
    "an event of endless lines": (said("Hello"), b"data: x\n" * 8192),
    "an event of empty lines": (said("Hello"), b"data:\n" * 8192),
    "a line without end": (said("Hello") + b"data: ", b"x" * 65536),
    "comments without end": (said("Hello"), b": keep-alive\n\n" * 4096),
    "pings without end": (said("Hello"), b"data: ping\n\n" * 4096),
    "events that say nothing": (said("Hello"), b'data: {"choices":[{"delta":{}}]}\n\n' * 2048),
    "a whole answer without end": (b'{"choices": [{"message": {"content": "', b"x" * 65536),
    "white space without end": (b"\n", b" \n" * 32768),
}

PACKED = ("an endless answer", "an event of endless lines", "a whole answer without end")


@pytest.mark.parametrize(
    ("kind", "encoding"), [*((kind, "") for kind in STREAMS), *((kind, "gzip") for kind in PACKED)]
)
async def test_a_stream_without_end_ends_with_a_sentence(fake: Fake, kind: str, encoding: str) -> None:
    begin, more = STREAMS[kind]
    sent = endless(fake, 200, begin, more, encoding)
    async with endpoint(fake) as gateway:
        told = await ask(gateway, "endpoint/endless", max_tokens=1000)
    assert told.outcome == "bad_response"
    assert told.error
    assert told.error.message.endswith(".")
    assert told.text.startswith("Hello") == begin.startswith(b"data")
    assert len(told.text) < bounds.longest(1000) + 2 * MIB
    assert len(fake.chats) == 1
    if not encoding:
        assert sent() < bounds.WASTE + bounds.longest(1000) + SOCKETS
    fake.wait_until(lambda: fake.open_connections == 0)


@pytest.mark.parametrize("spoken", ["responses", "messages"])
def test_other_dialects_are_bounded_alike(spoken: Any) -> None:
    deltas: dict[str, dict[str, Any]] = {
        "responses": {"type": "response.function_call_arguments.delta", "output_index": 0, "delta": "x" * 65536},
        "messages": {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": "x" * 65536},
        },
    }
    parser = DeltaParser(dialect(spoken), Profile(id="p", name="P"), "m", max_tokens=10)
    event, read = f"data: {json.dumps(deltas[spoken])}\n\n".encode(), 0
    while not parser.failure:
        parser.decode(event)
        read += len(event)
        assert read < bounds.WASTE
    assert "answer of more than" in parser.failure.error.message


def test_a_line_without_end_is_looked_at_once() -> None:
    """The pieces of a line are joined when it ends, and not with each of them."""
    decoder = EventDecoder()
    decoder.decode(b"data: x\n\ndata: ")
    for _ in range((bounds.EVENT - len("data: ")) // 1024):
        assert decoder.decode(b"y" * 1024) == []
    with pytest.raises(TooLongError):
        decoder.decode(b"y" * 1024)


@pytest.mark.parametrize("more", [said("on "), b": keep-alive\n\n" * 4096, b"data: ping\n\n" * 4096])
async def test_a_cancel_closes_the_socket_whatever_arrives(fake: Fake, more: bytes) -> None:
    endless(fake, 200, said("Hello"), more)
    async with endpoint(fake) as gateway:
        with anyio.fail_after(30):
            async with gateway.stream(Call(model="endpoint/endless", messages=(user("Hi"),))) as chunks:
                async for piece in chunks:
                    if isinstance(piece, TextChunk):
                        break
        await anyio.to_thread.run_sync(fake.wait_until, lambda: fake.open_connections == 0)
    assert fake.chats[0].cut


ODD: dict[str, bytes] = {
    "NaN": b'data: {"choices":[{"delta":{"content":"Hello"}}],"usage":{"prompt_tokens":NaN}}\n\n',
    "infinity": b'data: {"choices":[{"delta":{"content":"Hello"}}],"x":-Infinity}\n\n',
    "long integer": b'data: {"choices":[{"delta":{"content":"Hello"}}],"created":' + b"1" * 5000 + b"}\n\n",
    "long usage": b'data: {"usage":{"prompt_tokens":'
    + b"9" * 5000
    + b'},"choices":[{"delta":{"content":"Hello"}}]}\n\n',
    "huge exponent": b'data: {"choices":[{"delta":{"content":"Hello"}}],"created":1e999999}\n\n',
    "raw control": b'data: {"choices":[{"delta":{"content":"Hello"}}],"x":"a\tb\x01"}\n\n',
    "cost of NaN": b'data: {"choices":[{"delta":{"content":"Hello"}}],"usage":{"cost":NaN}}\n\n',
    "probability of NaN": b'data: {"choices":[{"delta":{"content":"Hello"},"logprobs":{"content":'
    b'[{"logprob":NaN}]}}]}\n\n',
}


@pytest.mark.parametrize("kind", ODD)
async def test_numbers_that_are_none_cost_nothing(fake: Fake, kind: str) -> None:
    async def script(wire: Wire) -> None:
        await wire.raw(ODD[kind])
        await wire.event(chunk({}, finish="stop"))
        await wire.event("[DONE]")

    fake.scripts["odd"] = script
    async with endpoint(fake) as gateway:
        told = await ask(gateway, "endpoint/odd")
    assert (told.outcome, told.text) == ("stop", "Hello")
    assert told.finished
    assert told.finished.usage.input_tokens is None
    assert told.finished.cost is None
