"""What is said in a conversation: messages made of parts.

A message is a list of parts in the order in which they came. An answer that used tools is one message too: its calls,
their results and its text stand in it one after the other, and each dialect cuts it into the turns its API wants.
"""

import re
from collections.abc import Iterable
from typing import Literal

import msgspec

Role = Literal["system", "user", "assistant"]


class Text(msgspec.Struct, frozen=True, tag="text", omit_defaults=True):
    """A run of plain text or Markdown, as it was typed or as the model sent it."""

    text: str
    file: str = ""
    """The name of the file that this is, attached to what was written; empty for what was written itself."""


class File(msgspec.Struct, frozen=True, tag="file", omit_defaults=True):
    """A file that was attached: a text or a PDF. Its bytes are stored once, by their hash."""

    name: str
    media_type: str
    hash: str
    """SHA-256 of `content`, in hex."""
    size: int
    """Bytes."""
    content: bytes = b""
    """The bytes; empty where only the reference was loaded. The store keeps them apart from the message."""
    text: str = ""
    """What a model reads that takes no such file: the decoded text, or the text of a PDF's pages."""
    mentioned: bool = False
    """It was attached by being named in the prompt, so that an edit of the prompt reads it anew."""


class Image(msgspec.Struct, frozen=True, tag="image", omit_defaults=True):
    """A picture, made ready to send: upright, shrunk, without metadata. Its bytes are stored once, by their hash."""

    name: str
    media_type: str
    hash: str
    """SHA-256 of `content`, in hex."""
    width: int
    """Pixels, as sent."""
    height: int
    size: int
    """Bytes, as sent."""
    content: bytes = b""
    """The bytes as sent; empty where only the reference was loaded. The store keeps them apart from the message."""
    original: str = ""
    """SHA-256 of the file it was made from, in hex; empty where that is not known."""
    mentioned: bool = False
    """As a `File`'s."""
    detail: str = ""
    """How closely a program wants it looked at, `low` or `high`; empty leaves it to the model's profile."""


class ToolCall(msgspec.Struct, frozen=True, tag="tool_call", omit_defaults=True):
    """A model's wish to have a tool run."""

    id: str
    name: str
    """The tool's name on the wire (`wire_name`)."""
    arguments: str
    """JSON, as the model sent it; "" where it sent none."""
    opaque: str = ""
    """JSON of fields that the provider wants back unchanged (a signature); empty where there are none."""


class ToolResult(msgspec.Struct, frozen=True, tag="tool_result", omit_defaults=True):
    """What a tool brought, or why it was not run."""

    call: str
    """The id of the `ToolCall` that this answers."""
    name: str
    content: "tuple[Text | Image, ...]"
    error: bool = False


class Reasoning(msgspec.Struct, frozen=True, tag="reasoning", omit_defaults=True):
    """A model's reasoning, with what its provider wants back unchanged in later requests."""

    text: str
    opaque: str = ""
    """JSON: encrypted reasoning, a signature. It goes back to `model` at `provider` and to nobody else."""
    provider: str = ""
    model: str = ""


_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_NAME = 64


def wire_name(name: str) -> str:
    """A tool's name as every provider takes it: letters, digits, `_` and `-`, 64 at most. SERVER/TOOL is SERVER__TOOL,
    and what had to be changed otherwise ends in a hash of the whole. A name that fits stays as it is."""
    plain = name.replace("/", "__")
    wire = _UNFIT.sub("_", plain)
    if plain and wire == plain and len(wire) <= _LONGEST_NAME:
        return wire
    import hashlib  # for the few names that do not fit

    digest = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{wire[: _LONGEST_NAME - 9]}_{digest}"


Part = Text | File | Image | ToolCall | ToolResult | Reasoning


class Message(msgspec.Struct, frozen=True):
    """One turn: who says it, and its parts in order."""

    role: Role
    parts: tuple[Part, ...]

    @property
    def text(self) -> str:
        """All that can be read as text, joined without a separator: what was written and the text files' content."""
        return "".join(part.text for part in self.parts if isinstance(part, Text | File))

    @property
    def written(self) -> str:
        """What was written, without the files that were attached."""
        return "".join(part.text for part in self.parts if isinstance(part, Text) and not part.file)

    @property
    def reasoning(self) -> str:
        """The reasoning that it holds, its passages apart; a stored run has its own in its events."""
        return "\n\n".join(part.text for part in self.parts if isinstance(part, Reasoning) and part.text.strip())

    @property
    def files(self) -> tuple[Text, ...]:
        """The text files that the prompt names, as text parts, whichever way they are kept."""
        return tuple(filter(None, map(_as_text, self.parts)))

    @property
    def attached(self) -> "tuple[File | Image, ...]":
        """The files and pictures that were attached as what they are."""
        return tuple(part for part in self.parts if isinstance(part, File | Image))


def _as_text(part: Part) -> Text | None:
    if isinstance(part, File) and part.mentioned:
        return Text(part.text, file=part.name)
    return part if isinstance(part, Text) and part.file else None


def user(text: str, files: "Iterable[Text | File | Image]" = ()) -> Message:
    """A user's message: one text part, and the files attached to it."""
    return Message("user", (Text(text), *files))


def assistant(text: str) -> Message:
    """A model's message of one text part."""
    return Message("assistant", (Text(text),))


def system(text: str) -> Message:
    """A system message of one text part."""
    return Message("system", (Text(text),))
