"""When a call is made again: tenacity's rules, asked between attempts of a stream.

A stream cannot be wrapped in a retried function, since what it says while it waits must reach the reader before the
wait. So the rules are tenacity's (`retry_rules.py`, imported at the first failure: 20 ms that a call which succeeds
need not wait for), and the loop is the gateway's. The SDK's own retries are off.
"""

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from chatmodes.providers.errors import CallError

if TYPE_CHECKING:
    from chatmodes.providers.retry_rules import Rules


class Attempts:
    """The attempts at one call."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._rules: Rules | None = None

    @property
    def number(self) -> int:
        """Of the attempt under way, or about to begin; 1 for the first."""
        return self._rules.number if self._rules else 1

    def failed(self, failure: CallError) -> float:
        """The seconds to wait before the next attempt. Raises the failure when there is to be none."""
        if self._rules is None:
            from chatmodes.providers.retry_rules import Rules

            self._rules = Rules(self._began)
        return self._rules.failed(failure)


def retry_after(headers: Mapping[str, str], said: str = "") -> float | None:
    """The seconds a server asks to wait: `retry-after-ms`, or `retry-after` as a number or an HTTP date, or in words
    ("Please try again in 1m2.5s"). None where it does not say, or says nothing that makes sense."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "").strip()
    seconds = _number(value)
    if seconds is not None:
        return seconds
    if value:
        with suppress(ValueError, OverflowError):
            when = parsedate_to_datetime(value)
            return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())
        said = f"retry after {value} {said}"  # "30s", which some write there
    found = re.search(r"(?:retry|try again) (?:in|after) ((?:[\d.]+ ?(?:ms|s|m|h)[a-z]* ?)+)", said, re.IGNORECASE)
    if not found:
        return None
    units = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
    parts = re.findall(r"([\d.]+) ?(ms|s|m|h)", found[1].lower())
    return sum((_number(number) or 0.0) * units[unit] for number, unit in parts)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e9 else None
