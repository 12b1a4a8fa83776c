"""JSON of other programs, read leniently: a field of another type than it should have counts as not there.

Exports change without notice and hold nulls where nobody expects them; one odd field must not cost a conversation.
"""

import json
import math
from datetime import UTC, datetime
from typing import Any

_MILLISECONDS = 1e11
"""A time beyond this many seconds, the year 5138, is in milliseconds."""


class Fields:
    """One JSON object; anything else reads as an empty one."""

    def __init__(self, value: object) -> None:
        self._fields: dict[str, Any] = value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownMemberType]

    def __bool__(self) -> bool:
        return bool(self._fields)

    def __contains__(self, key: str) -> bool:
        return key in self._fields

    def text(self, *keys: str) -> str:
        """The first of the fields that is a text with something in it; empty where none is."""
        found = (value for key in keys if isinstance(value := self._fields.get(key), str) and value)
        return next(found, "")

    def object(self, key: str) -> "Fields":
        """The object in a field."""
        return Fields(self._fields.get(key))

    def values(self, key: str) -> list[Any]:
        """What a list in a field holds."""
        value: Any = self._fields.get(key)
        return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]

    def texts(self, key: str) -> list[str]:
        """The texts that a list in a field holds; whatever else is in it is passed over."""
        return [value for value in self.values(key) if isinstance(value, str)]

    def objects(self, key: str) -> "list[Fields]":
        """The objects that a list in a field holds; whatever else is in it is passed over."""
        return [found for value in self.values(key) if (found := Fields(value))]

    def flag(self, key: str) -> bool:
        """Whether a field is true, and not merely something."""
        return self._fields.get(key) is True

    def whole_number(self, key: str) -> int | None:
        """A number without a fraction."""
        value: Any = self._fields.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def time(self, key: str) -> float | None:
        """Seconds since 1970 of a number, or of an ISO 8601 time, taken for UTC where it names no zone."""
        value: Any = self._fields.get(key)
        if isinstance(value, str):
            return timestamp(value)
        return _within(float(value)) if isinstance(value, int | float) and abs(value) < 1e300 else None

    def as_json(self) -> str:
        """All of it, for people."""
        try:
            return json.dumps(self._fields, indent=2, ensure_ascii=False)
        except RecursionError:
            return "(It is nested too deep to be shown.)"

    def plain(self, key: str) -> Any:
        """The value as it is; None where there is none."""
        return self._fields.get(key)


def timestamp(text: str | None) -> float | None:
    """Seconds since 1970 of an ISO 8601 time, taken for UTC where it names no zone; None for anything else."""
    try:
        at = datetime.fromisoformat(text or "")
        return _within((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def _within(seconds: float) -> float | None:
    if not math.isfinite(seconds) or seconds < 0:
        return None
    return seconds if seconds < _MILLISECONDS else _within(seconds / 1000)
