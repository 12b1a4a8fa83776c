"""Tools as they are offered to a model: under a name for the wire, whoever brought them.

On screen and in rules a server's tool is SERVER/TOOL; `messages.wire_name` makes of it what providers take.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from chatmodes.messages import ToolCall, wire_name
from chatmodes.providers.calls import ToolSpec
from chatmodes.sanitize import one_line, visible
from chatmodes.tools.base import Arguments, Explains, Tool, ToolError, Touch, touching
from chatmodes.tools.pins import digest_of
from chatmodes.tools.results import described
from chatmodes.tools.rules import Rule

SHOWN = 2_000
"""Characters of arguments that are shown to who is asked."""


@dataclass(frozen=True)
class Offer:
    """A tool with its names."""

    tool: Tool
    name: str
    """As people read it."""
    wire: str
    digest: str = ""
    """Of the definition, where it comes from others and may change; empty for what ships."""

    @property
    def touches(self) -> tuple[Touch, ...]:
        """What it touches."""
        return self.tool.touches

    @property
    def spec(self) -> ToolSpec:
        """What a model is told."""
        return ToolSpec(self.wire, described(self.tool.description), self.tool.parameters)


@dataclass(frozen=True)
class Requested:
    """A call that can be made: the tool is known and the arguments are an object."""

    offer: Offer
    arguments: Arguments
    subjects: tuple[str, ...]
    """What rules are compared with, the usual form first."""
    rule: Rule
    """The rule that allows calls like this one."""

    @property
    def key(self) -> tuple[str, str]:
        """Equal for equal calls."""
        return self.offer.name, canonical(self.arguments)

    @property
    def shown(self) -> str:
        """The arguments, for the one who is asked: what a terminal would hide is written out."""
        return visible(canonical(self.arguments))

    @property
    def touches(self) -> str:
        """What the tool touches, in words."""
        return touching(self.offer.touches)

    @property
    def scope(self) -> str:
        """What is about to happen, in plain words for the one who is asked."""
        tool = self.offer.tool
        if isinstance(tool, Explains):
            try:
                return one_line(visible(tool.scope(self.arguments)), SHOWN)
            except Exception:  # noqa: BLE001, S110 - a package's own words, which the general ones can stand in for
                pass
        return one_line(f"{self.offer.name} {self.touches}: {self.shown}", SHOWN)


def offer_of(tool: Tool, *, foreign: bool) -> Offer:
    """A tool to be offered; one that does not ship is known by its definition's digest too."""
    name = one_line(tool.name, 200)
    digest = digest_of(name, tool.description, tool.parameters) if foreign else ""
    return Offer(tool, name, wire_name(name), digest)


def tokens_of(offers: Iterable[Offer]) -> int:
    """What the definitions take of each request, estimated, in tokens."""
    from chatmodes.providers.known.windows import estimate_text

    specs = [offer.spec for offer in offers]
    return sum(estimate_text(f"{each.name} {each.description} {json.dumps(each.parameters)}") for each in specs)


def requested(offers: dict[str, Offer], call: ToolCall) -> Requested:
    """A model's call, read. Raises `ToolError`, which the model can mend its call by."""
    offer = offers.get(call.name)
    if offer is None:
        raise ToolError(f"There is no tool {one_line(call.name, 80)!r}. There are: {', '.join(offers) or 'none'}.")
    arguments = _object(call.arguments)
    tool = offer.tool
    subjects, pattern = (canonical(arguments),), ""
    if isinstance(tool, Explains):
        try:
            subjects, pattern = tool.subjects(arguments), tool.pattern(arguments)
        except ToolError:
            raise
        except Exception as error:  # a stranger's tool; without its words nothing can be decided about the call
            raise ToolError(f"{offer.name} cannot read the arguments: {type(error).__name__}: {error}") from error
    return Requested(offer, arguments, subjects, Rule(offer.name, pattern))


def canonical(arguments: Arguments) -> str:
    """Arguments as JSON, equal for equal ones."""
    return json.dumps(arguments, sort_keys=True, ensure_ascii=False)


def _object(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        decoded: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ToolError(f"The arguments are no valid JSON ({error}). Send one JSON object.") from error
    if isinstance(decoded, str) and decoded.lstrip().startswith("{"):  # an object as JSON in JSON: some models do
        return _object(decoded)
    if decoded is None:
        return {}
    if not isinstance(decoded, dict):
        raise ToolError("The arguments must be one JSON object.")
    return cast("dict[str, Any]", decoded)


def by_wire(offers: Iterable[Offer]) -> dict[str, Offer]:
    """Offers by their names on the wire; of two with one name, the first keeps it."""
    found: dict[str, Offer] = {}
    for offer in offers:
        found.setdefault(offer.wire, offer)
    return found
