"""What a request asks for, in the program's own words, whichever API it came by."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from chatmodes.messages import Message, ToolCall
from chatmodes.modes import base
from chatmodes.providers.calls import Extras, ToolSpec
from chatmodes.providers.shapes import is_table
from chatmodes.server import fields
from chatmodes.server.errors import RequestError
from chatmodes.server.offered import chosen, tools
from chatmodes.settings import ConfigError, Settings

AGENTS = {"none": 3, "minimal": 3, "low": 3, "medium": 5, "high": 9, "xhigh": 16, "max": 16}
"""How many agents Contemplating has, by `reasoning_effort`; as many as the settings say where none is named."""
MOST_CHOICES = 8
MOST_TOKENS = 10_000_000
TAKEN = fields.BOOKS | {"model", "parallel_tool_calls", "stream", "temperature", "tool_choice", "tools", "top_p"}
"""The fields that both APIs have and that are taken."""
STREAM_OPTIONS = {"include_obfuscation": fields.Refused("nothing is added to what is streamed.", (False,))}


@dataclass(frozen=True)
class Asked:
    """One request, understood."""

    name: str
    """The model as the client wrote it; it reads the same in the answer."""
    mode: str
    model: str | None
    """`provider/model`; None takes the mode's own."""
    path: tuple[Message, ...]
    settings: Settings
    extras: Extras
    choices: int = 1
    stream: bool = False
    usage: bool = False
    """The stream ends with what was used."""
    effort: str = ""
    """As it was asked for; what it means differs by mode."""
    one_call: bool = False
    """No more than one tool call is wanted."""
    stops: tuple[str, ...] = ()
    """Where the answer is to end."""
    offered: tuple[ToolSpec, ...] = ()
    """All tools of the request; `extras` has those that may be called."""
    choice: object = None
    """`tool_choice` as it was asked for."""
    books: dict[str, Any] = field(default_factory=dict[str, Any])
    """What was said for a provider's books, to be repeated."""

    @property
    def called(self) -> frozenset[str]:
        """The ids of the calls that were made before."""
        return frozenset(part.id for message in self.path for part in message.parts if isinstance(part, ToolCall))

    @property
    def seeds(self) -> int:
        """How many seeds one answer takes, counted on from its own: its agents each have another."""
        return 1 if self.mode in ("instant", "thinking") else self.settings.contemplating.agents


@dataclass(frozen=True)
class Wanted:
    """What the two APIs spell differently, read."""

    system: str
    path: tuple[Message, ...]
    max_tokens: int | None
    effort: str = ""
    stop: tuple[str, ...] = ()
    seed: int | None = None
    response_format: object = None
    """As chat completions write it, which is how the program holds it."""
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    choices: int = 1
    usage: bool = False


def understood(body: dict[str, Any], settings: Settings, wanted: Wanted) -> Asked:
    """The whole request, on top of the server's settings. Raises `RequestError`."""
    mode, model = mode_and_model(body.get("model"))
    offered = tools(body.get("tools"))
    callable, choice = chosen(body.get("tool_choice"), offered)
    return Asked(
        name=body["model"],
        mode=mode,
        model=model,
        path=wanted.path,
        settings=_fitted(settings, mode, wanted, fields.number(body, "temperature", 0, 2)),
        extras=Extras(
            tools=callable,
            tool_choice=choice,
            top_p=fields.number(body, "top_p", 0, 1),
            seed=wanted.seed,
            response_format=check_format(mode, wanted.response_format),
            presence_penalty=wanted.presence_penalty,
            frequency_penalty=wanted.frequency_penalty,
            capped=wanted.max_tokens is not None,
        ),
        choices=wanted.choices,
        stream=fields.flag(body, "stream"),
        usage=wanted.usage,
        effort=wanted.effort,
        stops=wanted.stop,
        one_call=not fields.flag(body, "parallel_tool_calls", default=True),
        offered=offered,
        choice=body.get("tool_choice"),
        books={name: body[name] for name in fields.BOOKS if body.get(name) is not None},
    )


def mode_and_model(name: object) -> tuple[str, str | None]:
    """The parts of a model's name: `MODE` or `MODE/PROVIDER/MODEL`. Raises `RequestError` for one that is neither."""
    if not isinstance(name, str) or not name:
        raise RequestError("`model` is missing: name a mode, such as instant.", param="model")
    mode, slash, model = name.partition("/")
    try:
        base.get(mode)
    except ConfigError as error:
        message = f"{error} {error.hint} With a model: {mode if base.exists(mode) else 'MODE'}/PROVIDER/MODEL."
        raise RequestError(message, status=404, code="model_not_found", param="model") from error
    if slash and "/" not in model.strip("/"):
        message = f"{name!r} names a mode and half a model: write MODE/PROVIDER/MODEL."
        raise RequestError(message, status=404, code="model_not_found", param="model")
    return mode, model or None


def effort(body: dict[str, Any], name: str, inside: str = "") -> str:
    """How hard a model is to think, a word that the APIs know; empty where nothing is said."""
    return fields.word(body, name, AGENTS, inside)


def _fitted(settings: Settings, mode: str, wanted: Wanted, temperature: float | None) -> Settings:
    """The settings for one request. The server's own system prompt is its user's, and not sent for others."""
    replace = msgspec.structs.replace
    effort, agents = wanted.effort, AGENTS.get(wanted.effort) if mode == "contemplating" else None
    if effort == "none" and mode in ("thinking", "auto"):
        message = f"An effort of none is what instant is for; {mode} reasons. Take instant, or another effort."
        raise RequestError(message, code="unsupported_value", param="reasoning_effort")
    sampling = replace(
        settings.sampling,
        temperature=settings.sampling.temperature if temperature is None else temperature,
        max_tokens=wanted.max_tokens or settings.sampling.max_tokens,
        effort="" if agents or effort == "none" else effort or settings.sampling.effort,
        stop=_handed_on(mode, wanted.stop) or settings.sampling.stop,
    )
    changed = replace(settings, system=wanted.system, mode=mode, sampling=sampling)
    if agents:
        changed = replace(changed, contemplating=replace(changed.contemplating, agents=agents))
    return changed


def _handed_on(mode: str, stops: tuple[str, ...]) -> tuple[str, ...]:
    """The stops that a model is told. What agents think and draft has lines and paragraphs, and one that stopped at
    the first would never come to its answer, which ends there all the same."""
    return stops if mode == "instant" else tuple(stop for stop in stops if not stop.isspace())


def check_format(mode: str, wanted: object) -> dict[str, object] | None:
    """The form of the answer that is asked for. Raises `RequestError` where a mode cannot keep to one."""
    if wanted is None or wanted == {"type": "text"}:
        return None
    if not is_table(wanted) or wanted.get("type") not in ("json_object", "json_schema"):
        raise RequestError("`response_format` is of no known type.", param="response_format")
    schema = wanted.get("json_schema")
    if wanted["type"] == "json_schema" and not (is_table(schema) and is_table(schema.get("schema"))):
        raise RequestError("A `response_format` of type json_schema has a name and a schema.", param="response_format")
    if mode not in ("instant", "thinking"):
        message = f"{mode} cannot keep to a response_format: its agents write in a form of their own. Take instant."
        raise RequestError(message, code="unsupported_parameter", param="response_format")
    return wanted
