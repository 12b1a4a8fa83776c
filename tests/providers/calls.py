"""Making calls in tests: the whole of what a call gave, and a gateway on which nothing takes long."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from chatmodes.events import Error, Usage
from chatmodes.messages import Message, Reasoning, ToolCall, user
from chatmodes.providers.calls import (
    Call,
    Finished,
    OpaqueChunk,
    ProviderError,
    ReasoningChunk,
    Retrying,
    Sent,
    TextChunk,
    TextWasReasoning,
    ToolCallChunk,
    Waiting,
)
from chatmodes.providers.gateway import Gateway, open_gateway
from chatmodes.settings import load
from tests.fake import Fake


@dataclass
class Told:
    """Everything a call told, in the order of kinds."""

    text: str = ""
    reasoning: str = ""
    calls: list[ToolCall] = field(default_factory=list[ToolCall])
    opaque: list[Reasoning] = field(default_factory=list[Reasoning])
    retries: list[Retrying] = field(default_factory=list[Retrying])
    waits: list[Waiting] = field(default_factory=list[Waiting])
    finished: Finished | None = None
    error: Error | None = None
    usage: Usage | None = None

    @property
    def outcome(self) -> str:
        """How it ended: the finish or the error's kind."""
        if self.finished:
            return self.finished.finish
        return self.error.kind if self.error else "nothing"


async def ask(
    gateway: Gateway,
    model: str,
    prompt: str | tuple[Message, ...] = "What is 2+2?",
    *,
    retry: bool = True,
    **fields: Any,
) -> Told:
    """Make a call to its end, or without `retry` to where it would be made again."""
    told = Told()
    messages = (user(prompt),) if isinstance(prompt, str) else prompt
    try:
        async with gateway.stream(Call(model=model, messages=messages, **fields)) as chunks:
            async for chunk in chunks:
                match chunk:
                    case TextChunk():
                        assert not told.finished, "text after the end"
                        told.text += chunk.text
                    case ReasoningChunk():
                        told.reasoning += chunk.text
                    case Retrying():
                        told.retries.append(chunk)
                        if not retry:
                            told.error = chunk.cause
                            return told
                    case Waiting():
                        told.waits.append(chunk)
                    case Finished():
                        assert not told.finished, "two ends"
                        told.finished = chunk
                    case Sent():
                        pass
                    case ToolCallChunk():
                        told.calls.append(chunk.call)
                    case OpaqueChunk():
                        told.opaque.append(chunk.reasoning)
                    case TextWasReasoning():
                        told.reasoning, told.text = told.text, ""
    except ProviderError as failure:
        told.error, told.usage = failure.error, failure.usage
    return told


@asynccontextmanager
async def endpoint(fake: Fake, **timeouts: float) -> AsyncGenerator[Gateway]:
    """The fake server as the endpoint of `--base-url`."""
    async with open_gateway(load({"timeouts": timeouts}), fake.url, "key-of-the-endpoint") as gateway:
        yield gateway


@asynccontextmanager
async def providers(fake: Fake, **settings: Any) -> AsyncGenerator[Gateway]:
    """A gateway on which each provider lives at the fake server, behaving like itself, with a key of its own."""
    async with open_gateway(load(settings)) as gateway:
        for name, profile in gateway.profiles.items():
            if name not in ("local", "endpoint"):
                changes = {"base_url": fake.like(name), "url_variable": ""}
                gateway.profiles[name] = msgspec.structs.replace(profile, **changes)
        yield gateway
