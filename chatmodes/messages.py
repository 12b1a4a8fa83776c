"""What is said in a conversation: messages made of parts.

A message is a list of parts from the first day, so that images and tool calls can join without a second kind of
message; text is the only part there is yet.
"""

from collections.abc import Iterable
from typing import Literal

import msgspec

Role = Literal["system", "user", "assistant"]


class Text(msgspec.Struct, frozen=True, tag="text", omit_defaults=True):
    """A run of plain text or Markdown, as it was typed or as the model sent it."""

    text: str
    file: str = ""
    """The name of the file that this is, attached to what was written; empty for what was written itself."""


Part = Text


class Message(msgspec.Struct, frozen=True):
    """One turn: who says it, and its parts in order."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """All text parts, joined without a separator."""
        return "".join(part.text for part in self.parts)

    @property
    def written(self) -> str:
        """What was written, without the files that were attached."""
        return "".join(part.text for part in self.parts if not part.file)

    @property
    def files(self) -> tuple[Text, ...]:
        """The files that were attached."""
        return tuple(part for part in self.parts if part.file)


def user(text: str, files: Iterable[Text] = ()) -> Message:
    """A user's message: one text part, and the files attached to it."""
    return Message("user", (Text(text), *files))


def assistant(text: str) -> Message:
    """A model's message of one text part."""
    return Message("assistant", (Text(text),))


def system(text: str) -> Message:
    """A system message of one text part."""
    return Message("system", (Text(text),))
