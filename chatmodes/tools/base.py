"""What a tool is: the protocol that built-in ones, other packages' and servers' stand behind.

A package offers its own by an entry point of the group `chatmodes.tools`, whose name is the tool's: the class, or an
instance. It needs `name`, `description`, `parameters`, `touches` and `run`; what `Explains` has besides makes
approval kinder and is optional.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

import msgspec

from chatmodes.messages import Image, Text

Touch = Literal["reads", "acts", "network"]
"""What a tool touches: it reads the user's files, it changes something, it talks to other machines."""
Content = Sequence[Text | Image]
Arguments = dict[str, Any]

_WORDS: dict[Touch, str] = {"reads": "reads files", "acts": "may change things", "network": "uses the network"}


class ToolError(Exception):
    """A tool could not do what it was asked: a sentence that the model reads, and may do something about."""


@dataclass(frozen=True)
class Context:
    """What a tool is given besides its arguments."""

    folder: Path | None
    """The working directory; None where there is none."""
    seconds: float
    """How long the call may take; it is cancelled then."""


@runtime_checkable
class Tool(Protocol):
    """Something that a model may call."""

    @property
    def name(self) -> str:
        """As people read it, and as rules name it: letters, digits, `_` and `-`; a server's is SERVER/TOOL."""
        ...

    @property
    def description(self) -> str:
        """What it does, for the model."""
        ...

    @property
    def parameters(self) -> dict[str, object]:
        """JSON Schema of the arguments: an object."""
        ...

    @property
    def touches(self) -> tuple[Touch, ...]:
        """What it touches. One that touches nothing runs without being asked about; one that acts never runs for a
        draft."""
        ...

    async def run(self, arguments: Arguments, context: Context) -> str | Content:
        """Do it. Raises `ToolError` for what the model should know; anything else is told as the tool's mistake.

        The arguments are an object as the model sent it, checked by nobody. It is cancelled when the run is.
        """
        ...


@runtime_checkable
class Explains(Protocol):
    """What a tool may have besides, so that what it is about to do can be told and ruled on more finely."""

    def scope(self, arguments: Arguments) -> str:
        """What this call is about to do and touch, in plain words; any exception means that it cannot be said."""
        ...

    def subjects(self, arguments: Arguments) -> tuple[str, ...]:
        """What the PATTERN of a rule is compared with, the usual form first. Raises `ToolError` for arguments that
        stand for nothing."""
        ...

    def pattern(self, arguments: Arguments) -> str:
        """The pattern of a rule that allows calls like this one; empty for all calls of the tool."""
        ...


def schema(required: Sequence[str], **properties: tuple[str, str]) -> dict[str, object]:
    """JSON Schema of arguments, from each one's type and description."""
    described = {name: {"type": kind, "description": about} for name, (kind, about) in properties.items()}
    return {"type": "object", "properties": described, "required": list(required)}


def touching(touches: Sequence[Touch]) -> str:
    """What a tool touches, in words."""
    return ", ".join(_WORDS[each] for each in touches) or "touches nothing"


_Wanted = TypeVar("_Wanted", bound=msgspec.Struct)


def read(arguments: Arguments, wanted: type[_Wanted]) -> _Wanted:
    """Arguments as a record; null stands for what is left out. Raises `ToolError` for what is missing or of another
    kind."""
    given = {name: value for name, value in arguments.items() if value is not None}
    try:
        return msgspec.convert(given, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise ToolError(f"The arguments are wrong: {error}.") from error
