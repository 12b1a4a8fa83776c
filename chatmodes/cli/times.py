"""Points in time as people write and read them on a command line."""

import re
import time
from datetime import UTC, datetime, timedelta

from chatmodes.settings import ConfigError

_BACK = re.compile(r"(\d{1,5})([hdwy])")
_HOURS = {"h": 1, "d": 24, "w": 24 * 7, "y": 24 * 365}


def moment(text: str, *, end: bool = False) -> float:
    """Seconds since 1970 of a day, a time, or hours, days, weeks or years back: 2026-11-24, 2026-11-24T09:30, 30d.

    What names no zone is local. A day means its beginning, or with `end` the moment it is over. Raises `ConfigError`.
    """
    if back := _BACK.fullmatch(text):
        return time.time() - int(back[1]) * _HOURS[back[2]] * 3600
    try:
        at = datetime.fromisoformat(text)
        if end and len(text) <= len("2026-11-24"):
            at += timedelta(days=1)
        return at.timestamp()
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            f"{text!r} is no date.", "Write 2026-11-24, 2026-11-24T09:30, or 30d for 30 days back."
        ) from error


def iso(at: float) -> str:
    """The time as JSON gives it: ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def local(at: float) -> str:
    """The time as a table shows it."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M")
