"""One parser for every provider's stream: bytes in, pieces of text and of reasoning out, and how it ended.

It never raises for what a server sent: what is wrong is in `failure` once the pieces before it have been handed out,
so that no text is lost to the error behind it.
"""

from typing import Any

import msgspec

from chatmodes.events import ErrorKind, Finish, Usage
from chatmodes.providers import complaints
from chatmodes.providers.calls import ReasoningChunk, TextChunk
from chatmodes.providers.errors import CallError, failure, refused
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.network import cut_off
from chatmodes.providers.shapes import is_items, is_table, items, table
from chatmodes.providers.sse import EventDecoder, TooLongError
from chatmodes.providers.think import ThinkSplitter
from chatmodes.providers.usage import cost_in, finish_of, usage_of

Piece = TextChunk | ReasoningChunk
_REASONING = ("reasoning", "reasoning_content", "reasoning_text")
_TEXTS = ("text", "thinking", "content", "summary", "reasoning")
_TOO_DEEP = "what it sent is nested too deeply"
"""Some 1,000 levels, in decoding or in looking through what was decoded; no answer has ten."""
_decode = msgspec.json.Decoder().decode


class DeltaParser:
    """The body of one response, piece by piece: `decode` while it comes, `flush` at its end."""

    def __init__(self, profile: Profile, model: str, key: str | None = None) -> None:
        """`key` is what was sent along, and never shows up in `failure`."""
        self.failure: CallError | None = None
        """What went wrong; nothing more comes after it."""
        self.finish: Finish | None = None
        self.usage = Usage()
        self.cost: float | None = None
        """What the provider itself says it cost."""
        self.events = 0
        """Events so far; comments are none."""
        self.done = False
        """[DONE] has come."""
        self.wrote = self.reasoned = False
        self._profile, self._model, self._key = profile, model, key
        self._sse, self._think = EventDecoder(), ThinkSplitter()
        self._logprobs: list[float] = []

    def decode(self, data: bytes) -> list[Piece]:
        """The pieces in this part of the body."""
        if self.failure or self.done:
            return []
        try:
            events = self._sse.decode(data)
        except TooLongError:
            self._fail("it sent a line longer than 64 MB")
            return []
        return self._take(events)

    def flush(self) -> list[Piece]:
        """The last pieces, after which `failure` or `finish` is final."""
        pieces: list[Piece] = []
        if not self.failure and not self.done:
            pieces = self._take(self._sse.flush())
            if self._sse.body is not None:
                pieces += self._whole(bytes(self._sse.body))
        for kind, text in self._think.flush():
            self._add(kind, text, pieces)
        self._judge_end()
        return pieces

    def broken(self, error: CallError) -> None:
        """The connection failed. That matters only if the answer was not complete."""
        if self.finish is None and not self.failure:
            error.usage = self.usage
            self.failure = error
        self.done = True

    @property
    def begun(self) -> bool:
        """A piece has come."""
        return self.wrote or self.reasoned

    def _take(self, events: list[tuple[str, bytes]]) -> list[Piece]:
        pieces: list[Piece] = []
        for name, data in events:
            if data.startswith(b"[DONE]"):
                self.done = True
                break
            self.events += 1
            try:
                self._named(name, self._json(data), pieces)
            except RecursionError:
                self._fail(_TOO_DEEP)
            if self.failure:
                break
        return pieces

    def _named(self, name: str, value: Any, pieces: list[Piece]) -> None:
        if name == "error" and not self.failure:
            self._refuse(value)
        if not self.failure:
            self._event(value, pieces)

    def _json(self, data: bytes) -> Any:
        try:
            return _decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        try:
            # Broken UTF-8 costs a character, not the answer.
            return _decode(data.decode("utf-8", "replace").encode())
        except msgspec.DecodeError as error:
            self._fail(f"it sent an event that is not JSON ({error})")
            return None

    def _event(self, event: Any, pieces: list[Piece]) -> None:
        if not is_table(event):
            if is_items(event):
                self._refuse(event)
            elif event is not None:
                self._fail("it sent an event that is no object")
            return
        chunk = table(event)
        if chunk.get("error"):
            self._refuse(chunk)
            return
        usage = chunk.get("usage") or table(chunk.get("x_groq")).get("usage")
        if usage:
            self._count(table(usage))
        choices = items(chunk.get("choices"))
        if choices:
            self._choice(table(choices[0]), pieces)

    def _choice(self, choice: dict[str, Any], pieces: list[Piece]) -> None:
        delta = table(choice.get("delta") or choice.get("message"))
        if delta:
            if choice.get("logprobs"):
                self._note_logprobs(choice["logprobs"])
            self._delta(delta, pieces)
        if choice.get("usage"):
            self._count(table(choice["usage"]))
        reason = choice.get("finish_reason")
        if reason:
            self.finish = finish_of(reason)
            if self.finish == "failed":
                said = complaints.from_json(f"it ended the answer with {reason!r}", self._key)
                self.failure = refused(self._profile, self._model, None, said, usage=self.usage)

    def _delta(self, delta: dict[str, Any], pieces: list[Piece]) -> None:
        thought = next((delta[name] for name in _REASONING if delta.get(name)), None)
        if thought or "reasoning_details" in delta:
            self._thought(_text(thought or delta["reasoning_details"]), pieces)
        content = delta.get("content")
        if isinstance(content, str):
            if content:
                self._content(content, pieces)
        else:
            for part in items(content):
                self._part(part, pieces)
        if delta.get("refusal"):
            self._content(_text(delta["refusal"]), pieces)

    def _part(self, part: Any, pieces: list[Piece]) -> None:
        if table(part).get("type") in ("thinking", "reasoning"):
            self._thought(_text(part), pieces)
        else:
            self._content(_text(part), pieces)

    def _content(self, text: str, pieces: list[Piece]) -> None:
        for kind, piece in self._think.decode(text):
            self._add(kind, piece, pieces)

    def _add(self, kind: str, text: str, pieces: list[Piece]) -> None:
        if kind == "reasoning":
            self._thought(text, pieces)
            return
        self.wrote = True
        logprobs, self._logprobs = tuple(self._logprobs), []
        pieces.append(TextChunk(text, logprobs))

    def _thought(self, text: str, pieces: list[Piece]) -> None:
        if text:
            self.reasoned = True
            pieces.append(ReasoningChunk(text))

    def _note_logprobs(self, value: Any) -> None:
        for token in items(table(value).get("content")):
            number = table(token).get("logprob")
            if isinstance(number, int | float):
                self._logprobs.append(float(number))

    def _count(self, usage: dict[str, Any]) -> None:
        self.usage = usage_of(usage, additive=self._profile.reasoning_additive)
        self.cost = cost_in(usage)

    def _whole(self, body: bytes) -> list[Piece]:
        """A body that is no event stream: a completion in one piece, an error with 200, a web page."""
        pieces: list[Piece] = []
        if body.lstrip()[:1] == b"<":
            self._fail(f"it sent a web page, {complaints.from_body(body, self._key).message!r}")
            return pieces
        try:
            value = self._json(body)
            if not self.failure:
                self.events += 1
                answer = table(value)
                if "choices" in answer and not answer.get("error"):
                    self._event(answer, pieces)
                else:
                    self._refuse(value)
        except RecursionError:
            self._fail(_TOO_DEEP)
        return pieces

    def _judge_end(self) -> None:
        if self.failure:
            return
        stray = self._sse.stray
        if not self.events and stray:
            self._fail(f"it sent {complaints.tidy(complaints.hide(stray, self._key))[:80]!r}")
        elif self.finish is None and self._profile.requires_finish_reason and self.begun:
            self.failure = cut_off(self._profile)
        elif self.finish == "filtered" and not self.wrote:
            message = f"{self._profile.name} filtered the answer."
            self._end("filtered", message, "Say it in other words, or choose another model.")
        elif not self.wrote:
            self._empty()

    def _empty(self) -> None:
        if self.finish == "length":
            message = f"{self._model} used all its tokens on reasoning and gave no answer."
            self._end("empty", message, "Raise max_tokens in settings.toml, or ask it to reason less.")
        elif self.reasoned:
            message = f"{self._model} reasoned and then gave no answer."
            self._end("empty", message, "Ask again, or choose another model.")
        elif self.finish is None:
            message = f"{self._profile.name} sent an empty answer."
            self._end("empty", message, "The conversation may be longer than the model's window; shorten it.")
        else:
            self._end("empty", f"{self._model} gave an empty answer.", "Ask again, or choose another model.")

    def _end(self, kind: ErrorKind, message: str, hint: str) -> None:
        self.failure = failure(kind, message, hint, profile=self._profile, usage=self.usage)
        self.failure.finish = self.finish

    def _refuse(self, value: Any) -> None:
        self.failure = refused(
            self._profile, self._model, None, complaints.from_json(value, self._key), usage=self.usage
        )

    def _fail(self, what: str) -> None:
        message = f"{self._profile.name} did not answer as a chat API does: {what}."
        hint = "Check the address; a proxy or a login page of the network may be in between."
        self.failure = failure("bad_response", message, hint, profile=self._profile, usage=self.usage)


def _text(value: Any) -> str:
    """The text in a string, in a part, or in a list of either, whatever the part calls it."""
    if isinstance(value, str):
        return value
    if is_items(value):
        return "".join(_text(item) for item in items(value))
    part = table(value)
    return next((_text(part[name]) for name in _TEXTS if part.get(name)), "")
