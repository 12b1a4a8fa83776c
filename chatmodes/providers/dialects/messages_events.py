"""Messages as they are answered: blocks that begin, grow and end, thinking among them."""

from typing import Any

from chatmodes.providers.answer import Answer
from chatmodes.providers.complaints import complains
from chatmodes.providers.dialects.pieces import Pieces, joined
from chatmodes.providers.dialects.skeleton import call_bone, kept_bone, text_bone
from chatmodes.providers.shapes import is_items, is_table, items, table

_KINDS = {"text": "text_delta", "thinking": "thinking_delta", "partial_json": "input_json_delta"}
"""What a delta is that does not say so, by the field it has."""


class MessagesReader:
    """Reads one message."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._blocks: dict[object, dict[str, Any]] = {}
        """The blocks as they stand, by their index."""
        self._usage: dict[str, Any] = {}

    def event(self, name: str, value: Any) -> None:
        """One event."""
        if not is_table(value):
            if name == "error" or is_items(value):
                self._answer.refuse(value)
            return
        kind = str(value.get("type") or name)
        if kind == "content_block_delta":
            self._delta(_place(value), table(value.get("delta")))
        elif kind == "content_block_start":
            self._start(_place(value), table(value.get("content_block")))
        elif kind == "message_start":
            message = table(value.get("message"))
            self._count(table(message.get("usage")))
            for index, block in enumerate(items(message.get("content"))):
                self._start(index, table(block))
        elif kind == "message_delta":
            self._count(table(value.get("usage")))
            self._answer.ends(table(value.get("delta")).get("stop_reason"))
        elif kind == "message_stop":
            self._answer.done = self._answer.finish is not None or not self._answer.begun
        elif kind == "message":
            self.whole(value)
        elif kind == "error" or value.get("error") or complains(value):
            self._answer.refuse(value)

    def whole(self, value: dict[str, Any]) -> bool:
        """A message in one piece."""
        content: Any = value.get("content")
        if isinstance(content, str) and not value.get("error"):
            content = [{"type": "text", "text": content}]
        if not is_items(content):
            return False
        for index, block in enumerate(items(content)):
            self._start(index, table(block))
        self._count(table(value.get("usage")))
        self._answer.ends(value.get("stop_reason"))
        return True

    def end(self) -> None:
        """Keep what goes back: thinking as it came, and where texts and calls stood beside it."""
        bones: list[dict[str, Any]] = []
        for block in map(joined, self._blocks.values()):
            kind = block.get("type")
            if kind == "text":
                bones.append(text_bone(len(block["text"])))
            elif kind == "tool_use":
                bones.append(call_bone())
            elif (kind == "thinking" and block.get("signature")) or kind == "redacted_thinking":
                bones.append(kept_bone(block))
        if any("keep" in bone for bone in bones):
            self._answer.keep("messages", bones)

    def _start(self, index: object, block: dict[str, Any]) -> None:
        answer, kind = self._answer, block.get("type")
        known = dict(block)
        self._blocks[index] = known
        if kind == "text":
            text = _word(block.get("text"))
            known["text"] = Pieces([text])
            if text:
                answer.text(text)
        elif kind == "thinking":
            thought = _word(block.get("thinking"))
            known["thinking"] = Pieces([thought])
            if thought:
                answer.thought(thought)
        elif kind == "tool_use":
            answer.calls.begin(index, _word(block.get("id")), _word(block.get("name")), block.get("input"))

    def _delta(self, index: object, delta: dict[str, Any]) -> None:
        answer, kind = self._answer, delta.get("type") or next((_KINDS[name] for name in _KINDS if name in delta), "")
        block = self._blocks.get(index)
        if kind == "text_delta":
            text = _word(delta.get("text"))
            self._grow(index, "text", "text", text)
            answer.text(text)
        elif kind == "thinking_delta":
            text = _word(delta.get("thinking"))
            self._grow(index, "thinking", "thinking", text)
            answer.thought(text)
        elif kind == "signature_delta" and block is not None:
            block["signature"] = _word(delta.get("signature"))
        elif kind == "input_json_delta" and (block is None or block.get("type") == "tool_use"):
            answer.calls.append(index, _word(delta.get("partial_json")))

    def _grow(self, index: object, kind: str, field: str, text: str) -> None:
        block = self._blocks.setdefault(index, {"type": kind, field: Pieces()})
        if isinstance(grown := block.get(field), Pieces):
            grown.append(text)

    def _count(self, usage: dict[str, Any]) -> None:
        """Add up what is told at the start and at the end. What was read from a cache or written to it is told apart
        from the other input, and is input all the same."""
        self._usage |= {name: value for name, value in usage.items() if value is not None}
        told = dict(self._usage)
        plain = told.get("input_tokens")
        apart = [told.get(name) for name in ("cache_read_input_tokens", "cache_creation_input_tokens")]
        if isinstance(plain, int):
            told["input_tokens"] = plain + sum(number for number in apart if isinstance(number, int))
        if told:
            self._answer.count(told)


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _place(value: dict[str, Any]) -> int | None:
    """The block that an event is about; None where that is no number, which is one block too."""
    index = value.get("index")
    return index if isinstance(index, int) else None
