"""Every way a chat API fails, through the gateway: the right kind, no lost text, the right number of requests."""

import pytest

from tests.fake import Fake, Wire
from tests.fake.faults import FAULTS
from tests.providers.calls import ask, endpoint

pytestmark = pytest.mark.anyio
HALF = "Hello from the first half"

ENDED: dict[str, tuple[str, str]] = {
    # what breaks in mid-stream: fault -> outcome, text
    "reset-mid-stream": ("stream_cut", HALF),
    "cut": ("stream_cut", HALF),
    "cut-with-done": ("stream_cut", HALF),
    "cut-mid-chunk": ("stream_cut", HALF),
    "no-last-blank-line": ("stop", HALF),
    "no-done": ("stop", HALF),
    "done-then-gone": ("stop", HALF),
    "done-then-reset": ("stop", HALF),
    "hang": ("timeout", ""),
    "hang-mid-stream": ("timeout", HALF),
    "keep-alive-forever": ("timeout", ""),
    "keep-alive": ("stop", HALF),
    "error-chunk": ("server", HALF),
    "error-chunk-string": ("server", HALF),
    "error-chunk-list": ("server", HALF),
    "error-event": ("server", HALF),
    "bad-json": ("stop", HALF),
    "bad-utf8": ("stop", HALF + " \ufffd\ufffd"),
    "finish-error": ("server", HALF),
    # a 200 that is no stream
    "html-with-200": ("bad_response", ""),
    "answer-without-stream": ("stop", "Hello in one piece"),
    "empty": ("empty", ""),
    "empty-body": ("empty", ""),
    "only-reasoning": ("empty", ""),
    "filtered": ("filtered", HALF),
    "filtered-empty": ("filtered", ""),
    # statuses that another attempt would not change
    "401": ("auth", ""),
    "402": ("quota", ""),
    "403": ("auth", ""),
    "404": ("not_found", ""),
    "400": ("bad_request", ""),
    "412": ("quota", ""),
    "413": ("context_length", ""),
    "422": ("bad_request", ""),
    "429-quota": ("quota", ""),
    "429-spend": ("quota", ""),
    "429-after-300": ("rate_limit", ""),
    "context": ("context_length", ""),
    "context-500": ("context_length", ""),
    "array-error": ("auth", ""),
    "detail-error": ("not_found", ""),
    "mistral-error": ("bad_request", ""),
    "plain-error": ("bad_request", ""),
    # odd, but an answer
    "odd-choices": ("unknown", "Hello"),
    "content-list": ("stop", "Hello"),
    "tool-call": ("stop", "Hello"),
    "additive-usage": ("stop", "Hello"),
    "usage-on-choice": ("stop", "Hello"),
    "split-think": ("stop", "Hello"),
    "unclosed-think": ("empty", ""),
}
AGAIN: dict[str, str] = {
    # nothing had come yet, and it may pass: fault -> kind of the cause
    "reset-before-headers": "network",
    "error-first": "server",
    "json-with-200": "server",
    "408": "timeout",
    "409": "server",
    "429": "rate_limit",
    "429-after-1": "rate_limit",
    "429-after-fraction": "rate_limit",
    "429-after-ms": "rate_limit",
    "429-after-date": "rate_limit",
    "498": "rate_limit",
    "500": "server",
    "500-html": "server",
    "503": "server",
    "529": "server",
    "array-error-503": "server",
    "empty-error": "server",
}
NEVER_ENDING = {"endless"}


def patience(fault: str) -> dict[str, float]:
    """The limits, of which only the one that the fault is to meet is short: a busy machine meets no other."""
    outcome, text = ENDED[fault]
    times_out = outcome == "timeout"
    return {"first_token": 0.4 if times_out and not text else 60.0, "idle": 0.4 if times_out and text else 60.0}


def test_every_fault_is_expected_to_do_something() -> None:
    assert set(FAULTS) == ENDED.keys() | AGAIN.keys() | NEVER_ENDING


@pytest.mark.parametrize("fault", ENDED)
async def test_a_fault_ends_the_call_once_and_keeps_what_came(fake: Fake, fault: str) -> None:
    async with endpoint(fake, **patience(fault)) as gateway:
        told = await ask(gateway, f"endpoint/fault:{fault}")
    assert (told.outcome, told.text) == ENDED[fault]
    assert len(fake.chats) == 1
    if told.error:
        assert told.error.message.endswith(".")
        assert told.error.provider == "endpoint"
    fake.wait_until(lambda: fake.open_connections == 0)


@pytest.mark.parametrize("fault", AGAIN)
async def test_what_may_pass_is_tried_again_and_said(fake: Fake, fault: str) -> None:
    async with endpoint(fake) as gateway:
        told = await ask(gateway, f"endpoint/fault:{fault}", retry=False)
    assert [retry.cause.kind for retry in told.retries] == [AGAIN[fault]]
    assert told.retries[0].attempt == 2
    assert len(fake.chats) == 1


async def test_the_second_attempt_answers(fake: Fake) -> None:
    async with endpoint(fake) as gateway:
        told = await ask(gateway, "endpoint/fault:503,times=1")
    assert (told.outcome, told.text, len(told.retries)) == ("stop", "Hello after all.", 1)
    assert len(fake.chats) == 2


async def test_attempts_come_to_an_end(fake: Fake) -> None:
    async with endpoint(fake) as gateway:
        told = await ask(gateway, "endpoint/fault:503")
    assert told.outcome == "server"
    assert [retry.attempt for retry in told.retries] == [2, 3, 4, 5]
    assert len(fake.chats) == 5


@pytest.mark.parametrize(
    ("fault", "least", "most"),
    [
        ("429-after-1", 1, 1.3),
        ("429-after-fraction", 0.2, 0.4),
        ("429-after-ms", 0.15, 0.3),
        ("429-after-date", 0, 1.3),
    ],
)
async def test_the_servers_wait_is_kept_with_a_little_on_top(fake: Fake, fault: str, least: float, most: float) -> None:
    async with endpoint(fake) as gateway:
        told = await ask(gateway, f"endpoint/fault:{fault}", retry=False)
    assert least <= told.retries[0].wait <= most


async def test_usage_is_known_of_a_call_that_failed_late(fake: Fake) -> None:
    async with endpoint(fake) as gateway:
        told = await ask(gateway, "endpoint/fault:only-reasoning")
    assert told.usage
    assert told.usage.output_tokens == 2
    assert "reasoning" in (told.error.message if told.error else "")


KEY = "key-of-the-endpoint"
LATE = "x " * 190 + "Incorrect key: " + KEY
"""The shown part of a message ends in the middle of this key."""


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": {"message": f"Incorrect key: {KEY}"}}),
        (401, {"error": {"message": LATE}}),
        (401, LATE),
        (401, {"detail": [{"loc": [KEY], "msg": LATE}]}),
        (200, {"error": {"message": f"Incorrect key: {KEY}", "code": 401}}),
        (200, {"error": LATE}),
        (200, f"<html><head><title>Incorrect key: {KEY}</title></head></html>"),
        (200, f"what is {'this ' * 13} {KEY}"),
        (200, f"{'this' * 46} {KEY}\n\n"),
        (200, f'data: {{"error": {{"message": "Incorrect key: {KEY}", "code": 401}}}}\n\n'),
        (200, f'event: error\ndata: "{LATE}"\n\n'),
        (200, f'data: {{"choices": [{{"delta": {{}}, "finish_reason": "error: {KEY}"}}]}}\n\n'),
    ],
)
async def test_a_key_in_a_servers_complaint_is_not_repeated(fake: Fake, status: int, body: object) -> None:
    async def tell(wire: Wire) -> None:
        await wire.reply(status, body)

    fake.scripts["rude"] = tell
    async with endpoint(fake) as gateway:
        told = await ask(gateway, "endpoint/rude", retry=False)
    assert told.error
    shown = told.error.message + told.error.hint
    assert not [KEY[:length] for length in range(5, len(KEY)) if KEY[:length] in shown]
