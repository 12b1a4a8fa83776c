"""What a model's name selects: `echo`, `slow:ttft=0.5,tps=50`, `fault:reset-mid-stream`, `sim:accuracy=0.7` …

A name is KIND, or KIND:VALUE, or KIND:OPTION=VALUE,… so that a person can pick any behaviour from a command line.
Options that every kind takes: `ttft` (seconds to the first chunk), `tps` (chunks a second), `size` (characters a
chunk; words otherwise), `finish`, `usage=no`, `repeat` (the answer so many times over).
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fake.chunks import chunk, pieces, prose, tokens_of, usage
from tests.fake.voices import ChatVoice, MessagesVoice
from tests.fake.wire import Recorded, Wire


@dataclass
class Name:
    """A model's name taken apart."""

    kind: str
    value: str = ""
    options: dict[str, str] = field(default_factory=dict[str, str])

    def number(self, option: str, default: float) -> float:
        return float(self.options.get(option, default))


def parse(model: str) -> Name:
    """KIND[:VALUE][,OPTION=VALUE]…; a comma inside VALUE is kept unless an option follows it."""
    kind, _, rest = model.partition(":")
    name = Name(kind)
    values: list[str] = []
    for part in rest.split(",") if rest else []:
        option, equals, value = part.partition("=")
        if equals and option.strip().isidentifier():
            name.options[option.strip()] = value
        else:
            values.append(part)
    name.value = ",".join(values)
    return name


def script_for(request: Recorded) -> Callable[[Wire], Awaitable[None]]:
    """What to do with a request: by its path, then by its model's name."""
    from tests.fake import caching, dialects, faults, simulated

    path = request.path.split("?")[0].strip("/").split("/")
    if request.method == "GET" and path[-1] == "models":
        return lambda wire: dialects.models(wire, path[0])
    if request.method == "GET" and path[-1] in ("health", "props"):
        return lambda wire: wire.reply(200, {"status": "ok"})
    if path[-2:] != ["chat", "completions"] and path[-1] not in ("responses", "messages"):
        return lambda wire: wire.reply(404, {"error": {"message": f"Invalid URL ({request.path})"}})
    if request.json is None:
        return lambda wire: wire.reply(400, {"error": {"message": "The body is not JSON.", "type": "invalid_request"}})
    name = parse(request.model)
    if path[0] in dialects.DIALECTS and name.kind not in ("fault", "hang", "cached"):
        return lambda wire: dialects.answer(wire, path[0], name)
    if name.kind == "fault":
        return lambda wire: faults.play(wire, name)
    if name.kind == "cached":
        return lambda wire: caching.answer(wire, name)
    if name.kind == "sim":
        return lambda wire: simulated.answer(wire, name)
    scenario = SCENARIOS.get(name.kind)
    if scenario is None:
        return lambda wire: wire.reply(
            404, {"error": {"message": f"The model `{request.model}` does not exist", "code": "model_not_found"}}
        )
    return lambda wire: scenario(wire, name)


async def stream(wire: Wire, name: Name, text: str, *, reasoning: str = "", field: str = "reasoning_content") -> None:
    """A proper answer, paced as the name says. `field` is where the reasoning goes; `tags` puts it into the text."""
    if wire.request.fields.get("stream") is not True:
        await whole(wire, text)
        return
    pace = Pace(name)
    text *= int(name.number("repeat", 1))
    await pace.first()
    if name.options.get("role", "yes") == "yes":
        await wire.event(chunk({"role": "assistant", "content": ""}))
    if field == "tags" and reasoning:
        text, reasoning = f"<think>\n{reasoning}\n</think>\n\n{text}", ""
    for piece in cut(reasoning, name):
        await wire.event(chunk(reasoning_delta(field, piece)))
        await pace.next()
    for piece in cut(text, name):
        await wire.event(chunk({"content": piece}))
        await pace.next()
    await finish(wire, name, tokens_of(text) + tokens_of(reasoning), tokens_of(reasoning))


def reasoning_delta(field: str, piece: str) -> dict[str, object]:
    if field == "list":
        return {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": piece}]}]}
    if field == "both":
        return {"reasoning": piece, "reasoning_content": piece}
    return {field: piece}


async def finish(wire: Wire, name: Name, completion: int, reasoning: int = 0) -> None:
    """The last chunks: the reason, the usage where it was asked for, [DONE]."""
    await wire.event(chunk({}, finish=name.options.get("finish", "stop")))
    options: dict[str, Any] = wire.request.fields.get("stream_options") or {}
    counts = options.get("include_usage") or not isinstance(wire.voice, ChatVoice)
    if counts and name.options.get("usage") != "no":
        counted = usage(sum(tokens_of(str(m.get("content"))) for m in wire.request.messages), completion, reasoning)
        if isinstance(wire.voice, MessagesVoice) and wire.voice.usage:
            counted["prompt_tokens"] = wire.voice.usage["prompt_tokens"]  # what the script counted itself
        await wire.event({**chunk(), "choices": [], "usage": counted})
    await wire.event("[DONE]")


async def whole(wire: Wire, text: str) -> None:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = {"id": "chatcmpl-fake", "object": "chat.completion", "model": "fake", "choices": [choice]}
    await wire.reply(200, {**body, "usage": usage(10, tokens_of(text))})


def cut(text: str, name: Name) -> list[str]:
    size = int(name.number("size", 0))
    return [text[i : i + size] for i in range(0, len(text), size)] if size else pieces(text)


class Pace:
    """Chunks at a steady rate against the clock, so that a slow moment does not slow the whole stream."""

    def __init__(self, name: Name) -> None:
        self._ttft, self._tps = name.number("ttft", 0), name.number("tps", 0)
        self._due = time.monotonic()

    async def first(self) -> None:
        await self._wait(self._ttft)

    async def next(self) -> None:
        if self._tps:
            await self._wait(1 / self._tps)

    async def _wait(self, seconds: float) -> None:
        self._due += seconds
        delay = self._due - time.monotonic()
        if delay > 0:
            await asyncio.sleep(delay)


async def echo(wire: Wire, name: Name) -> None:
    await stream(wire, name, wire.request.question or "(nothing was said)")


async def say(wire: Wire, name: Name) -> None:
    await stream(wire, name, name.value or "Hello.")


async def slow(wire: Wire, name: Name) -> None:
    name.options = {"ttft": "1", "tps": "20", **name.options}
    await lorem(wire, name)


async def lorem(wire: Wire, name: Name) -> None:
    await stream(wire, name, prose(int(name.number("tokens", 200)), int(name.number("seed", 0))))


async def think(wire: Wire, name: Name) -> None:
    """Reasoning, then an answer: VALUE is the answer, `thought` the reasoning, `field` where it goes."""
    thought = name.options.get("thought", "Let me see. Two and two are four, and I checked it by counting.")
    field = name.options.get("field", "reasoning_content")
    await stream(wire, name, name.value or "The answer is 4.", reasoning=thought, field=field)


async def hang(wire: Wire, name: Name) -> None:
    """Never a byte of the body; with a VALUE that text first, then nothing more."""
    if name.value:
        await wire.event(chunk({"role": "assistant", "content": name.value}))
    await wire.hang()


async def endless(wire: Wire, name: Name) -> None:
    """A stream that never ends, at `tps` chunks a second (50)."""
    name.options.setdefault("tps", "50")
    pace = Pace(name)
    while True:
        await wire.event(chunk({"content": "and on "}))
        await pace.next()


async def calls(wire: Wire, name: Name) -> None:
    """Calls the tool that VALUE names, one call a turn and `times` turns, then answers. The call's one argument is
    `argument`, and `with` is what stands there, behind it the number of the call."""
    before = str(wire.request.messages).count("'tool_call_id'")
    if before >= name.number("times", 1):
        await stream(wire, name, f"Called {before} times.")
        return
    said = f"{name.options.get('with', 'call')}{before + 1}"
    called = {"name": name.value, "arguments": json.dumps({name.options.get("argument", "what"): said})}
    call = {"index": 0, "id": f"call_{before + 1}", "type": "function", "function": called}
    await wire.event(chunk({"role": "assistant", "content": None, "tool_calls": [call]}))
    name.options["finish"] = "tool_calls"
    await finish(wire, name, 10)


SCENARIOS: dict[str, Callable[[Wire, Name], Awaitable[None]]] = {
    "echo": echo,
    "say": say,
    "slow": slow,
    "lorem": lorem,
    "think": think,
    "hang": hang,
    "endless": endless,
    "calls": calls,
}
