"""`now`: the date and the time, which no model knows."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from chatmodes.tools.base import Arguments, Context, ToolError, Touch, read, schema


class _Where(msgspec.Struct, frozen=True):
    zone: str = ""


class Now:
    """The date and the time."""

    name = "now"
    description = "Tells the current date, weekday, time and time zone: the user's, or that of a zone by its IANA name."
    parameters = schema(
        (),
        zone=("string", "For example Asia/Tokyo; left out: the user's own"),
    )
    touches: tuple[Touch, ...] = ()

    async def run(self, arguments: Arguments, context: Context) -> str:
        """The time in words and in ISO form. Raises `ToolError` for a zone that is none."""
        del context
        name = read(arguments, _Where).zone
        try:
            at = datetime.now(ZoneInfo(name)) if name else datetime.now().astimezone()
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ToolError(f"There is no time zone {name[:60]!r}; they have names like Europe/Berlin.") from None
        return f"{at:%A}, {at.isoformat(timespec='seconds')} ({name or at.tzname()})"
