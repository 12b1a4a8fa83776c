"""The one retry layer: how often and how long after each other a call is made, by tenacity's rules.

Apart from `retry.py` because only a call that fails needs tenacity.
"""

import random

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


class Rules:
    """The rules for one call whose first attempt began at `began`, on the monotonic clock."""

    def __init__(self, began: float) -> None:
        self._rules = Retrying(
            stop=stop_any(stop_after_attempt(ATTEMPTS), stop_before_delay(DEADLINE)),
            wait=_Wait(),
            retry=retry_if_exception(lambda error: isinstance(error, CallError) and error.retryable),
            reraise=True,
        )
        self._rules.begin()
        self._state = RetryCallState(self._rules, None, (), {})
        self._state.start_time = began

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
