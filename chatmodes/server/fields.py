"""The fields of a request, read by name and by type: each is taken, or refused by its name, and none is ignored."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, cast

from chatmodes.server.errors import RequestError

BOOKS = frozenset(
    {
        "metadata", "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "safety_identifier",
        "service_tier", "store", "user",
    }
)  # fmt: skip
"""What a provider keeps its books by. It changes nothing about an answer, and Responses repeat what was said."""


@dataclass(frozen=True)
class Refused:
    """A field that is known and not taken."""

    why: str
    nothing: tuple[object, ...] = ()
    """Values that ask for what is done anyway."""


def check(body: dict[str, Any], taken: Collection[str], refused: Mapping[str, Refused], inside: str = "") -> None:
    """Raise `RequestError` for a field that is neither taken nor says nothing. `inside` is the field that `body` is."""
    for field, value in body.items():
        if field in taken or value is None:
            continue
        name = f"{inside}.{field}" if inside else field
        known = refused.get(field)
        if known is None:
            message = f"`{name}` is not known here and would have no effect; leave it out."
            raise RequestError(message, code="unknown_parameter", param=name)
        if value not in known.nothing:
            raise RequestError(f"`{name}` is not supported: {known.why}", code="unsupported_parameter", param=name)


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


def flag(body: dict[str, Any], name: str, *, default: bool = False) -> bool:
    """A yes or no of the request."""
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise RequestError(f"`{name}` must be true or false.", param=name)
    return value


def word(body: dict[str, Any], name: str, words: Collection[str], inside: str = "") -> str:
    """One of several words; empty where there is none, which a form that was left empty sends as no word."""
    value = body.get(name)
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or value not in words:
        name = f"{inside}.{name}" if inside else name
        raise RequestError(f"`{name}` must be one of {', '.join(words)}.", param=name)
    return value


def text(body: dict[str, Any], name: str) -> str:
    """A text; empty where there is none."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise RequestError(f"`{name}` must be a text.", param=name)
    return value or ""


def inner(body: dict[str, Any], name: str) -> dict[str, Any]:
    """An object inside the request; empty where there is none."""
    value = body.get(name)
    if value is not None and not isinstance(value, dict):
        raise RequestError(f"`{name}` must be an object.", param=name)
    return cast("dict[str, Any]", value) if value else {}
