"""The one retry layer: tenacity's rules, asked between attempts of a stream.

A stream cannot be wrapped in a retried function, since what it says while it waits must reach the reader before the
wait. So the rules are tenacity's, and the loop is the gateway's. The SDK's own retries are off.
"""

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from tenacity import (
    DoSleep,
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_any,
    stop_before_delay,
)
from tenacity.wait import wait_base, wait_random_exponential

from chatmodes.providers.errors import CallError

ATTEMPTS = 5
DEADLINE = 120.0
"""Seconds since the first attempt after which no further one begins; a longer Retry-After fails at once."""


class _Wait(wait_base):
    """What the server asks for and up to a tenth more, so that agents do not all come back at once; else jitter."""

    def __init__(self) -> None:
        self._jitter = wait_random_exponential(multiplier=1, max=20)

    def __call__(self, retry_state: RetryCallState) -> float:
        error = retry_state.outcome.exception() if retry_state.outcome else None
        asked = error.retry_after if isinstance(error, CallError) else None
        if asked is None:
            return self._jitter(retry_state)
        return asked * (1 + random.random() / 10) + random.random() / 10


class Attempts:
    """The attempts at one call."""

    def __init__(self) -> None:
        self._rules = Retrying(
            stop=stop_any(stop_after_attempt(ATTEMPTS), stop_before_delay(DEADLINE)),
            wait=_Wait(),
            retry=retry_if_exception(lambda error: isinstance(error, CallError) and error.retryable),
            reraise=True,
        )
        self._rules.begin()
        self._state = RetryCallState(self._rules, None, (), {})

    @property
    def number(self) -> int:
        """Of the attempt under way, or about to begin; 1 for the first."""
        return self._state.attempt_number

    def failed(self, failure: CallError) -> float:
        """The seconds to wait before the next attempt. Raises the failure when there is to be none."""
        self._state.set_exception((type(failure), failure, failure.__traceback__))
        wait = self._rules.iter(self._state)
        self._state.prepare_for_next_attempt()
        assert isinstance(wait, DoSleep)
        return float(wait)


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
        try:
            when = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        return max(0.0, ((when if when.tzinfo else when.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds())
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
