"""Looking into JSON from outside, where anything may be anything."""

from typing import Any, TypeGuard, cast


def is_table(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether the value is an object."""
    return isinstance(value, dict)


def is_items(value: object) -> TypeGuard[list[Any]]:
    """Whether the value is an array."""
    return isinstance(value, list)


def table(value: object) -> dict[str, Any]:
    """The value if it is an object; an empty one otherwise."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """The value if it is an array; an empty one otherwise."""
    return cast("list[Any]", value) if isinstance(value, list) else []
