"""ChatGPT's `conversations.json`: a tree of nodes for each conversation, most of its machinery among them."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from chatmodes.messages import Role, Text
from chatmodes.store.archive import ArchivedConversation
from chatmodes.store.foreign.building import NoConversationError, Node, build
from chatmodes.store.foreign.citations import cited
from chatmodes.store.foreign.fields import Fields
from chatmodes.store.foreign.intake import Intake, Piece, call, code, document, result

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant"}
_INSTRUCTIONS = {"user_editable_context", "model_editable_context"}
_POINTER = re.compile(r"^[a-z-]+://(?:[^#?]*/)?(file[-_][A-Za-z0-9]+)")
"""`file-service://file-…` or `sediment://file_…`: the id that the picture's name in the export begins with."""


def fits(conversation: Any) -> bool:
    """Whether a decoded JSON value looks like one of ChatGPT's conversations."""
    return isinstance(conversation, dict) and "mapping" in conversation


def convert(conversation: Any, intake: Intake) -> ArchivedConversation | None:
    """One conversation; None where nothing is said in it. Raises `NoConversationError`.

    Tool calls, their results and canvas documents are kept as text, reasoning as what it is; hidden instructions are
    left out and counted. A node that cannot be read costs only itself.
    """
    head = Fields(conversation)
    mapping: Any = head.plain("mapping")
    if not isinstance(mapping, dict):
        raise NoConversationError("its mapping is no object")
    nodes: dict[str, Any] = mapping  # pyright: ignore[reportUnknownVariableType] - JSON from outside
    key = head.text("conversation_id", "id") or next(iter(nodes), "")
    return build(
        "chatgpt", key, _nodes(nodes, head.text("default_model_slug"), intake), title=head.text("title"),
        created=head.time("create_time"), updated=head.time("update_time"), leaf=head.text("current_node") or None,
        archived=head.flag("is_archived"),
    )  # fmt: skip


def _nodes(mapping: dict[str, Any], model: str, intake: Intake) -> Iterator[Node]:
    above = {child: key for key, node in mapping.items() for child in Fields(node).texts("children") if child != key}
    for key, value in mapping.items():
        node = Fields(value)
        message = node.object("message")
        role, pieces = _message(message, intake) if message else (None, [])
        slug = message.object("metadata").text("model_slug") or model
        yield Node(
            key=key, parent=node.text("parent") or above.get(key), role=role, pieces=pieces,
            created=message.time("create_time"), model=f"openai/{slug}" if slug and role != "user" else "",
        )  # fmt: skip


def _message(message: Fields, intake: Intake) -> tuple[Role | None, list[Piece]]:
    """Who says it, None for work on an answer, and what of it is kept."""
    metadata, content, author = message.object("metadata"), message.object("content"), message.object("author")
    kind, who = content.text("content_type"), author.text("role")
    if kind in ("thoughts", "reasoning_recap"):  # the latter says only how long it took
        return None, _thoughts(content, intake) if kind == "thoughts" else []
    hidden = metadata.flag("is_visually_hidden_from_conversation") or kind in _INSTRUCTIONS
    if hidden or who == "system":
        if _text(content).strip() or kind in _INSTRUCTIONS:
            intake.left_out("hidden instruction")
        return None, []
    recipient = message.text("recipient")
    if who == "assistant" and recipient not in ("", "all"):
        return None, [_call(recipient, content, intake)]
    pieces = [*_pieces(content, metadata, intake), *_attached(content, metadata, intake)]
    if who == "tool":
        return None, _result(author.text("name"), pieces, intake)
    if who not in _ROLES and pieces:
        intake.left_out("unreadable message")
    if who == "assistant":
        pieces = [Text(cited(each.text, metadata, intake)) if isinstance(each, Text) else each for each in pieces]
    return _ROLES.get(who), pieces if who in _ROLES else []


def _thoughts(content: Fields, intake: Intake) -> list[Piece]:
    passages = [
        "\n\n".join(
            filter(None, (heading and f"**{heading}**", each.text("content") or "\n".join(each.texts("chunks"))))
        )
        for each in content.objects("thoughts")
        for heading in [each.text("summary")]
    ]
    return intake.reasoning("\n\n".join(passages)) if passages else []


def _pieces(content: Fields, metadata: Fields, intake: Intake) -> list[Piece]:
    if content.text("content_type") == "code" and content.text("text"):
        return [code(content.text("text"), content.text("language"))]
    names = {each.text("id"): each.text("name") for each in metadata.objects("attachments")}
    pieces: list[Piece] = []
    for part in content.values("parts"):
        if isinstance(part, str):
            pieces.append(Text(part))
        elif fields := Fields(part):
            pieces += _part(fields, names, intake)
    pieces = [each for each in pieces if not isinstance(each, Text) or each.text.strip()]
    if not pieces and (text := _text(content)):
        pieces.append(Text(text))
    for made in metadata.object("aggregate_result").objects("messages"):  # what code drew
        if pointer := made.text("image_url"):
            pieces += _picture(pointer, names, intake)
    return pieces


def _part(part: Fields, names: dict[str, str], intake: Intake) -> list[Piece]:
    kind = part.text("content_type")
    if text := part.text("text"):
        return [Text(text)]
    if "image" in kind:
        return _picture(part.text("asset_pointer"), names, intake)
    if "audio" in kind or "video" in kind:
        intake.left_out("voice recording")
        return [Text("[voice recording]")]
    intake.left_out("attachment")
    return [Text(f"[{kind or 'attachment'}]")]


def _picture(pointer: str, names: dict[str, str], intake: Intake) -> list[Piece]:
    found = _POINTER.match(pointer)
    id = found[1] if found else ""
    return intake.file(names.get(id, ""), id, picture=True)


def _attached(content: Fields, metadata: Fields, intake: Intake) -> list[Piece]:
    """The files of a message that are not in it as pictures already."""
    shown = {
        found[1]
        for part in content.objects("parts")
        if (found := _POINTER.match(part.text("asset_pointer")))
    }  # fmt: skip
    pieces: list[Piece] = []
    for each in metadata.objects("attachments"):
        if (id := each.text("id")) not in shown:
            picture = each.text("mime_type", "mimeType").startswith("image/")
            pieces += intake.file(each.text("name"), id, picture=picture)
    return pieces


def _text(content: Fields) -> str:
    """The text of a content that is not in parts, whatever its kind calls it."""
    return "\n\n".join(content.texts("parts")).strip() or content.text("text", "result", "summary", "output_str")


def _call(recipient: str, content: Fields, intake: Intake) -> Text:
    text = _text(content)
    if recipient.startswith("canmore."):
        with_it = _json(text)
        if written := _canvas(with_it):
            intake.kept("canvas document")
            kind = with_it.text("type")
            language = kind.removeprefix("code/") if kind.startswith("code/") else "markdown"
            return document(with_it.text("name") or "Canvas", written, language)
    intake.kept("tool turn")
    return call(recipient, text, content.text("language").replace("unknown", ""))


def _canvas(call: Fields) -> str:
    """The whole text of a canvas that a call makes or writes anew; empty where it changes a part of one."""
    if whole := call.text("content"):
        return whole
    updates = call.objects("updates")
    return updates[0].text("replacement") if len(updates) == 1 and updates[0].text("pattern") == ".*" else ""


def _json(text: str) -> Fields:
    try:
        return Fields(msgspec.json.decode(text))
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return Fields(None)


def _result(tool: str, pieces: list[Piece], intake: Intake) -> list[Piece]:
    """What a tool answered, its texts fenced as one."""
    if not pieces:
        return []
    intake.kept("tool turn")
    text = "\n\n".join(each.text for each in pieces if isinstance(each, Text))
    return [result(tool, text), *(each for each in pieces if not isinstance(each, Text))]
