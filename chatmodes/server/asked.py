"""What a request asks for, in the program's own words, whichever API it came by."""

from dataclasses import dataclass
from typing import Any

import msgspec

from chatmodes.messages import Message
from chatmodes.modes import base
from chatmodes.providers.calls import Extras
from chatmodes.server.errors import RequestError
from chatmodes.server.parts import tool_choice, tools
from chatmodes.settings import ConfigError, Settings

AGENTS = {"minimal": 3, "low": 3, "medium": 5, "high": 9, "xhigh": 16, "max": 16}
"""How many agents Contemplating has, by `reasoning_effort`; five where none is named."""
MOST_CHOICES = 8


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


@dataclass(frozen=True)
class Wanted:
    """What the two APIs spell differently, read."""

    system: str
    path: tuple[Message, ...]
    max_tokens: str
    """The field that caps the answer."""
    effort: object = None
    stop: tuple[str, ...] = ()
    response_format: object = None
    """As chat completions write it, which is how the program holds it."""
    choices: int = 1
    usage: bool = False


def understood(body: dict[str, Any], settings: Settings, wanted: Wanted) -> Asked:
    """The whole request, on top of the server's settings. Raises `RequestError`."""
    mode, model = mode_and_model(body.get("model"))
    effort = wanted.effort if isinstance(wanted.effort, str) else ""
    fitted = _fitted(
        settings,
        mode,
        system=wanted.system,
        temperature=number(body, "temperature", 0, 2),
        max_tokens=whole(body, wanted.max_tokens, 1, 10_000_000),
        effort=effort,
        stop=wanted.stop,
    )
    return Asked(
        name=body["model"],
        mode=mode,
        model=model,
        path=wanted.path,
        settings=fitted,
        extras=Extras(
            tools=tools(body.get("tools")),
            tool_choice=tool_choice(body.get("tool_choice")),
            top_p=number(body, "top_p", 0, 1),
            seed=whole(body, "seed", -(2**63), 2**63),
            response_format=check_format(mode, wanted.response_format),
        ),
        choices=wanted.choices,
        stream=body.get("stream") is True,
        usage=wanted.usage,
        effort=effort,
        one_call=body.get("parallel_tool_calls") is False,
    )


def mode_and_model(name: object) -> tuple[str, str | None]:
    """The parts of a model's name: `MODE` or `MODE/PROVIDER/MODEL`. Raises `RequestError` for one that is neither."""
    if not isinstance(name, str) or not name:
        raise RequestError("`model` is missing: name a mode, such as instant.", param="model")
    mode, _, model = name.partition("/")
    try:
        base.get(mode)
    except ConfigError as error:
        message = f"{error} {error.hint} With a model: {mode if base.exists(mode) else 'MODE'}/PROVIDER/MODEL."
        raise RequestError(message, status=404, code="model_not_found", param="model") from error
    if model and "/" not in model:
        message = f"{name!r} names a mode and half a model: write MODE/PROVIDER/MODEL."
        raise RequestError(message, status=404, code="model_not_found", param="model")
    return mode, model or None


def _fitted(
    settings: Settings,
    mode: str,
    *,
    system: str,
    temperature: float | None,
    max_tokens: int | None,
    effort: str,
    stop: tuple[str, ...],
) -> Settings:
    """The settings for one request. The server's own system prompt is its user's, and not sent for others."""
    replace = msgspec.structs.replace
    agents = AGENTS.get(effort) if mode == "contemplating" else None
    sampling = replace(
        settings.sampling,
        temperature=settings.sampling.temperature if temperature is None else temperature,
        max_tokens=max_tokens or settings.sampling.max_tokens,
        effort="" if agents or effort == "none" else effort or settings.sampling.effort,
        stop=stop or settings.sampling.stop,
    )
    changed = replace(settings, system=system, mode=mode, sampling=sampling)
    if agents:
        changed = replace(changed, contemplating=replace(changed.contemplating, agents=agents))
    return changed


def number(body: dict[str, Any], name: str, low: float, high: float) -> float | None:
    """A number of the request within its bounds; None where there is none."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RequestError(f"`{name}` must be a number from {low:g} to {high:g}.", param=name)
    return value


def whole(body: dict[str, Any], name: str, low: int, high: int) -> int | None:
    """A whole number of the request within its bounds; None where there is none."""
    value = number(body, name, low, high)
    if value is not None and value != int(value):
        raise RequestError(f"`{name}` must be a whole number.", param=name)
    return None if value is None else int(value)


def refuse(body: dict[str, Any], fields: dict[str, str]) -> None:
    """Raise `RequestError` for a field that asks for what cannot be done: it is never ignored in silence."""
    for name, why in fields.items():
        if body.get(name) not in (None, False, 0, 0.0, "", [], {}):
            raise RequestError(f"`{name}` is not supported: {why}", code="unsupported_parameter", param=name)


def check_format(mode: str, wanted: object) -> dict[str, object] | None:
    """The form of the answer that is asked for. Raises `RequestError` where a mode cannot keep to one."""
    if wanted is None or wanted == {"type": "text"}:
        return None
    if not isinstance(wanted, dict) or wanted.get("type") not in ("json_object", "json_schema"):  # pyright: ignore[reportUnknownMemberType]
        raise RequestError("`response_format` is of no known type.", param="response_format")
    if mode not in ("instant", "thinking"):
        message = f"{mode} cannot keep to a response_format: its agents write in a form of their own. Take instant."
        raise RequestError(message, code="unsupported_parameter", param="response_format")
    return wanted  # pyright: ignore[reportUnknownVariableType]
