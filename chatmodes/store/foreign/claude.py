"""Claude's `conversations.json`: a list of messages for each conversation, linked to a tree in newer exports."""

import re
from collections.abc import Iterator
from typing import Any

from chatmodes.messages import Role, Text
from chatmodes.store.archive import ArchivedConversation
from chatmodes.store.foreign.building import NoConversationError, Node, build
from chatmodes.store.foreign.fields import Fields
from chatmodes.store.foreign.intake import Intake, Piece, call, document, result, source_list, text_file

_ROLES: dict[str, Role] = {"human": "user", "user": "user", "assistant": "assistant"}
_LANGUAGES = {
    "text/html": "html", "text/markdown": "markdown", "image/svg+xml": "svg", "application/vnd.ant.react": "jsx",
    "application/vnd.ant.mermaid": "mermaid",
}  # fmt: skip
_ARTIFACT = re.compile(r"<antArtifact\b([^>]*)>(.*?)(?:</antArtifact>|$)", re.DOTALL)
_THINKING = re.compile(r"<antThinking>(.*?)(?:</antThinking>|$)", re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_SILENT = {"token_budget", "flag"}
"""Blocks that hold nothing that was said."""


def fits(conversation: Any) -> bool:
    """Whether a decoded JSON value looks like one of Claude's conversations."""
    return isinstance(conversation, dict) and "chat_messages" in conversation


def convert(conversation: Any, intake: Intake) -> ArchivedConversation | None:
    """One conversation; None where nothing is said in it. Raises `NoConversationError`.

    Attached texts come as files, artifacts and tools' work as text, reasoning as what it is. A message that cannot be
    read costs only itself.
    """
    head = Fields(conversation)
    messages: Any = head.plain("chat_messages")
    if not isinstance(messages, list):
        raise NoConversationError("its chat_messages are no list")
    listed: list[Any] = messages  # pyright: ignore[reportUnknownVariableType] - JSON from outside
    key = head.text("uuid") or next((id for each in listed if (id := Fields(each).text("uuid"))), "")
    return build(
        "claude", key, _nodes(listed, intake), title=head.text("name"), created=head.time("created_at"),
        updated=head.time("updated_at"), leaf=head.text("current_leaf_message_uuid") or None,
    )  # fmt: skip


def _nodes(messages: list[Any], intake: Intake) -> Iterator[Node]:
    before: str | None = None
    for place, value in enumerate(messages):
        message = Fields(value)
        key = message.text("uuid") or f"message {place}"
        role = _ROLES.get(message.text("sender"))
        pieces = [*_said(message, intake, by_model=role == "assistant"), *_files(message, intake)]
        if role is None and pieces:
            intake.left_out("unreadable message")
            pieces = []
        yield Node(
            key=key, parent=message.text("parent_message_uuid") or before, role=role, pieces=pieces,
            created=message.time("created_at"),
        )  # fmt: skip
        before = key


def _said(message: Fields, intake: Intake, *, by_model: bool) -> list[Piece]:
    # `text` holds a notice for each block it can't show, so it is only the second choice.
    blocks = message.objects("content")
    pieces = [piece for block in blocks for piece in _block(block, intake, by_model=by_model)]
    if listed := source_list(_sources(blocks)):
        pieces.append(Text(listed))
    return pieces or ([] if blocks else _text(message.text("text"), intake, by_model=by_model))


def _block(block: Fields, intake: Intake, *, by_model: bool) -> list[Piece]:
    match block.text("type") or "text":
        case "text":
            return _text(block.text("text"), intake, by_model=by_model)
        case "thinking" | "redacted_thinking":
            summaries = (each.text("summary") for each in block.objects("summaries"))
            return intake.reasoning(block.text("thinking") or "\n\n".join(filter(None, summaries)))
        case "tool_use":
            return [_call(block.text("name"), block.object("input"), intake)]
        case "tool_result":
            return _result(block, intake)
        case "image":
            return intake.file(block.text("file_name"), block.text("file_uuid"), picture=True)
        case kind if kind not in _SILENT:
            if not block.text("text"):
                intake.left_out("unreadable block")
            return _text(block.text("text"), intake, by_model=by_model)
        case _:
            return []


def _text(text: str, intake: Intake, *, by_model: bool) -> list[Piece]:
    """A text; what older answers hold as tags in it as what it is: thoughts, and artifacts as documents. In what a
    person typed they are text like other."""
    if not by_model:
        return [Text(text)]
    pieces = [piece for found in _THINKING.finditer(text) if found[1].strip() for piece in intake.reasoning(found[1])]
    text = _THINKING.sub("", text)
    end = 0
    for found in _ARTIFACT.finditer(text):
        about = dict(_ATTRIBUTE.findall(found[1]))
        language = about.get("language") or _LANGUAGES.get(about.get("type", ""), "")
        pieces += [
            Text(text[end : found.start()].strip()),
            document(about.get("title", ""), found[2].strip(), language),
        ]
        intake.kept("artifact")
        end = found.end()
    if rest := text[end:] if not end else text[end:].strip():
        pieces.append(Text(rest))
    return pieces


def _sources(blocks: list[Fields]) -> dict[str, str]:
    sources: dict[str, str] = {}
    for citation in (each for block in blocks for each in block.objects("citations")):
        for each in (citation, citation.object("details")):
            if address := each.text("url"):
                sources.setdefault(address, each.text("title") or citation.text("title"))
    return sources


def _call(tool: str, asked: Fields, intake: Intake) -> Text:
    if tool == "artifacts" and (written := asked.text("content")):
        intake.kept("artifact")
        language = asked.text("language") or _LANGUAGES.get(asked.text("type"), "")
        return document(asked.text("title", "id"), written, language)
    if written := asked.text("file_text"):
        intake.kept("artifact")
        return document(asked.text("path"), written)
    intake.kept("tool turn")
    changed = asked.text("old_str"), asked.text("new_str")
    if any(changed):
        lines = [f"{sign}{line}" for sign, text in zip("-+", changed, strict=True) for line in text.splitlines()]
        return call(f"{tool} on {asked.text('path', 'id') or 'a document'}", "\n".join(lines), "diff")
    return call(tool, asked.as_json(), "json")


def _result(block: Fields, intake: Intake) -> list[Piece]:
    intake.kept("tool turn")
    texts = [block.text("content")]
    pictures: list[Piece] = []
    for each in block.objects("content"):
        if each.text("type") == "image":
            pictures += intake.file(each.text("file_name"), each.text("file_uuid"), picture=True)
        else:
            texts.append("\n".join(filter(None, (each.text("title"), each.text("url"), each.text("text")))))
    text = "\n\n".join(filter(None, texts))
    return [result(block.text("name"), text), *pictures] if text or pictures else []


def _files(message: Fields, intake: Intake) -> list[Piece]:
    """The attached texts as files, and a word for each file of which the export holds only the name."""
    pieces: list[Piece] = []
    names: set[str] = set()
    for each in message.objects("attachments"):
        name = each.text("file_name") or "attachment.txt"
        names.add(name)
        if text := each.text("extracted_content"):
            pieces.append(text_file(name, text))
        else:
            pieces += intake.file(name, each.text("id", "file_uuid"), name)
    for each in message.objects("files") + message.objects("files_v2"):
        name = each.text("file_name") or "file"
        if name not in names:
            names.add(name)
            picture = each.text("file_kind") == "image"
            pieces += intake.file(name, each.text("file_uuid"), name, picture=picture)
    return pieces
