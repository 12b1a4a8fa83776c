"""Responses as they are answered: events about items, and at the end the whole response, which is the truth.

Some servers send deltas and no ends, some ends and no deltas, some other ids in each event. So texts go by what has
come, calls by their index, and what goes back is taken from the final response: encrypted reasoning differs between
the end of an item and the end of the response.
"""

from typing import Any

from chatmodes.providers.answer import Answer
from chatmodes.providers.complaints import complains
from chatmodes.providers.dialects.skeleton import call_bone, kept_bone, text_bone
from chatmodes.providers.shapes import is_items, is_table, items, table
from chatmodes.providers.tool_calls import as_json

_THOUGHTS = ("response.reasoning_summary_text", "response.reasoning_text", "response.reasoning")
_ENDS = ("response.completed", "response.incomplete", "response.failed", "response.cancelled", "response.done")


class ResponsesReader:
    """Reads one response."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._items: dict[object, dict[str, Any]] = {}
        """Items that are done, by their index."""
        self._part: object = None
        """The part of a summary that is being written."""
        self._texts: set[object] = set()
        """Items of which text has come."""
        self._thoughts: set[object] = set()
        """Items of which reasoning has come."""

    def event(self, name: str, value: Any) -> None:
        """One event."""
        answer = self._answer
        if not is_table(value):
            if name == "error" or is_items(value):
                answer.refuse(value)
            return
        kind = str(value.get("type") or name)
        if kind == "response.output_text.delta":
            self._texts.add(self._key(value))
            answer.text(_word(value.get("delta")), _logprobs(value.get("logprobs")))
        elif kind.endswith(".delta"):
            self._delta(kind.removesuffix(".delta"), value)
        elif kind.endswith(".done") and kind != "response.done":
            self._done(kind.removesuffix(".done"), value)
        elif kind == "response.output_item.added":
            self._added(value)
        elif kind in _ENDS:
            self._end(table(value.get("response")) or value)
        elif kind == "error" or value.get("error") or complains(value):
            answer.refuse(value)

    def whole(self, value: dict[str, Any]) -> bool:
        """A response in one piece."""
        if not is_items(value.get("output")):
            return False
        self._end(value)
        return True

    def end(self) -> None:
        """Nothing more comes; without a final response, the items that were done must do."""
        if not self._answer.done and self._items:
            self._keep([self._items[key] for key in self._items])

    def _delta(self, kind: str, value: dict[str, Any]) -> None:
        answer, piece = self._answer, _word(value.get("delta"))
        if kind in _THOUGHTS:
            self._thoughts.add(self._key(value))
            self._new_part(value)
            answer.thought(piece)
        elif kind == "response.refusal":
            self._texts.add(self._key(value))
            answer.declines(piece)
        elif kind == "response.function_call_arguments":
            answer.calls.append(self._key(value), piece)

    def _done(self, kind: str, value: dict[str, Any]) -> None:
        answer, key = self._answer, self._key(value)
        if kind == "response.function_call_arguments":
            answer.calls.replace(key, _word(value.get("arguments")))
        elif kind in ("response.output_text", "response.content_part") and key not in self._texts:
            part = table(value.get("part"))
            if part.get("type") != "reasoning_text":  # which a part may be too; its item brings it
                self._texts.add(key)
                answer.refused = answer.refused or part.get("type") == "refusal"
                answer.text(_text(part) or _word(value.get("text")))
        elif kind == "response.output_item":
            item = table(value.get("item"))
            self._items[key] = item
            self._item(key, item)

    def _added(self, value: dict[str, Any]) -> None:
        item = table(value.get("item"))
        if item.get("type") == "function_call":
            id = _word(item.get("call_id")) or _word(item.get("id"))
            self._answer.calls.begin(self._key(value), id, _word(item.get("name")), item.get("arguments"))

    def _item(self, key: object, item: dict[str, Any]) -> None:
        """A whole item: what of it has not come by deltas."""
        answer, kind = self._answer, item.get("type")
        if kind == "message" and key not in self._texts:
            self._texts.add(key)
            refusing = any(table(part).get("type") == "refusal" for part in items(item.get("content")))
            answer.refused = answer.refused or refusing
            answer.text(_text_of(item))
        elif kind == "reasoning" and not (key in self._thoughts if isinstance(key, int) else answer.reasoned):
            thought = "\n\n".join(filter(None, map(_text, (*items(item.get("summary")), *_raw(item)))))
            answer.thought(f"\n\n{thought}" if thought and answer.reasoned else thought)
        elif kind == "function_call":
            id = _word(item.get("call_id")) or _word(item.get("id"))
            answer.calls.replace(key, as_json(item.get("arguments")), id=id, name=_word(item.get("name")))

    def _end(self, response: dict[str, Any]) -> None:
        """The response as it stands at its end."""
        answer = self._answer
        if usage := table(response.get("usage")):
            answer.count(usage)
        output = [table(item) for item in items(response.get("output"))]
        self._complete(output)
        self._keep(output or list(self._items.values()))
        status = response.get("status")
        reason = table(response.get("incomplete_details")).get("reason")
        if error := response.get("error"):
            answer.refuse({"error": error})
        elif status == "failed":
            answer.ends("failed")
        elif status == "cancelled":
            answer.ends("error")
        else:
            answer.ends(reason or ("incomplete" if status == "incomplete" else "stop"))
        answer.done = True

    def _complete(self, output: list[dict[str, Any]]) -> None:
        """What of the final items has not come before, in whatever pieces the rest came."""
        answer = self._answer
        if not answer.reasoned:
            for index, item in enumerate(output):
                if item.get("type") == "reasoning":
                    self._item(index, item)
        whole = "".join(_text_of(item) for item in output if item.get("type") == "message")
        if whole.startswith(came := "".join(answer.came)) and whole != came:
            answer.text(whole[len(came) :])
        for position, item in enumerate(item for item in output if item.get("type") == "function_call"):
            id = _word(item.get("call_id")) or _word(item.get("id"))
            answer.calls.settle(position, as_json(item.get("arguments")), id=id, name=_word(item.get("name")))

    def _keep(self, output: list[dict[str, Any]]) -> None:
        """Keep what goes back: reasoning as it is, and where texts and calls stood beside it."""
        bones: list[dict[str, Any]] = []
        for item in output:
            kind = item.get("type")
            if kind == "reasoning" and item.get("encrypted_content"):
                bones.append(kept_bone({name: field for name, field in item.items() if name != "status"}))
            elif kind == "message":
                phase = item.get("phase")
                bones.append(text_bone(len(_text_of(item)), {"phase": phase} if phase else None))
            elif kind == "function_call":
                bones.append(call_bone())
        if any("keep" in bone or "beside" in bone for bone in bones):
            self._answer.keep("responses", bones)

    def _new_part(self, value: dict[str, Any]) -> None:
        """Parts of a summary are paragraphs."""
        part = (self._key(value), value.get("summary_index", value.get("content_index")))
        if self._part is not None and part != self._part:
            self._answer.thought("\n\n")
        self._part = part

    @staticmethod
    def _key(value: dict[str, Any]) -> object:
        index = value.get("output_index")
        return index if isinstance(index, int) else _word(value.get("item_id"))


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text(part: Any) -> str:
    fields = table(part)
    return _word(fields.get("text")) or _word(fields.get("refusal"))


def _raw(item: dict[str, Any]) -> list[Any]:
    """Reasoning that is no summary, as LM Studio and vLLM send it; once, where both stand there."""
    return [] if items(item.get("summary")) else items(item.get("content"))


def _text_of(item: dict[str, Any]) -> str:
    content: Any = item.get("content")
    return content if isinstance(content, str) else "".join(_text(part) for part in items(content))


def _logprobs(value: Any) -> tuple[float, ...]:
    found = (table(token).get("logprob") for token in items(value))
    return tuple(float(number) for number in found if isinstance(number, int | float) and -1e9 < number <= 0)
