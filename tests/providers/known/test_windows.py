"""A conversation that no longer fits is told before it is sent, with what could be dropped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.messages import Message, assistant, system, user
from chatmodes.providers.calls import ModelInfo
from chatmodes.providers.known.windows import Gauge, estimate_messages, estimate_text

SMALL = ModelInfo(model="acme/small", context_window=1000)


def turns(count: int, words: int = 100) -> list[Message]:
    """A conversation of `count` turns and a last prompt; each message takes about `words` tokens."""
    text = "five " * words
    pairs = [message for _ in range(count) for message in (user(text), assistant(text))]
    return [system("Be short."), *pairs, user("And now?")]


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        # Ranges: the counts of the GPT-4o, Llama 3 and Qwen 3 vocabularies, 25% either way.
        ("The quick brown fox jumps over the lazy dog. " * 20, 150, 250),
        ("def add(a: int, b: int) -> int:\n    return a + b\n" * 20, 220, 400),
        ("今日は天気がいいから散歩しましょう。" * 20, 220, 450),
        ("人工智能正在改变世界。" * 20, 120, 280),
        ("Быстрая коричневая лиса прыгает через ленивую собаку. " * 20, 220, 800),
        ("🙂🚀" * 20, 40, 120),
        ("", 0, 0),
    ],
)
def test_an_estimate_is_of_the_right_size_in_any_script(text: str, low: int, high: int) -> None:
    assert low <= estimate_text(text) <= high


@given(st.text(), st.text())
def test_more_text_is_never_fewer_tokens(a: str, b: str) -> None:
    assert estimate_text(a) <= estimate_text(a + b) <= estimate_text(a) + estimate_text(b)


def test_what_fits_is_left_alone_and_an_unknown_window_says_nothing() -> None:
    assert Gauge().fits(turns(1), SMALL, 100) is None
    assert Gauge().fits(turns(500), ModelInfo(model="acme/unknown"), 100) is None


def test_an_overflow_says_how_much_and_which_oldest_turns() -> None:
    messages = turns(5)
    gauge = Gauge()
    gauge.learn(SMALL.model, messages, estimate_messages(messages))
    overflow = gauge.fits(messages, SMALL, 100)
    assert overflow is not None
    assert overflow.tokens == estimate_messages(messages)
    assert overflow.excess == overflow.tokens + 100 - 1000
    assert overflow.drop == (1, 2, 3, 4), "whole turns, the oldest first, the system message kept"
    assert overflow.enough
    kept = [message for index, message in enumerate(messages) if index not in overflow.drop]
    assert gauge.fits(kept, SMALL, 100) is None
    assert gauge.fits([messages[0], *messages[3:]], SMALL, 100) is not None, "one turn less would not have been enough"
    error = overflow.error()
    assert error.kind == "context_length"
    assert f"{overflow.excess:,} tokens too long for acme/small" in error.message
    assert "oldest 4 messages" in error.hint


def test_an_estimate_no_server_has_corrected_leaves_doubtful_cases_to_the_server() -> None:
    messages = turns(4)
    assert 900 < estimate_messages(messages) < 1000 * 1.2
    gauge = Gauge()
    assert gauge.fits(messages, SMALL, 100) is None
    gauge.learn(SMALL.model, messages, estimate_messages(messages))
    assert gauge.fits(messages, SMALL, 100) is not None


def test_a_prompt_too_long_by_itself_is_not_offered_to_be_cut() -> None:
    overflow = Gauge().fits([*turns(1)[:-1], user("five " * 2000)], SMALL)
    assert overflow is not None
    assert not overflow.enough
    assert "Shorten the prompt" in overflow.error().hint


def test_a_servers_count_corrects_the_estimate_of_its_model_only() -> None:
    gauge = Gauge()
    messages = turns(3)
    before = gauge.estimate("acme/small", messages)
    gauge.learn("acme/small", messages, before * 2)
    assert gauge.estimate("acme/small", messages) == before * 2
    assert gauge.estimate("acme/other", messages) == before
    assert gauge.fits(messages, SMALL, 100) is not None
    gauge.learn("acme/small", messages, before)
    assert before < gauge.estimate("acme/small", messages) < before * 2


@pytest.mark.parametrize("counted", [None, 0])
def test_no_count_and_a_tiny_prompt_teach_nothing(counted: int | None) -> None:
    gauge = Gauge()
    gauge.learn("acme/small", turns(3), counted)
    gauge.learn("acme/small", [user("hi")], 400)
    assert gauge.estimate("acme/small", turns(3)) == estimate_messages(turns(3))


def test_an_absurd_count_is_bounded() -> None:
    gauge = Gauge()
    gauge.learn("acme/small", turns(3), 10_000_000)
    assert gauge.estimate("acme/small", turns(3)) == 3 * estimate_messages(turns(3))


def test_the_answers_cap_stays_inside_the_window() -> None:
    gauge = Gauge()
    messages = turns(3)
    capped = gauge.room(messages, SMALL, 8192)
    assert capped is not None
    assert capped + estimate_messages(messages) <= 1000
    assert gauge.room(messages, SMALL, 50) == 50
    assert gauge.room(messages, ModelInfo(model="acme/unknown"), 8192) == 8192
    assert gauge.room(messages, ModelInfo(model="acme/unknown"), None) is None
    assert gauge.room(messages, ModelInfo(model="acme/short", max_output=20), 8192) == 20
