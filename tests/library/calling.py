"""A model that calls tools, for the loopback server."""

import json
from collections.abc import Awaitable, Callable

from tests.fake import Wire
from tests.fake.chunks import chunk
from tests.fake.reading import text_in


def script(calls: str, arguments: dict[str, object]) -> Callable[[Wire], Awaitable[None]]:
    """A model that calls a tool once, and then says what it brought."""

    async def play(wire: Wire) -> None:
        brought = [message for message in wire.request.messages if message["role"] == "tool"]
        if brought:
            await wire.event(chunk({"content": f"It says: {text_in(brought[-1]['content'])}"}, finish="stop"))
            return
        call = {"name": calls, "arguments": json.dumps(arguments)}
        await wire.event(chunk({"tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": call}]}))
        await wire.event(chunk({}, finish="tool_calls"))

    return play
