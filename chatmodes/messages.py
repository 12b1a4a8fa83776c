"""What is said in a conversation: messages made of parts.

A message is a list of parts from the first day, so that images and tool calls can join without a second kind of
message; text is the only part there is yet.
"""

from typing import Literal

import msgspec

Role = Literal["system", "user", "assistant"]


class Text(msgspec.Struct, frozen=True, tag="text"):
    """A run of plain text or Markdown, as it was typed or as the model sent it."""

    text: str


Part = Text


class Message(msgspec.Struct, frozen=True):
    """One turn: who says it, and its parts in order."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """All text parts, joined without a separator."""
        return "".join(part.text for part in self.parts)


def user(text: str) -> Message:
    """A user's message of one text part."""
    return Message("user", (Text(text),))


def assistant(text: str) -> Message:
    """A model's message of one text part."""
    return Message("assistant", (Text(text),))


def system(text: str) -> Message:
    """A system message of one text part."""
    return Message("system", (Text(text),))
