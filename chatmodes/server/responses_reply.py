"""An answer as Responses tell it: an object of items, or the events that build it up."""

import time
from collections.abc import AsyncGenerator
from typing import Any

import msgspec

from chatmodes import events as ev
from chatmodes.messages import ToolCall
from chatmodes.providers.calls import ToolSpec
from chatmodes.providers.shapes import table
from chatmodes.server import errors
from chatmodes.server.asked import Asked
from chatmodes.server.following import Called, Followed, Refused, Said
from chatmodes.server.outcome import responses_usage, usage_of

_ALWAYS: dict[str, Any] = {
    "background": False,
    "frequency_penalty": 0.0,
    "max_tool_calls": None,
    "presence_penalty": 0.0,
    "service_tier": "default",
    "top_logprobs": 0,
    "truncation": "disabled",
}
"""What a response must say by its schema, and what is the same in each: a request for anything else is refused."""

_CODES: dict[ev.ErrorKind, str] = {
    "bad_request": "invalid_prompt",
    "context_length": "context_length_exceeded",
    "quota": "rate_limit_exceeded",
    "rate_limit": "rate_limit_exceeded",
}
"""What a response says of its failure, in the words that the form has for some."""

_json = msgspec.json.Encoder().encode


class ResponsesReply:
    """One request's answer. Its items: the agents' work as a reasoning summary, the answer, tool calls."""

    def __init__(self, asked: Asked, followed: list[Followed]) -> None:
        self.asked, self.followed = asked, followed[0]
        self._created = int(time.time())
        self._number = -1
        self._items: list[dict[str, Any]] = []
        self._open: dict[str, Any] | None = None
        self._texts: list[str] = []

    async def whole(self) -> tuple[dict[str, Any], int]:
        """The body and its status, once the run has ended. All reasoning stands before the answer, where it is looked
        for: only a stream has to tell at its end what is known at the end."""
        async for _ in self.frames():
            pass
        self._items.sort(key=lambda item: item["type"] != "reasoning")
        if self.followed.failed:
            return errors.of_run(self.followed.failed)
        return self._response(self._status()), 200

    async def frames(self) -> AsyncGenerator[bytes]:
        """The stream of events, numbered."""
        yield self._event("response.created", response=self._response("in_progress"))
        yield self._event("response.in_progress", response=self._response("in_progress"))
        async for piece in self.followed.pieces():
            match piece:
                case Called():
                    for frame in (*self._close(), *self._call(piece.call)):
                        yield frame
                case Refused():
                    for frame in (*self._close(), *self._refusal(piece.text)):
                        yield frame
                case _:
                    kind = "message" if isinstance(piece, Said) else "reasoning"
                    if self._open is None or self._open["type"] != kind:
                        for frame in (*self._close(), *self._begin(kind)):
                            yield frame
                    yield self._delta(piece.text)
        for frame in self._close():
            yield frame
        if self.followed.failed:
            yield self._failure()
        else:
            status = self._status()
            yield self._event(f"response.{status}", response=self._response(status))

    def alive(self) -> bytes:
        """A comment for proxies, and an event for clients that count events alone."""
        return b": still at work\n\n" + self._event("response.in_progress", response=self._response("in_progress"))

    def _status(self) -> str:
        cut = self.followed.finish in ("length", "content_filter")
        return "incomplete" if cut else "completed"

    def _response(self, status: str) -> dict[str, Any]:
        reason = {"length": "max_output_tokens"}.get(self.followed.finish)
        ended = status != "in_progress"
        asked = self.asked
        return {
            "id": f"resp_{self.followed.run.id}",
            "object": "response",
            "created_at": self._created,
            "completed_at": int(time.time()) if status == "completed" else None,
            "status": status,
            "error": None,
            "incomplete_details": {"reason": reason or "content_filter"} if status == "incomplete" else None,
            "instructions": asked.settings.system or None,
            "metadata": asked.books.get("metadata") or {},
            "model": asked.name,
            "output": list(self._items),
            "parallel_tool_calls": not asked.one_call,
            "previous_response_id": None,
            "store": False,
            "temperature": _or(asked.settings.sampling.temperature, 1.0),
            "prompt_cache_key": asked.books.get("prompt_cache_key"),
            "safety_identifier": asked.books.get("safety_identifier"),
            "tool_choice": _choice(asked),
            "tools": [_tool(spec) for spec in asked.offered],
            "top_p": _or(asked.extras.top_p, 1.0),
            "max_output_tokens": asked.settings.sampling.max_tokens or None,
            "reasoning": {"effort": asked.effort or None, "summary": None},
            "text": {"format": _format(asked.extras.response_format)},
            "usage": responses_usage(usage_of(self.followed.view)) if ended else None,
            **_ALWAYS,
        }

    def _begin(self, kind: str) -> list[bytes]:
        at, id = len(self._items), f"{'msg' if kind == 'message' else 'rs'}_{self.followed.run.id}_{len(self._items)}"
        self._texts = []
        if kind == "message":
            self._open = {"id": id, "type": kind, "role": "assistant", "status": "in_progress", "content": []}
            part: dict[str, Any] = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
            opened = ("response.content_part.added", {"content_index": 0})
        else:
            self._open = {"id": id, "type": kind, "summary": []}
            part = {"type": "summary_text", "text": ""}
            opened = ("response.reasoning_summary_part.added", {"summary_index": 0})
        return [
            self._event("response.output_item.added", output_index=at, item=dict(self._open)),
            self._event(opened[0], item_id=id, output_index=at, part=part, **opened[1]),
        ]

    def _delta(self, text: str) -> bytes:
        self._texts.append(text)
        item, at = self._open, len(self._items)
        assert item is not None
        if item["type"] == "message":
            more: dict[str, Any] = {"content_index": 0, "logprobs": []}
            return self._event("response.output_text.delta", item_id=item["id"], output_index=at, delta=text, **more)
        more = {"summary_index": 0}
        return self._event(
            "response.reasoning_summary_text.delta", item_id=item["id"], output_index=at, delta=text, **more
        )

    def _close(self) -> list[bytes]:
        """End the item that is being written."""
        item, at, text = self._open, len(self._items), "".join(self._texts)
        if item is None:
            return []
        self._open = None
        place: dict[str, Any] = {"item_id": item["id"], "output_index": at}
        if item["type"] == "message":
            part: dict[str, Any] = {"type": "output_text", "text": text, "annotations": [], "logprobs": []}
            item.update(status="completed", content=[part])
            done = [
                self._event("response.output_text.done", content_index=0, text=text, logprobs=[], **place),
                self._event("response.content_part.done", content_index=0, part=part, **place),
            ]
        else:
            part = {"type": "summary_text", "text": text}
            item.update(summary=[part])
            done = [
                self._event("response.reasoning_summary_text.done", summary_index=0, text=text, **place),
                self._event("response.reasoning_summary_part.done", summary_index=0, part=part, **place),
            ]
        self._items.append(item)
        return [*done, self._event("response.output_item.done", output_index=at, item=item)]

    def _refusal(self, text: str) -> list[bytes]:
        """A message that is one, whole: it was held until it was known to be."""
        at, id = len(self._items), f"msg_{self.followed.run.id}_{len(self._items)}"
        item: dict[str, Any] = {"id": id, "type": "message", "role": "assistant", "status": "in_progress"}
        part = {"type": "refusal", "refusal": text}
        done = {**item, "status": "completed", "content": [part]}
        place: dict[str, Any] = {"item_id": id, "output_index": at, "content_index": 0}
        self._items.append(done)
        return [
            self._event("response.output_item.added", output_index=at, item={**item, "content": []}),
            self._event("response.content_part.added", part={**part, "refusal": ""}, **place),
            self._event("response.refusal.delta", delta=text, **place),
            self._event("response.refusal.done", refusal=text, **place),
            self._event("response.content_part.done", part=part, **place),
            self._event("response.output_item.done", output_index=at, item=done),
        ]

    def _call(self, call: ToolCall) -> list[bytes]:
        at, arguments = len(self._items), call.arguments or "{}"
        item: dict[str, Any] = {
            "id": f"fc_{self.followed.run.id}_{at}", "type": "function_call", "status": "completed",
            "call_id": call.id, "name": call.name, "arguments": arguments,
        }  # fmt: skip
        self._items.append(item)
        begun = {**item, "status": "in_progress", "arguments": ""}
        place: dict[str, Any] = {"item_id": item["id"], "output_index": at}
        return [
            self._event("response.output_item.added", output_index=at, item=begun),
            self._event("response.function_call_arguments.delta", delta=arguments, **place),
            self._event("response.function_call_arguments.done", name=call.name, arguments=arguments, **place),
            self._event("response.output_item.done", output_index=at, item=item),
        ]

    def _failure(self) -> bytes:
        assert self.followed.failed is not None
        told = errors.of_run(self.followed.failed)[0]["error"]
        code = _CODES.get(self.followed.failed.kind, "server_error")
        response = {**self._response("failed"), "error": {"code": code, "message": told["message"]}}
        return self._event("response.failed", response=response)

    def _event(self, kind: str, **fields: Any) -> bytes:
        self._number += 1
        body = _json({"type": kind, "sequence_number": self._number, **fields})
        return b"event: " + kind.encode() + b"\ndata: " + body + b"\n\n"


def _tool(spec: ToolSpec) -> dict[str, Any]:
    return {
        "type": "function", "name": spec.name, "description": spec.description, "parameters": spec.parameters,
        "strict": spec.strict,
    }  # fmt: skip


def _or(value: float | None, default: float) -> float:
    """What was asked for, else what the form takes for said."""
    return default if value is None else value


def _choice(asked: Asked) -> str | dict[str, Any]:
    word = asked.extras.tool_choice
    if any(spec.name == word for spec in asked.offered):
        return {"type": "function", "name": word}
    return table(asked.choice) or word or "auto"


def _format(wanted: dict[str, Any] | None) -> dict[str, Any]:
    """The form of the answer as Responses write it."""
    if wanted is None or wanted.get("type") != "json_schema":
        return wanted or {"type": "text"}
    named: dict[str, Any] = wanted.get("json_schema") or {}
    return {"type": "json_schema", "description": None, "strict": False, **named}
