"""Claude's `conversations.json`: a list of messages for each conversation, linked to a tree in newer exports."""

from collections.abc import Iterator
from typing import Any

import msgspec

from chatmodes.messages import Role
from chatmodes.store.archive import ArchivedConversation, ArchivedFile
from chatmodes.store.foreign.building import Node, build, timestamp

_ROLES: dict[str, Role] = {"human": "user", "user": "user", "assistant": "assistant"}


class _Block(msgspec.Struct, frozen=True):
    type: str = "text"
    text: str | None = None


class _Attachment(msgspec.Struct, frozen=True):
    file_name: str | None = None
    file_type: str | None = None
    extracted_content: str | None = None


class _Message(msgspec.Struct, frozen=True):
    uuid: str
    sender: str = ""
    text: str | None = None
    content: list[_Block] | None = None
    created_at: str | None = None
    parent_message_uuid: str | None = None
    attachments: list[_Attachment] | None = None


class _Conversation(msgspec.Struct, frozen=True):
    uuid: str
    chat_messages: list[_Message]
    name: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    current_leaf_message_uuid: str | None = None


def fits(conversation: Any) -> bool:
    """Whether a decoded JSON value looks like one of Claude's conversations."""
    return isinstance(conversation, dict) and "chat_messages" in conversation


def convert(conversation: Any) -> ArchivedConversation | None:
    """One conversation; None where nothing is said in it. Raises `msgspec.ValidationError`.

    Reasoning and tool calls are left out; the text of attached files comes along.
    """
    read = msgspec.convert(conversation, _Conversation)
    return build(
        "claude", read.uuid, _nodes(read.chat_messages), title=read.name or "", created=timestamp(read.created_at),
        updated=timestamp(read.updated_at), leaf=read.current_leaf_message_uuid,
    )  # fmt: skip


def _nodes(messages: list[_Message]) -> Iterator[Node]:
    before: str | None = None
    for message in messages:
        yield Node(
            key=message.uuid, parent=message.parent_message_uuid or before, role=_ROLES.get(message.sender),
            text=_text(message), created=timestamp(message.created_at), files=_files(message.attachments or []),
        )  # fmt: skip
        before = message.uuid


def _text(message: _Message) -> str:
    # `text` holds a notice for each block it can't show, so it is only the second choice.
    blocks = [block.text for block in message.content or [] if block.type == "text" and block.text]
    return "\n\n".join(blocks) or ("" if message.content else message.text or "")


def _files(attachments: list[_Attachment]) -> tuple[ArchivedFile, ...]:
    return tuple(
        ArchivedFile(name=a.file_name or "", media_type=a.file_type or "text/plain", data=a.extracted_content.encode())
        for a in attachments
        if a.extracted_content
    )
