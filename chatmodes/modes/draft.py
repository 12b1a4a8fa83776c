"""What an agent is asked for, and what it brings home: all that a mode and an agent know of each other."""

from collections.abc import Callable
from dataclasses import dataclass

from chatmodes import events as ev
from chatmodes.messages import Message, ToolCall

FollowUp = Callable[[str], tuple[Message, ...]]
"""From the reasoning that came, the conversation that asks for the answer alone."""


@dataclass
class Draft:
    """What an agent brought home. With `error` set it failed, and `text` is what came before that."""

    slot: ev.Slot
    text: str = ""
    reasoning: str = ""
    finish: ev.Finish = "unknown"
    usage: ev.Usage | None = None
    cost: float | None = None
    seconds: float = 0.0
    answer: str | None = None
    error: ev.Error | None = None
    calls: tuple[ToolCall, ...] = ()
    """Of the caller's tools, in place of a text or behind one."""
    looked_up: tuple[str, ...] = ()
    """The calls of tools that brought something, each in a line."""
    logprob: float | None = None
    """Mean natural-log probability of the text's tokens; None where it was not asked for or did not come."""

    @property
    def complete(self) -> bool:
        """It may stand as an answer and vote: it did not fail, and was neither cut nor refused nor empty."""
        return self.error is None and self.finish in ("stop", "unknown") and bool(self.text.strip())

    @property
    def cut(self) -> str | None:
        """What a reader must be told of an answer that stands, but ends before its end."""
        if self.finish == "length":
            return "The answer was cut at the token limit."
        return "The provider's filter cut the answer off." if self.finish == "filtered" else None


@dataclass(frozen=True)
class Request:
    """What an agent asks for, besides what its slot says."""

    messages: tuple[Message, ...]
    max_tokens: int | None = None
    reason: bool | None = None
    splits: bool = False
    """The prompt asks for reasoning between tags, so the text is split into reasoning and answer."""
    follow_up: FollowUp | None = None
    short: Callable[[str], str | None] | None = None
    """Reads the short answer in a draft's text, for `agent_finished`."""
    logprobs: bool = False
    """Ask for the probabilities of the text's tokens."""
