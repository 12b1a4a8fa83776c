"""Whoever sends a very large request holds up everybody else while it is read: the work grows with its size, and not
with the square of it, which took minutes for what is read in a second here."""

from typing import Any

import pytest

from chatmodes.messages import ToolResult
from chatmodes.server import chat_request, responses_request
from chatmodes.server.errors import RequestError
from chatmodes.settings import Settings

MANY = 30_000


def tool(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}


def chat(**fields: Any) -> Any:
    body = {"model": "instant", "messages": [{"role": "user", "content": "hi"}], **fields}
    return chat_request.parse(body, Settings())


def test_many_tools_and_a_choice_among_them() -> None:
    """Names are compared with all others."""
    names = [f"f{at}" for at in range(MANY)]
    tools = [tool(name) for name in names]
    allowed = {"mode": "auto", "tools": [{"type": "function", "function": {"name": name}} for name in names]}
    asked = chat(tools=tools, tool_choice={"type": "allowed_tools", "allowed_tools": allowed})
    assert [spec.name for spec in asked.extras.tools] == names
    with pytest.raises(RequestError, match="two tools called 'f7'"):
        chat(tools=[*tools, tool("f7")])


def test_many_calls_with_their_results() -> None:
    """They are all parts of one answer, as a model that works for long leaves them."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": "hi"}]
    for at in range(MANY):
        call = {"id": f"c{at}", "type": "function", "function": {"name": "look", "arguments": "{}"}}
        messages += [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": f"c{at}", "content": str(at)},
        ]
    _, answer = chat(messages=messages).path
    results = [part for part in answer.parts if isinstance(part, ToolResult)]
    assert len(answer.parts) == 2 * MANY
    assert [result.call for result in results] == [f"c{at}" for at in range(MANY)]


def test_many_calls_in_the_items_of_responses() -> None:
    """There each call is an item of its own, and the results may all come behind."""
    calls = [{"type": "function_call", "call_id": f"c{at}", "name": "look", "arguments": "{}"} for at in range(MANY)]
    results = [{"type": "function_call_output", "call_id": f"c{at}", "output": "x"} for at in reversed(range(MANY))]
    asked = [{"role": "user", "content": "hi"}, *calls, *results]
    path = responses_request.parse({"model": "instant", "input": asked}, Settings()).path
    assert [message.role for message in path] == ["user", "assistant"]
    assert len(path[-1].parts) == 2 * MANY
