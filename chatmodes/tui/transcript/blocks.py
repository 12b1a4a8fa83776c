"""What a transcript is made of: blocks as data, made by the screens, known to the widget by their ids."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["user", "answer", "reasoning", "agents", "notice", "success", "warning", "error"]


@dataclass(frozen=True)
class Block:
    """One thing in the transcript. Text from outside needs no cleaning before: the transcript cleans all it is
    given."""

    id: str
    tone: Tone
    text: str = ""
    """Markdown, or plain text where `markdown` is False."""
    head: str = ""
    """A line above the text; what is left of the block when it is folded."""
    markdown: bool = True
    foldable: bool = False
    folded: bool = False
    opens: bool = False
    """Its head opens something else: a click or Enter there is an `OpenRequested`."""
    live: bool = False
    """More text is to come through `stream`, until `finish`."""


def prompt(id: str, text: str, head: str = "") -> Block:
    """What the user wrote, as it was typed."""
    return Block(id, "user", text, head, markdown=False)


def attached(id: str, text: str, head: str) -> Block:
    """What goes out with a prompt: folded to its head until the user opens it."""
    return Block(id, "user", text, head, markdown=False, foldable=True, folded=True)


def picture(id: str, head: str) -> Block:
    """A picture that goes out with a prompt: a line that opens it."""
    return Block(id, "user", "", f"▣ {head}", markdown=False, opens=True)


def answer(id: str, text: str = "", head: str = "", *, live: bool = False) -> Block:
    """A model's answer. `head` names its mode and model."""
    return Block(id, "answer", text, head, live=live)


def reasoning(id: str, text: str = "", head: str = "Thinking", *, folded: bool = True, live: bool = False) -> Block:
    """A chain of thought; folded to its head until the user opens it."""
    return Block(id, "reasoning", text, head, foldable=True, folded=folded, live=live)


def notice(id: str, text: str, tone: Literal["notice", "success", "warning", "error"] = "notice") -> Block:
    """A line of the program's own: what happened, why, what to do."""
    return Block(id, tone, text, markdown=False)


def tool(id: str, head: str, text: str = "", *, folded: bool = True) -> Block:
    """A tool's call, which opens to its arguments and its result."""
    return Block(id, "agents", text, head, markdown=False, foldable=True, folded=folded)


def agents(id: str, head: str, text: str = "", *, folded: bool = True) -> Block:
    """A Contemplating run's summary line, which opens to what was kept and overruled, and to the drafts."""
    return Block(id, "agents", text, head, foldable=True, folded=folded)
