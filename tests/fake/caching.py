"""A server that keeps the marked beginnings of prompts, as Anthropic does: from the first byte of the first answer on.

`cached:ttft=0.5,tps=50`: what was read and written is in the usage, by the length of the JSON before the last mark.
"""

import json
from typing import Any

from tests.fake.chunks import chunk, pieces, prose
from tests.fake.scenarios import Name, Pace, finish
from tests.fake.voices import MessagesVoice
from tests.fake.wire import Wire

PER_TOKEN = 4
"""Characters of JSON that a token takes here."""
_kept: set[str] = set()


def reset() -> None:
    """Forget what was kept."""
    _kept.clear()


async def answer(wire: Wire, name: Name) -> None:
    """Options: those of every scenario's pace, and `tokens` of the answer (20)."""
    assert isinstance(wire.voice, MessagesVoice)
    marks = beginnings(wire.request.fields)
    known = max((mark for mark in marks if mark in _kept), key=len, default="")
    longest = max(marks, key=len, default="")
    read, written = len(known) // PER_TOKEN, (len(longest) - len(known)) // PER_TOKEN
    wire.voice.cache = (read, written)
    plain = len(json.dumps(wire.request.fields)) // PER_TOKEN
    wire.voice.usage = {"prompt_tokens": max(plain, read + written), "completion_tokens": 0}
    pace = Pace(name)
    await pace.first()
    await wire.event(chunk({"content": "So: "}))
    _kept.update(marks)
    for piece in pieces(prose(int(name.number("tokens", 20)))):
        await pace.next()
        await wire.event(chunk({"content": piece}))
    await finish(wire, name, 0)


def beginnings(body: dict[str, Any]) -> list[str]:
    """What stands before each mark, the mark aside."""
    blocks = [*body.get("tools", []), *body.get("system", [])]
    blocks += [block for message in body["messages"] for block in message["content"]]
    found: list[str] = []
    before = ""
    for block in blocks:
        before += json.dumps({name: value for name, value in block.items() if name != "cache_control"})
        if "cache_control" in block:
            found.append(before)
    return found
