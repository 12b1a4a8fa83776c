"""Exports of other programs, made for tests."""

from typing import Any


def said(text: str | None, role: str = "assistant", **more: Any) -> dict[str, Any]:
    """A message of ChatGPT's."""
    return {"author": {"role": role}, "content": {"content_type": "text", "parts": [text]}, **more}


def chatgpt(*messages: Any, **more: Any) -> dict[str, Any]:
    """A conversation of ChatGPT's, one message after the other."""
    mapping: dict[str, Any] = {"root": {"message": None, "parent": None, "children": ["n0"]}}
    for n, message in enumerate(messages):
        mapping[f"n{n}"] = {"message": message, "parent": f"n{n - 1}" if n else "root", "children": [f"n{n + 1}"]}
    return {
        "id": "c",
        "title": "T",
        "create_time": 1.0,
        "current_node": f"n{len(messages) - 1}",
        "mapping": mapping,
    } | more


def claude(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"uuid": "c", "name": "T", "chat_messages": [{"uuid": f"m{n}", **each} for n, each in enumerate(messages)]}
