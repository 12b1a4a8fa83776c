"""What has come of one answer, in the program's own terms: where every dialect's parser writes to.

It keeps what has to be kept until the end (usage, the reason, half a tool call), tells marked reasoning from text, and
judges in the end whether it was an answer. What came is never taken back for what is odd beside it.
"""

from typing import Any

import msgspec

from chatmodes.events import ErrorKind, Finish, Usage
from chatmodes.messages import Reasoning
from chatmodes.providers import complaints
from chatmodes.providers.calls import OpaqueChunk, ReasoningChunk, TextChunk, TextWasReasoning, ToolCallChunk
from chatmodes.providers.errors import CallError, failure, refused
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.lenient import Halves
from chatmodes.providers.network import cut_off
from chatmodes.providers.think import ThinkSplitter, behind_another
from chatmodes.providers.tool_calls import ToolCalls
from chatmodes.providers.usage import cost_in, finish_of, merged, usage_of

Piece = TextChunk | ReasoningChunk | ToolCallChunk | OpaqueChunk | TextWasReasoning


class Answer:
    """One answer while it comes. `take` hands out what is new; after `end`, `failure` or `finish` is final."""

    def __init__(self, profile: Profile, model: str, key: str | None = None, *, thinking: bool = False) -> None:
        """`key` is what was sent along, and never shows up in `failure`. `thinking`: the text begins with reasoning."""
        self.profile, self.model = profile, model
        self.failure: CallError | None = None
        """What went wrong; nothing more comes after it."""
        self.finish: Finish | None = None
        self.usage = Usage()
        self.cost: float | None = None
        """What the provider itself says it cost."""
        self.done = False
        """The answer is complete, whatever may follow."""
        self.wrote = self.reasoned = False
        """Text, or reasoning, was handed out."""
        self.refused = False
        """The text is a refusal, as the server itself says."""
        self.came: list[str] = []
        """The text as it came; what may yet turn out to be a mark is in it and not yet handed out."""
        self.calls = ToolCalls()
        self.kept = 0
        """Characters of text and reasoning so far."""
        self.unclosed = False
        """Reasoning began with a mark that no other closed."""
        self.odd = False
        """The value being read may hold surrogates."""
        self._key = key
        self._pieces: list[Piece] = []
        self._think = ThinkSplitter(thinking=thinking)
        self._halves, self._thoughts = Halves(), Halves()
        self._opaque: dict[str, Any] = {}
        self._marked: list[str] = []
        """The text that was taken for reasoning."""

    @property
    def begun(self) -> bool:
        """Something of the answer has come."""
        return self.wrote or self.reasoned or bool(self.calls)

    def take(self) -> list[Piece]:
        """The pieces that are new."""
        pieces, self._pieces = self._pieces, []
        return pieces

    def text(self, text: str, logprobs: tuple[float, ...] = ()) -> None:
        """A piece of the answer's text, in which reasoning may be marked."""
        if self.odd or self._halves.holds:
            text = self._halves.join(text)
        if text:
            self.came.append(text)
        for kind, piece in self._think.decode(text):
            self._add(kind, piece, logprobs)
            logprobs = ()

    def declines(self, text: str) -> None:
        """A piece of a refusal, which is text that the server tells apart."""
        self.refused = self.refused or bool(text)
        self.text(text)

    def thought(self, text: str) -> None:
        """A piece of reasoning that came as such."""
        if self.odd or self._thoughts.holds:
            text = self._thoughts.join(text)
        if text:
            self._think.answers()
            self._reason(text)

    def keep(self, dialect: str, state: Any) -> None:
        """State that the provider wants back unchanged, in the form that this dialect sends it."""
        self._opaque[dialect] = state

    def count(self, raw: dict[str, Any]) -> None:
        """A usage object, in whatever place it came."""
        self.usage = merged(self.usage, usage_of(raw, additive=self.profile.reasoning_additive))
        cost = cost_in(raw)
        self.cost = self.cost if cost is None else cost

    def ends(self, reason: object) -> None:
        """The reason why the model stopped, in the server's word."""
        finish = finish_of(reason)
        if finish is None:
            return
        self.finish = finish
        if finish == "failed":
            said = complaints.from_json(f"it ended the answer with {reason!r}", self._key)
            self.failure = refused(self.profile, self.model, None, said, usage=self.usage)

    def refuse(self, value: Any) -> None:
        """The server says that it failed, in a decoded value of any shape. That says more than a reason `error`."""
        if not self.failure or self.finish == "failed":
            said = complaints.from_json(value, self._key)
            self.failure = refused(self.profile, self.model, None, said, usage=self.usage)

    def fail(self, what: str) -> None:
        """What came is no answer of a chat API; `what` completes the sentence."""
        message = f"{self.profile.name} did not answer as a chat API does: {what}."
        hint = "Check the address; a proxy or a login page of the network may be in between."
        self._end("bad_response", message, hint)

    def overflow(self, what: str) -> None:
        """The server sends without end; `what` says of what there was too much."""
        message = f"{self.profile.name} sent {what}, and was stopped there."
        self._end("bad_response", message, "What came is kept; ask again, or choose another model.")

    def broken(self, error: CallError) -> None:
        """The connection failed. That matters only if the answer was not complete."""
        if self.finish is None and not self.failure:
            error.usage = self.usage
            self.failure = error
        self.done = True

    def end(self) -> None:
        """Nothing more comes: hand out what was held back, and judge."""
        if text := self._halves.flush():
            self.text(text)
        if thought := self._thoughts.flush():
            self._reason(thought)
        self.unclosed = self._think.thinking and not self._think.assumed
        for kind, text in self._think.flush():
            self._add(kind, text, ())
        if not self.wrote and self.finish in (None, "stop") and (text := self._taken_for_reasoning()):
            self._add("text", text, ())
        if not self.failure:
            self._judge()
        if not self.failure or self.failure.finish:
            self._hand_over()

    def _add(self, kind: str, text: str, logprobs: tuple[float, ...]) -> None:
        if kind == "text":
            self.wrote = True
            self.kept += len(text)
            self._pieces.append(TextChunk(text, logprobs))
        elif kind == "reasoning":
            self._marked.append(text)
            self._reason(text)
        elif self.wrote and not self.reasoned:
            self._turn_to_reasoning()

    def _taken_for_reasoning(self) -> str:
        """The answer in what never ended as reasoning: all, where the model was only expected to reason, or what stands
        behind a closing mark that belongs to another opening one."""
        if self._think.assumed:
            return "".join(self._marked)
        return behind_another("".join(self._marked)) if self.unclosed else ""

    def _reason(self, text: str) -> None:
        self.reasoned = True
        self.kept += len(text)
        self._pieces.append(ReasoningChunk(text))

    def _turn_to_reasoning(self) -> None:
        """A closing mark without an opening one: what stands before it was reasoning."""
        self.wrote, self.reasoned = False, True
        here = [ReasoningChunk(piece.text) if isinstance(piece, TextChunk) else piece for piece in self._pieces]
        told = sum(len(piece.text) for piece in here if isinstance(piece, ReasoningChunk)) < self.kept
        self._pieces = [TextWasReasoning(), *here] if told else list(here)

    def _hand_over(self) -> None:
        if self._opaque:
            state = msgspec.json.encode(self._opaque).decode()
            self._pieces.append(OpaqueChunk(Reasoning("", state, self.profile.id, self.model)))
        calls, _ = self.calls.whole(self.profile.id, self.model, cut=self._cut)
        self._pieces.extend(ToolCallChunk(call) for call in calls)

    @property
    def _cut(self) -> bool:
        return self.finish in (None, "length", "filtered", "failed")

    def _judge(self) -> None:
        profile = self.profile
        calls, half = self.calls.whole(profile.id, self.model, cut=self._cut)
        ended = self.finish is not None or not profile.requires_finish_reason
        counted = self.done and self.usage.output_tokens is not None  # Snowflake and others leave the reason out
        if not ended and not counted and self.begun:
            self.failure = _with(cut_off(profile), half)
            self.failure.usage = self.usage
        elif calls:
            if self.finish in (None, "stop", "unknown", "tool_calls"):
                self.finish = "tool_calls"
        elif self.finish == "filtered" and not self.wrote:
            message = f"{profile.name} filtered the answer."
            self._end("filtered", message, "Say it in other words, or choose another model.")
        elif not self.wrote:
            self._empty(half)
        elif self.finish == "tool_calls":
            self.finish = "stop"

    def _empty(self, half: str) -> None:
        again = "Ask again, or choose another model."
        if half:
            message = f"{self.model} was cut off in the middle of a call of the tool {half!r}, and gave no answer."
            self._end("empty", message, "Raise max_tokens in settings.toml, or ask for less at once.")
        elif self.finish == "length":
            message = f"{self.model} used all its tokens on reasoning and gave no answer."
            self._end("empty", message, "Raise max_tokens in settings.toml, or ask it to reason less.")
        elif self.unclosed:
            message = f"{self.model} began to reason, never ended its reasoning, and gave no answer behind it."
            self._end("empty", message, again)
        elif self.reasoned:
            self._end("empty", f"{self.model} reasoned and then gave no answer.", again)
        elif self.finish is None:
            message = f"{self.profile.name} sent an empty answer."
            self._end("empty", message, "The conversation may be longer than the model's window; shorten it.")
        else:
            self._end("empty", f"{self.model} gave an empty answer.", again)

    def _end(self, kind: ErrorKind, message: str, hint: str) -> None:
        if not self.failure:
            self.failure = failure(kind, message, hint, profile=self.profile, usage=self.usage)
            self.failure.finish = self.finish if kind != "bad_response" else None


def _with(error: CallError, half: str) -> CallError:
    """The error, saying that it cut a tool call."""
    if half:
        message = f"{error.error.message.rstrip('.')}, in the middle of a call of the tool {half!r}."
        error.error = msgspec.structs.replace(error.error, message=message)
    return error
