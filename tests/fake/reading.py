"""Requests of three dialects read as one, so that scripts and tests ask the same of each."""

from typing import Any

from chatmodes.providers.shapes import is_items, table

Table = dict[str, Any]


def messages_in(body: Table) -> list[Table]:
    """The conversation as chat completions have it: roles and contents, calls and results among them."""
    if "input" in body:
        head = [{"role": "system", "content": body["instructions"]}] if body.get("instructions") else []
        return [*head, *_responses(body["input"])]
    messages: list[Table] = list(body.get("messages") or [])
    if "system" in body:
        system = body["system"]
        text = system if isinstance(system, str) else "".join(block["text"] for block in system)
        return [{"role": "system", "content": text}, *(_flat(message) for message in messages)]
    return [_flat(message) for message in messages]


def text_in(content: Any) -> str:
    """The text of a message's content."""
    if is_items(content):
        return "".join(str(table(part).get("text", "")) for part in content)
    return str(content or "")


def _responses(given: Any) -> list[Table]:
    if isinstance(given, str):
        return [{"role": "user", "content": given}]
    read: list[Table] = []
    for item in given:
        kind = item.get("type", "message")
        if kind == "message":
            read.append({"role": item["role"], "content": _plain(item["content"], "input_text", "output_text")})
        elif kind == "function_call":
            read.append({"role": "assistant", "tool_calls": [item]})
        elif kind == "function_call_output":
            read.append({"role": "tool", "tool_call_id": item["call_id"], "content": item["output"]})
    return read


def _flat(message: Table) -> Table:
    """A message whose content is text alone has it as one string, as chat completions write it."""
    content = message.get("content")
    return {**message, "content": _plain(content, "text")} if isinstance(content, list) else message


def _plain(content: Any, *kinds: str) -> Any:
    if is_items(content) and all(part.get("type") in kinds for part in content):
        return "".join(part["text"] for part in content)
    return content
