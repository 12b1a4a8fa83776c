"""The same script in three dialects: what is written in chunks of chat completions, said in Responses or in Messages.

So every scenario and every fault exists in all three. A chunk that is no chunk (bytes put on the wire, errors of odd
shapes) goes out as it is.
"""

from typing import Any, Protocol

from chatmodes.providers.shapes import is_items, items, table

Table = dict[str, Any]
Event = tuple[str | None, Any]
"""The event's name and its data."""

_FINISHES = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal", "tool_calls": "tool_use"}
_THOUGHTS = ("reasoning_content", "reasoning")


class Voice(Protocol):
    """Turns chunks into events."""

    def event(self, data: Any, name: str | None) -> list[Event]: ...

    def end(self) -> list[Event]:
        """What is left to say where the script ends."""
        ...

    def whole(self, body: Any) -> Any:
        """A completion in one piece, as this dialect has it; anything else as it is."""
        ...


class ChatVoice:
    """Chat completions, as written."""

    def event(self, data: Any, name: str | None) -> list[Event]:
        return [(name, data)]

    def end(self) -> list[Event]:
        return []

    def whole(self, body: Any) -> Any:
        return body


class _Told:
    """The parts of a chunk."""

    def __init__(self, chunk: Table) -> None:
        choice: Table = (chunk.get("choices") or [{}])[0] or {}
        delta: Table = choice.get("delta") or choice.get("message") or {}
        content = delta.get("content")
        self.thought = next((delta[name] for name in _THOUGHTS if delta.get(name)), "")
        self.text = content if isinstance(content, str) else ""
        for part in items(content):
            if part["type"] == "thinking":
                self.thought += "".join(inner["text"] for inner in part["thinking"])
            else:
                self.text += part["text"]
        self.calls: list[Table] = delta.get("tool_calls") or []
        self.finish: str | None = choice.get("finish_reason")
        self.usage: Table | None = chunk.get("usage") or choice.get("usage") or (chunk.get("x_groq") or {}).get("usage")


def _is_chunk(data: Any) -> bool:
    return is_items(table(data).get("choices"))


class _Building:
    """An answer as it is put together from chunks, in items or blocks."""

    def __init__(self) -> None:
        self.items: list[Table] = []
        self.finish: str | None = None
        self.usage: Table | None = None
        self.ended = False
        self.begun = False

    @property
    def last(self) -> Table:
        return self.items[-1] if self.items else {}


class ResponsesVoice(_Building):
    """OpenAI's Responses. Encrypted reasoning is another at the end of its item than in the final response."""

    def event(self, data: Any, name: str | None) -> list[Event]:
        if data == "[DONE]":
            return self.end() if self.finish else []
        if error := table(table(data).get("error")):
            return [("error", {**error, "type": "error"})]
        if not _is_chunk(data):
            return [(name, data)]
        told, events = _Told(data), list[Event]()
        if not self.begun:
            self.begun = True
            events.append(self._made("response.created", response={"status": "in_progress", "output": []}))
        if told.thought:
            events += self._piece("reasoning", "reasoning_summary_text", "text", told.thought, summary_index=0)
        if told.text:
            events += self._piece("message", "output_text", "text", told.text, content_index=0)
        for call in told.calls:
            events += self._call(call)
        self.finish, self.usage = told.finish or self.finish, told.usage or self.usage
        return events

    def end(self) -> list[Event]:
        if self.ended or not self.finish:
            return []
        self.ended = True
        events = self._done()
        cut = {"length": "max_output_tokens", "content_filter": "content_filter"}.get(self.finish)
        kind = "incomplete" if cut else "failed" if self.finish == "error" else "completed"
        return [*events, self._made(f"response.{kind}", response=self._response(kind, cut))]

    def whole(self, body: Any) -> Any:
        if not _is_chunk(body):
            return body
        self.event(body, None)
        return self._response("completed", None)

    def _response(self, status: str, cut: str | None) -> Table:
        return {
            "id": "resp_fake",
            "object": "response",
            "created_at": 1790000000,
            "model": "fake",
            "status": status,
            "output": [self._item(item, "final") for item in self.items],
            "parallel_tool_calls": True,
            "tool_choice": "auto",
            "tools": [],
            "error": {"code": "server_error", "message": "It failed."} if status == "failed" else None,
            "incomplete_details": {"reason": cut} if cut else None,
            "usage": _renamed(self.usage),
        }

    def _piece(self, kind: str, event: str, field: str, piece: str, **more: Any) -> list[Event]:
        events = self._turn_to(kind)
        self.last[field] = self.last.get(field, "") + piece
        return [*events, self._made(f"response.{event}.delta", delta=piece, item_id=self.last["id"], **more)]

    def _turn_to(self, kind: str) -> list[Event]:
        """A new item where the last one is of another kind."""
        if self.last.get("kind") == kind:
            return []
        events = self._done()
        self.items.append({"kind": kind, "id": f"{kind[:2]}_{len(self.items)}"})
        return [*events, self._made("response.output_item.added", item=self._item(self.last, "early"))]

    def _call(self, call: Table) -> list[Event]:
        function: Table = call.get("function") or {}
        events: list[Event] = []
        if call.get("id") or function.get("name"):
            events = self._done()
            made = {"kind": "function_call", "call_id": call.get("id"), "name": function.get("name"), "arguments": ""}
            self.items.append({**made, "id": f"fc_{len(self.items)}"})
            events.append(self._made("response.output_item.added", item=self._item(self.last, "early")))
        if piece := function.get("arguments"):
            self.last["arguments"] += piece if isinstance(piece, str) else str(piece).replace("'", '"')
            made = self._made("response.function_call_arguments.delta", delta=piece, item_id=self.last["id"])
            events.append(made)
        return events

    def _done(self) -> list[Event]:
        if not self.items or self.last.get("done"):
            return []
        self.last["done"] = True
        return [self._made("response.output_item.done", item=self._item(self.last, "early"))]

    def _item(self, item: Table, when: str) -> Table:
        kind, id = item["kind"], item["id"]
        if kind == "reasoning":
            summary = [{"type": "summary_text", "text": item.get("text", "")}]
            return {"type": kind, "id": id, "summary": summary, "encrypted_content": f"enc-{when}-{id}"}
        if kind == "message":
            content = [{"type": "output_text", "text": item.get("text", ""), "annotations": list[str]()}]
            message: Table = {"type": kind, "id": id, "role": "assistant", "status": "completed", "content": content}
            return {**message, "phase": "final_answer"}
        return {"type": kind, "status": "completed", **{n: item[n] for n in ("id", "call_id", "name", "arguments")}}

    def _made(self, kind: str, **fields: Any) -> Event:
        index = {"output_index": len(self.items) - 1} if "item" in fields or "item_id" in fields else {}
        return kind, {"type": kind, "sequence_number": 0, **index, **fields}


class MessagesVoice(_Building):
    """Anthropic's Messages. Thinking is signed when its block ends."""

    def __init__(self, prompt: int = 10) -> None:
        super().__init__()
        self.cache: tuple[int, int] = (0, 0)
        """Tokens read from the cache, and written to it."""

    def event(self, data: Any, name: str | None) -> list[Event]:
        if data == "[DONE]":
            return self.end() if self.finish else []
        if error := table(table(data).get("error")):
            return [("error", {"type": "error", "error": {"type": "api_error", **error}})]
        if not _is_chunk(data):
            return [(name, data)]
        told, events = _Told(data), list[Event]()
        if not self.begun:
            self.begun = True
            events.append(_named("message_start", message=self._message([], self._usage(1))))
        if told.thought:
            events += self._piece("thinking", "thinking_delta", told.thought)
        if told.text:
            events += self._piece("text", "text_delta", told.text)
        for call in told.calls:
            events += self._call(call)
        self.finish, self.usage = told.finish or self.finish, told.usage or self.usage
        return events

    def end(self) -> list[Event]:
        if self.ended or not self.finish:
            return []
        self.ended = True
        reason = _FINISHES.get(self.finish, self.finish)
        delta = {"stop_reason": reason, "stop_sequence": None}
        told = _named("message_delta", delta=delta, usage=self._usage())
        return [*self._stop(), told, _named("message_stop")]

    def whole(self, body: Any) -> Any:
        if not _is_chunk(body):
            return body
        self.event(body, None)
        blocks = [{n: v for n, v in item.items() if n not in ("kind", "done")} for item in self.items]
        message = self._message(blocks, self._usage())
        return {**message, "stop_reason": _FINISHES.get(self.finish or "", self.finish)}

    def _message(self, content: list[Table], usage: Table) -> Table:
        head = {"id": "msg_fake", "type": "message", "role": "assistant", "model": "fake", "content": content}
        return {**head, "stop_reason": None, "stop_sequence": None, "usage": usage}

    def _usage(self, output: int | None = None) -> Table:
        counted = self.usage or {"prompt_tokens": 10, "completion_tokens": 5}
        read, written = self.cache
        return {
            "input_tokens": max(0, counted["prompt_tokens"] - read - written),
            "cache_read_input_tokens": read,
            "cache_creation_input_tokens": written,
            "output_tokens": counted["completion_tokens"] if output is None else output,
        }

    def _piece(self, kind: str, delta: str, piece: str) -> list[Event]:
        events: list[Event] = []
        if self.last.get("kind") != kind:
            events = self._stop()
            self.items.append({"kind": kind, "type": kind, kind: ""})
            events.append(_named("content_block_start", index=self._index, content_block={"type": kind, kind: ""}))
        self.last[kind] += piece
        return [*events, _named("content_block_delta", index=self._index, delta={"type": delta, kind: piece})]

    def _call(self, call: Table) -> list[Event]:
        function: Table = call.get("function") or {}
        events: list[Event] = []
        if call.get("id") or function.get("name"):
            events = self._stop()
            block: Table = {"type": "tool_use", "id": call.get("id"), "name": function.get("name"), "input": {}}
            self.items.append({"kind": "tool_use", **block})
            events.append(_named("content_block_start", index=self._index, content_block=block))
        if piece := function.get("arguments"):
            text = piece if isinstance(piece, str) else str(piece).replace("'", '"')
            delta = {"type": "input_json_delta", "partial_json": text}
            events.append(_named("content_block_delta", index=self._index, delta=delta))
        return events

    def _stop(self) -> list[Event]:
        if not self.items or self.last.get("done"):
            return []
        self.last["done"] = True
        events: list[Event] = []
        if self.last["kind"] == "thinking":
            self.last["signature"] = f"sig-{self._index}"
            delta = {"type": "signature_delta", "signature": self.last["signature"]}
            events.append(_named("content_block_delta", index=self._index, delta=delta))
        return [*events, _named("content_block_stop", index=self._index)]

    @property
    def _index(self) -> int:
        return len(self.items) - 1


def _named(kind: str, **fields: Any) -> Event:
    return kind, {"type": kind, **fields}


def _renamed(usage: Table | None) -> Table | None:
    """OpenAI's own other names for the same counts."""
    if usage is None:
        return None
    return {
        "input_tokens": usage["prompt_tokens"],
        "input_tokens_details": {**(usage.get("prompt_tokens_details") or {"cached_tokens": 0})},
        "output_tokens": usage["completion_tokens"],
        "output_tokens_details": usage.get("completion_tokens_details") or {"reasoning_tokens": 0},
        "total_tokens": usage["total_tokens"],
    }


def voice_for(path: str) -> Voice:
    """The voice that a path is answered in."""
    last = path.split("?")[0].rstrip("/").rpartition("/")[2]
    return {"responses": ResponsesVoice, "messages": MessagesVoice}.get(last, ChatVoice)()
