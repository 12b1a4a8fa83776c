"""Chat completions as they are answered: by the norm, and by everybody who nearly keeps it.

One reader for all providers, since what one sends today another sends tomorrow; a table of providers would always be
behind. `event` is the hot path.
"""

import math
from typing import Any

from chatmodes.providers.answer import Answer
from chatmodes.providers.complaints import complains
from chatmodes.providers.dialects.pieces import Pieces, joined
from chatmodes.providers.shapes import is_items, is_table, items, table

_REASONING = ("reasoning_content", "reasoning", "reasoning_text", "thinking")
_TEXTS = ("text", "thinking", "content", "summary", "reasoning", "output_text", "refusal", "value")
_STATE = ("reasoning_details", "extra_content", "reasoning_opaque", "encrypted_content", "thinking_blocks")
"""Fields of a message that hold state which the provider wants back."""
_GROW = ("text", "summary", "thinking", "signature", "data")
"""Fields of a piece of such state that come in pieces."""


class ChatReader:
    """Reads one answer of chat completions."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._whole = ""
        """The text of messages sent whole, where the server sends no deltas."""
        self._wholes = False
        self._state: dict[str, Any] = {}
        self._field = ""
        """Where the reasoning came."""
        self._index: object = None
        """Of the choice that is read, where the first one had a number."""

    def event(self, name: str, value: Any) -> None:
        """One chunk."""
        answer = self._answer
        if name == "error":
            answer.refuse(value)
            return
        if not is_table(value):
            if is_items(value):
                answer.refuse(value)
            return
        if usage := value.get("usage") or value.get("x_groq"):
            self._count(table(usage))
        if choices := value.get("choices"):
            if is_items(choices) and (choice := self._ours(choices)):
                self._choice(choice)
        elif "message" in value and is_table(value["message"]):  # Ollama's own form
            self._count(value)
            self._choice({**value, "finish_reason": value.get("done_reason")})
        if (error := value.get("error")) and not _says_nothing(error):
            answer.refuse(value)
        elif "base_resp" in value:
            self._base(table(value["base_resp"]))
        elif "choices" not in value and complains(value):
            answer.refuse(value)

    def whole(self, value: dict[str, Any]) -> bool:
        """A completion in one piece."""
        if not is_items(value.get("choices")) and not is_table(value.get("message")):
            return False
        self.event("", value)
        return True

    def end(self) -> None:
        """Hand over the state that goes back."""
        if self._field not in ("", "reasoning_content") and self._answer.calls:
            self._state["field"] = self._field
        if self._state:
            self._answer.keep("chat", {field: _sent_back(state) for field, state in self._state.items()})

    def _ours(self, choices: list[Any]) -> dict[str, Any] | None:
        """The choice that is the answer, of several where a server gives more than was asked for: the first, and what
        goes on with it."""
        if len(choices) > 1:
            choices = sorted(
                map(table, choices), key=lambda choice: choice.get("index") not in (self._index or 0, None)
            )
        choice: Any = choices[0]
        if not is_table(choice):
            return None
        index = choice.get("index")
        index = index if isinstance(index, int) else None
        if self._index is None:
            self._index = index
        return choice if index == self._index or index is None else None

    def _choice(self, choice: dict[str, Any]) -> None:
        answer = self._answer
        delta: Any = choice.get("delta")
        if isinstance(delta, str):
            delta = {"content": delta}
        if is_table(delta):
            if choice.get("logprobs"):
                self._delta(delta, _logprobs(choice["logprobs"]))
            else:
                self._delta(delta, ())
        if message := choice.get("message"):
            if self._wholes:
                self._whole += _text(table(delta).get("content"))
            self._message(table(message))
        elif isinstance(text := choice.get("text"), str) and text and not delta:
            answer.text(text)
        if usage := choice.get("usage"):
            self._count(table(usage))
        if (reason := choice.get("finish_reason")) is not None:
            answer.ends(reason)
        if (error := choice.get("error")) and not _says_nothing(error):  # OpenRouter's, beside the reason `error`
            answer.refuse({"error": error})

    def _delta(self, delta: dict[str, Any], logprobs: tuple[float, ...]) -> None:
        answer = self._answer
        for field in _REASONING:
            if thought := delta.get(field):
                self._field = field
                answer.thought(_text(thought))
                break
        else:
            if details := delta.get("reasoning_details"):
                answer.thought(_text(details))
        content: Any = delta.get("content")
        if isinstance(content, str):
            if content:
                answer.text(content, logprobs)
        elif content:
            self._parts(content, logprobs)
        if len(delta) > 1 or not content:
            self._rest(delta)

    def _rest(self, delta: dict[str, Any]) -> None:
        """What few deltas have: a refusal, calls, usage, state."""
        answer = self._answer
        if refusal := delta.get("refusal"):
            answer.declines(_text(refusal))
        if calls := delta.get("tool_calls"):
            self._calls(calls)
        if call := delta.get("function_call"):
            answer.calls.add({"index": 0, "function": call})
        if usage := delta.get("usage"):
            self._count(table(usage))
        for field in _STATE:
            if (state := delta.get(field)) is not None:
                self._keep(field, state)

    def _calls(self, calls: Any) -> None:
        entries = items(calls) or [calls]
        for position, entry in enumerate(entries):
            if is_table(entry):
                self._answer.calls.add(entry, position)

    def _parts(self, content: Any, logprobs: tuple[float, ...]) -> None:
        for part in items(content) or [content]:
            if table(part).get("type") in ("thinking", "reasoning"):
                self._answer.thought(_text(part))
            elif table(part).get("type") != "reference":  # Mistral's citations, whose text stands around them
                self._answer.text(_text(part), logprobs)
            logprobs = ()

    def _message(self, message: dict[str, Any]) -> None:
        """A whole message. Beside deltas it says the same again, so it counts only for what has not come."""
        answer = self._answer
        said = dict(message)
        text = _text(said.get("content"))
        if self._wholes and isinstance(said.get("content"), str):
            # Every chunk has one: either all so far, or the next piece of it.
            said["content"] = text[len(self._whole) :] if text.startswith(self._whole) else text
        elif answer.came:
            whole = said.pop("content", None)
            if isinstance(whole, str) and whole.startswith(came := "".join(answer.came)):
                said["content"] = whole[len(came) :]
            if answer.refused:
                said.pop("refusal", None)
        if answer.reasoned and not self._wholes:
            said = {name: value for name, value in said.items() if name not in (*_REASONING, "reasoning_details")}
        if answer.calls:
            said.pop("tool_calls", None)
            said.pop("function_call", None)
        if text and not answer.came:
            self._wholes = True
        if self._wholes:
            self._whole = text if text.startswith(self._whole) else self._whole + text
        self._delta(said, ())

    def _keep(self, field: str, state: Any) -> None:
        """Streamed lists of details are put together again: what came in pieces goes back whole."""
        if is_items(state):
            known = self._state.setdefault(field, [])
            for detail in items(state):
                _join_detail(items(known), detail)
        elif state:
            self._state[field] = state

    def _count(self, usage: dict[str, Any]) -> None:
        if inner := table(usage.get("usage")):  # x_groq
            usage = inner
        if usage:
            self._answer.count(usage)

    def _base(self, base: dict[str, Any]) -> None:
        """MiniMax says with 200 what went wrong."""
        code = base.get("status_code")
        if code:
            self._answer.refuse({"error": {"message": str(base.get("status_msg") or ""), "code": str(code)}})


def _says_nothing(error: Any) -> bool:
    return is_table(error) and not any(error.values())


def _join_detail(known: list[Any], detail: Any) -> None:
    if not is_table(detail):
        return
    last = table(known[-1]) if known else {}
    if last and all(last.get(name) == detail.get(name) for name in ("type", "index", "id")):
        for name, value in detail.items():
            if isinstance(value, str) and isinstance(last.get(name), Pieces):
                last[name].append(value)
            elif value is not None:
                last[name] = _growing(name, value)
    else:
        known.append({name: _growing(name, value) for name, value in detail.items()})


def _growing(name: str, value: Any) -> Any:
    return Pieces([value]) if name in _GROW and isinstance(value, str) else value


def _sent_back(state: Any) -> Any:
    return [joined(table(detail)) for detail in items(state)] if is_items(state) else state


def _logprobs(value: Any) -> tuple[float, ...]:
    found = (table(token).get("logprob") for token in items(table(value).get("content")))
    return tuple(float(number) for number in found if isinstance(number, int | float) and math.isfinite(number))


def _text(value: Any) -> str:
    """The text in a string, in a part, or in a list of either, whatever the part calls it."""
    if isinstance(value, str):
        return value
    if is_items(value):
        return "".join(_text(item) for item in items(value))
    part = table(value)
    return next((_text(part[name]) for name in _TEXTS if part.get(name)), "")
