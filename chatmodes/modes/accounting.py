"""What an agent has got and what it has used, also where it is cut off in the middle.

A server tells the usage at the end of a call, so a call without its proper end has none. What was seen of it is
estimated, and marked; of a call that ended before its first piece nothing is known: its prompt was read and may be
billed. Unknown is not free, and makes the run's total unknown.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from chatmodes import events as ev
from chatmodes.messages import Message, Part, Reasoning, Text, ToolCall
from chatmodes.providers.calls import Finished, ModelInfo
from chatmodes.providers.known.windows import estimate_messages, estimate_text

_UNREAD: frozenset[ev.ErrorKind] = frozenset(
    ("auth", "quota", "rate_limit", "context_length", "not_found", "bad_request", "network", "server")
)
"""Failures before the first piece that say that no model has read the prompt."""


@dataclass
class Progress:
    """What has come so far, kept outside the loop so that a cancel finds it."""

    began: float = field(default_factory=time.monotonic)
    first: float | None = None
    reasoned_from: float | None = None
    reasoned_to: float | None = None
    text: list[str] = field(default_factory=list[str])
    reasoning: list[str] = field(default_factory=list[str])
    calls: int = 0
    finish: ev.Finish | None = None
    refused: bool = False
    """How the latest call ended; None while one is under way."""
    usage: ev.Usage = ev.NO_USAGE
    """Of the calls that ended."""
    cost: float | None = 0.0
    asked: Sequence[Message] = ()
    """What the call under way sends."""
    sent: bool = False
    """Whether the call under way has gone out; one that waits for its turn has not."""
    pending: int = 0
    """Characters received in the call under way."""
    said_before: int = 0
    """How many pieces of `text` earlier calls brought."""
    thought_before: int = 0
    """The same of `reasoning`."""
    called: list[ToolCall] = field(default_factory=list[ToolCall])
    """What the latest call asks tools for."""
    opaque: list[Reasoning] = field(default_factory=list[Reasoning])
    """What the provider wants back of the latest call's reasoning."""
    handed: list[ToolCall] = field(default_factory=list[ToolCall])
    """Calls of the caller's tools."""
    logprobs: list[float] = field(default_factory=list[float])
    """Of the text's tokens, where they came."""

    @property
    def seconds(self) -> float:
        """Since the agent started."""
        return time.monotonic() - self.began

    @property
    def reasoning_seconds(self) -> float | None:
        """From the first reasoning to the first text, or to the end; None where nothing was reasoned."""
        if self.reasoned_from is None:
            return None
        return (self.reasoned_to or self.seconds) - self.reasoned_from

    @property
    def blank(self) -> bool:
        """Whether no text has come, white space aside."""
        return not any(piece.strip() for piece in self.text)

    def add_text(self, text: str) -> None:
        """Note a piece of text, and that reasoning is over."""
        if self.first is None:
            self.first = self.seconds
        if self.reasoned_from is not None and self.reasoned_to is None:
            self.reasoned_to = self.seconds
        self.text.append(text)

    def add_reasoning(self, text: str) -> None:
        """Note a piece of reasoning."""
        if self.first is None:
            self.first = self.seconds
        if self.reasoned_from is None:
            self.reasoned_from = self.seconds
        self.reasoning.append(text)

    def turn(self, model: str, *, native: bool) -> list[Part]:
        """What the latest call said beside its calls, as `model` is sent it again. Reasoning goes back where it is the
        model's `native` one."""
        thought, said = "".join(self.reasoning[self.thought_before :]), "".join(self.text[self.said_before :])
        parts: list[Part] = [*self.opaque]
        if thought and native and not parts:
            provider, _, name = model.partition("/")
            parts.append(Reasoning(thought, provider=provider, model=name))
        return [*parts, Text(said)] if said.strip() else parts

    def begin_call(self, messages: Sequence[Message]) -> None:
        """A call is about to be made."""
        self.calls += 1
        self.finish, self.asked, self.sent, self.pending = None, messages, True, 0
        self.said_before, self.thought_before = len(self.text), len(self.reasoning)
        self.called.clear()
        self.opaque.clear()

    def end_call(self, done: Finished) -> None:
        """Count a call that ended properly."""
        self.finish, self.pending, self.refused = done.finish, 0, done.refused
        self.usage += done.usage
        self.cost = None if self.cost is None or done.cost is None else self.cost + done.cost

    def cut_call(self, told: ev.Usage | None, error: ev.Error | None, info: ModelInfo | None) -> None:
        """Count a call that was cut off, by `error` or by a cancel. Harmless where none is under way.

        What the server told of it counts, else an estimate of what was seen, else nothing is known.
        """
        if self.finish is not None or not self.calls:
            return
        usage = told if told is not None and told.output_tokens is not None else self._seen(error)
        self.end_call(Finished("unknown", usage, price(info, usage)))

    def _seen(self, error: ev.Error | None) -> ev.Usage:
        if self.pending:
            return ev.Usage(estimate_messages(self.asked), estimate_text("x" * self.pending), None, None, True)
        if not self.sent or (error is not None and error.kind in _UNREAD):
            return ev.NO_USAGE
        return ev.Usage()


def price(info: ModelInfo | None, usage: ev.Usage) -> float | None:
    """US dollars of a usage that no bill came for; None where a price or a count is unknown."""
    if usage == ev.NO_USAGE:
        return 0.0
    if info is None or info.input_price is None or info.output_price is None:
        return None
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    return (usage.input_tokens * info.input_price + usage.output_tokens * info.output_price) / 1e6
