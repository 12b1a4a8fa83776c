"""Models that say what a test tells them, when it tells them: the far side of the one seam, without a network."""

from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import anyio.lowlevel

from chatmodes.events import Error, Usage
from chatmodes.providers.calls import (
    Call,
    Chunk,
    Finished,
    ModelInfo,
    ProviderError,
    ReasoningChunk,
    Retrying,
    TextChunk,
    Waiting,
)

USAGE = Usage(12, 34, 0, 0)


@dataclass
class Line:
    """A stream that the test holds in its hand: say something, then end it."""

    call: Call
    _send: Callable[[Chunk | ProviderError], Awaitable[None]]

    async def say(self, text: str) -> None:
        await self._send(TextChunk(text))

    async def reason(self, text: str) -> None:
        await self._send(ReasoningChunk(text))

    async def wait_for(self, cause: str) -> None:
        await self._send(Waiting(cause))

    async def retry(self, wait: float, message: str, attempt: int = 2) -> None:
        await self._send(Retrying(attempt, wait, Error("rate_limit", message, "Wait.", 429)))

    async def end(self, finish: str = "stop", cost: float | None = 0.0012) -> None:
        await self._send(Finished(finish, USAGE, cost))  # pyright: ignore[reportArgumentType]

    async def fail(self, error: Error) -> None:
        await self._send(ProviderError(error))


@dataclass
class Scripted:
    """`replies[model]` answer by themselves; a model without replies opens a `Line` that the test speaks on."""

    replies: dict[str, list[list[Chunk | ProviderError]]] = field(
        default_factory=dict[str, list[list[Chunk | ProviderError]]]
    )
    infos: dict[str, ModelInfo] = field(default_factory=dict[str, ModelInfo])
    prices: dict[str, ModelInfo] = field(default_factory=dict[str, ModelInfo])
    """What is known of models once the price list is loaded."""
    calls: list[Call] = field(default_factory=list[Call])

    def __post_init__(self) -> None:
        self._lines_in, self._lines_out = anyio.create_memory_object_stream[Line](100)
        self._answered: dict[str, int] = defaultdict(int)

    async def line(self) -> Line:
        """The next call that nobody has answered."""
        with anyio.fail_after(60):
            return await self._lines_out.receive()

    async def prepare(self, models: Iterable[str]) -> None:
        """Nothing to find out."""

    def describe(self, model: str) -> ModelInfo:
        return self.infos.get(model) or ModelInfo(model=model)

    async def warm_prices(self) -> None:
        self.infos.update(self.prices)

    @asynccontextmanager
    async def stream(self, call: Call) -> AsyncGenerator[AsyncIterator[Chunk]]:
        self.calls.append(call)
        replies = self.replies.get(call.model)
        if replies is not None:
            turn = min(self._answered[call.model], len(replies) - 1)
            self._answered[call.model] += 1
            yield _recited(replies[turn])
            return
        send, receive = anyio.create_memory_object_stream[Chunk | ProviderError](1000)
        await self._lines_in.send(Line(call, send.send))
        with send, receive:
            yield _spoken(receive)


async def _recited(chunks: list[Chunk | ProviderError]) -> AsyncIterator[Chunk]:
    for chunk in chunks:
        await anyio.lowlevel.checkpoint()
        if isinstance(chunk, ProviderError):
            raise chunk
        yield chunk


async def _spoken(chunks: AsyncIterator[Chunk | ProviderError]) -> AsyncIterator[Chunk]:
    async for chunk in chunks:
        if isinstance(chunk, ProviderError):
            raise chunk
        yield chunk
        if isinstance(chunk, Finished):
            return


def says(*texts: str, reasoning: str = "", cost: float | None = 0.0012) -> list[Chunk | ProviderError]:
    """A whole reply."""
    thoughts: list[Chunk | ProviderError] = [ReasoningChunk(reasoning)] if reasoning else []
    return [*thoughts, *(TextChunk(text) for text in texts), Finished("stop", USAGE, cost)]
