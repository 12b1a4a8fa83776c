"""ChatGPT's `conversations.json`: a tree of nodes for each conversation, most of its machinery among them."""

from collections.abc import Iterator
from typing import Any

import msgspec

from chatmodes.messages import Role
from chatmodes.store.archive import ArchivedConversation
from chatmodes.store.foreign.building import Node, build

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant"}
_NOT_SAID = {"thoughts", "reasoning_recap", "user_editable_context", "model_editable_context", "execution_output"}


class _Author(msgspec.Struct, frozen=True):
    role: str = ""


class _Content(msgspec.Struct, frozen=True):
    content_type: str = "text"
    parts: list[Any] | None = None
    text: str | None = None
    language: str | None = None


class _Message(msgspec.Struct, frozen=True):
    author: _Author = _Author()
    content: _Content | None = None
    create_time: float | None = None
    recipient: str | None = None
    metadata: dict[str, Any] | None = None


class _Node(msgspec.Struct, frozen=True):
    message: _Message | None = None
    parent: str | None = None


class _Conversation(msgspec.Struct, frozen=True):
    mapping: dict[str, _Node]
    id: str | None = None
    conversation_id: str | None = None
    title: str | None = None
    create_time: float | None = None
    update_time: float | None = None
    current_node: str | None = None
    is_archived: bool | None = None


def fits(conversation: Any) -> bool:
    """Whether a decoded JSON value looks like one of ChatGPT's conversations."""
    return isinstance(conversation, dict) and "mapping" in conversation


def convert(conversation: Any) -> ArchivedConversation | None:
    """One conversation; None where nothing is said in it. Raises `msgspec.ValidationError`.

    Tool calls, their results, hidden instructions and reasoning are left out; images leave a word in their place.
    """
    read = msgspec.convert(conversation, _Conversation)
    key = read.conversation_id or read.id or next(iter(read.mapping), "")
    return build(
        "chatgpt", key, _nodes(read), title=read.title or "", created=read.create_time, updated=read.update_time,
        leaf=read.current_node, archived=bool(read.is_archived),
    )  # fmt: skip


def _nodes(conversation: _Conversation) -> Iterator[Node]:
    for key, node in conversation.mapping.items():
        message = node.message
        if message is None or not _said(message):
            yield Node(key=key, parent=node.parent)
            continue
        model = (message.metadata or {}).get("model_slug")
        yield Node(
            key=key, parent=node.parent, role=_ROLES.get(message.author.role), text=_text(message.content),
            created=message.create_time, model=f"openai/{model}" if isinstance(model, str) and model else "",
        )  # fmt: skip


def _said(message: _Message) -> bool:
    hidden = (message.metadata or {}).get("is_visually_hidden_from_conversation")
    kind = message.content.content_type if message.content else ""
    return not hidden and kind not in _NOT_SAID and message.recipient in (None, "", "all")


def _text(content: _Content | None) -> str:
    if content is None:
        return ""
    if content.content_type == "code" and content.text:
        return f"```{content.language if content.language != 'unknown' else ''}\n{content.text}\n```"
    pieces = [_piece(part) for part in content.parts or []]
    return "\n\n".join(piece for piece in pieces if piece) or content.text or ""


def _piece(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    fields: dict[str, Any] = part  # pyright: ignore[reportUnknownVariableType] - JSON from outside
    if isinstance(fields.get("text"), str):
        return fields["text"]
    kind = str(fields.get("content_type", "attachment"))
    return f"[{'image' if 'image' in kind else kind}]"
