"""How long to wait, in every form a server says it, and when not to wait at all."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from chatmodes.events import Error
from chatmodes.providers.errors import CallError
from chatmodes.providers.retry import Attempts, retry_after
from chatmodes.providers.retry_rules import ATTEMPTS


@pytest.mark.parametrize(
    ("headers", "said", "seconds"),
    [
        ({}, "", None),
        ({"retry-after": "7"}, "", 7),
        ({"retry-after": "0.25"}, "", 0.25),
        ({"retry-after-ms": "1500", "retry-after": "2"}, "", 1.5),
        ({"retry-after": "soon"}, "", None),
        ({"retry-after": "-3"}, "", None),
        ({"retry-after": "nan"}, "", None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, "", 0),
        ({}, "Please try again in 7.66s.", 7.66),
        ({}, "Please try again in 1m2.5s", 62.5),
        ({}, "Please retry in 450ms", 0.45),
    ],
)
def test_what_the_server_asks_for(headers: dict[str, str], said: str, seconds: float | None) -> None:
    assert retry_after(headers, said) == (seconds if seconds is None else pytest.approx(seconds))


def test_a_date_is_seconds_from_now() -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    assert retry_after({"retry-after": then}) == pytest.approx(30, abs=2)


def failed(retryable: bool = True, after: float | None = None) -> CallError:
    return CallError(Error("rate_limit", "Too often."), retryable=retryable, retry_after=after)


def test_without_a_word_from_the_server_the_wait_grows_and_is_never_the_same() -> None:
    waits = [attempts.failed(failed()) for attempts in (Attempts() for _ in range(20))]
    assert all(0 <= wait <= 1 for wait in waits)
    assert len(set(waits)) > 1
    attempts = Attempts()
    for number in range(1, ATTEMPTS):
        assert attempts.failed(failed()) <= 2 ** (number - 1)


def test_it_gives_up_after_some_attempts() -> None:
    attempts = Attempts()
    for number in range(2, ATTEMPTS + 1):
        attempts.failed(failed())
        assert attempts.number == number
    with pytest.raises(CallError):
        attempts.failed(failed())


def test_what_cannot_get_better_is_not_tried_again() -> None:
    with pytest.raises(CallError):
        Attempts().failed(failed(retryable=False))


def test_a_wait_longer_than_the_deadline_is_not_begun() -> None:
    with pytest.raises(CallError):
        Attempts().failed(failed(after=300))
