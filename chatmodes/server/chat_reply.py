"""An answer as chat completions tell it: whole, or in chunks as it comes."""

import time
from collections.abc import AsyncGenerator
from typing import Any

import anyio
import msgspec

from chatmodes import events as ev
from chatmodes.messages import ToolCall
from chatmodes.server import errors
from chatmodes.server.asked import Asked
from chatmodes.server.following import Called, Followed, Piece, Refused, Said, Thought
from chatmodes.server.merging import merged
from chatmodes.server.outcome import chat_usage, summed

_json = msgspec.json.Encoder().encode


class ChatReply:
    """One request's answer, of one run or of several."""

    def __init__(self, asked: Asked, followed: list[Followed]) -> None:
        self.asked, self.followed = asked, followed
        self._id = f"chatcmpl-{followed[0].run.id}"
        self._created = int(time.time())

    async def whole(self) -> tuple[dict[str, Any], int]:
        """The body and its status, once every run has ended. One that failed fails the request and ends the others,
        which nobody would read."""
        texts: list[dict[str, Any]] = [{} for _ in self.followed]
        failures: list[ev.Error] = []

        async def one(at: int, followed: Followed) -> None:
            thoughts = [piece.text async for piece in followed.pieces() if isinstance(piece, Thought)]
            texts[at] = _message(followed, "".join(thoughts))
            if followed.failed:
                failures.append(followed.failed)
                for other in self.followed:
                    other.stop("another answer to the same request failed")

        async with anyio.create_task_group() as tasks:
            for at, followed in enumerate(self.followed):
                tasks.start_soon(one, at, followed)
        if failures:
            return errors.of_run(failures[0])
        choices = [
            {"index": at, "message": texts[at], "logprobs": None, "finish_reason": each.finish}
            for at, each in enumerate(self.followed)
        ]
        usage = chat_usage(summed([followed.view for followed in self.followed]))
        return {**self._head("chat.completion"), "choices": choices, "usage": usage}, 200

    async def frames(self) -> AsyncGenerator[bytes]:
        """The stream: a role at once, what comes, a finish reason for each choice, the usage if asked for."""
        for at in range(len(self.followed)):
            yield self._chunk(at, {"role": "assistant", "content": ""})
        async with merged([self._told(at, each) for at, each in enumerate(self.followed)]) as frames:
            async for frame in frames:
                yield frame
        if self.asked.usage:
            usage = chat_usage(summed([followed.view for followed in self.followed]))
            yield _frame({**self._head("chat.completion.chunk"), "choices": [], "usage": usage})
        yield b"data: [DONE]\n\n"

    async def _told(self, at: int, followed: Followed) -> AsyncGenerator[bytes]:
        async for piece in followed.pieces():
            yield self._chunk(at, _delta(piece))
        if followed.failed:
            yield _frame(errors.of_run(followed.failed)[0])
        else:
            yield self._chunk(at, {}, followed.finish)

    def alive(self) -> bytes:
        """A comment for proxies, and an empty delta for clients that count events alone."""
        return b": still at work\n\n" + self._chunk(0, {})

    def _head(self, kind: str) -> dict[str, Any]:
        tier = {"service_tier": "default"} if "service_tier" in self.asked.books else {}
        return {"id": self._id, "object": kind, "created": self._created, "model": self.asked.name, **tier}

    def _chunk(self, at: int, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": at, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _frame({**self._head("chat.completion.chunk"), "choices": [choice]})


def _frame(body: dict[str, Any]) -> bytes:
    return b"data: " + _json(body) + b"\n\n"


def _delta(piece: Piece) -> dict[str, Any]:
    match piece:
        case Said():
            return {"content": piece.text}
        case Refused():
            return {"refusal": piece.text}
        case Called():
            return {"tool_calls": [{"index": piece.at, **_call(piece.call)}]}
        case Thought():
            return {"reasoning_content": piece.text}


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments or "{}"}}


def _message(followed: Followed, thoughts: str) -> dict[str, Any]:
    text = followed.answer
    nothing = followed.calls or followed.refusal
    message: dict[str, Any] = {"role": "assistant", "content": text if text or not nothing else None}
    if thoughts:
        message["reasoning_content"] = thoughts
    if followed.calls:
        message["tool_calls"] = [_call(call) for call in followed.calls]
    return {**message, "refusal": followed.refusal, "annotations": []}
