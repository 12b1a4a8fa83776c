"""What a request asks for, in the program's own words, whichever API it came by."""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import msgspec

from chatmodes.messages import File, Image, Message, Text
from chatmodes.modes import base
from chatmodes.providers.calls import Extras, ToolSpec
from chatmodes.providers.shapes import is_table, table
from chatmodes.server.errors import RequestError
from chatmodes.settings import ConfigError, Settings

AGENTS = {"minimal": 3, "low": 3, "medium": 5, "high": 9, "xhigh": 16, "max": 16}
"""How many agents Contemplating has, by `reasoning_effort`; five where none is named."""
MOST_CHOICES = 8
_PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif")


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
    one_call: bool = False
    """No more than one tool call is wanted."""


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


def fitted(
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


def tool(name: object, description: object, parameters: Any, where: str) -> ToolSpec:
    """A tool of the client's. Raises `RequestError` for one that cannot be offered."""
    if not isinstance(name, str) or not name:
        raise RequestError("A tool has no name.", param=where)
    if parameters is not None and not is_table(parameters):
        raise RequestError(f"The parameters of the tool {name!r} are no JSON Schema.", param=where)
    schema = table(parameters) or {"type": "object", "properties": {}}
    return ToolSpec(name, description if isinstance(description, str) else "", schema)


def picture(url: object, where: str) -> Image:
    """An image from a data URL. Raises `RequestError`; an address is never fetched for a client, who might name one
    that only this machine can reach."""
    if not isinstance(url, str) or not url.startswith("data:"):
        raise RequestError("Images are taken as data URLs (data:image/png;base64,…) and not fetched.", param=where)
    media_type, data = _data(url, where)
    if media_type not in _PICTURES:
        raise RequestError(f"Images are PNG, JPEG, WebP or GIF, and not {media_type!r}.", param=where)
    return Image("image", media_type, _hash(data), 0, 0, len(data), data)


def attachment(url: object, name: object, where: str) -> File | Text:
    """A file from a data URL: a PDF, or a text."""
    if not isinstance(url, str) or not url.startswith("data:"):
        raise RequestError("Files are taken as data URLs (data:application/pdf;base64,…).", param=where)
    media_type, data = _data(url, where)
    called = name if isinstance(name, str) and name else "file"
    if media_type.startswith("text/"):
        text = data.decode("utf-8", "replace")
        return File(called, media_type, _hash(data), len(data), data, f"\n\n{called}:\n{text}")
    return File(called, media_type, _hash(data), len(data), data)


def _data(url: str, where: str) -> tuple[str, bytes]:
    head, _, payload = url.removeprefix("data:").partition(",")
    media_type, *options = head.split(";")
    try:
        data = base64.b64decode(payload, validate=True) if "base64" in options else payload.encode()
    except (binascii.Error, ValueError) as error:
        raise RequestError("A data URL holds no valid base64.", param=where) from error
    if not data:
        raise RequestError("A data URL holds nothing.", param=where)
    return media_type.strip().lower(), data


def _hash(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


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
