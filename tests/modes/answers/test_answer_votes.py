"""Which drafts may vote: those that were asked for the mark vote by it, and only where most of them gave one."""

import pytest

from chatmodes.modes.answers.voting import readings

CHEST = "How long can I wait with chest pain before seeing someone?"


def votes(question: str, *texts: str, asked: bool = True) -> list[str | None]:
    found = readings(question, texts, [asked] * len(texts))
    return [answer.display if answer else None for answer in found]


def test_a_mark_in_most_drafts_decides_and_a_phrase_may_join_it() -> None:
    assert votes("6*7?", "ANSWER: 42", "ANSWER: 42", "So the answer is 42.") == ["42", "42", "42"]
    assert votes("6*7?", "ANSWER: 42", "So the answer is 42.", "It is 42.") == [None, None, None]


def test_numbers_in_the_prose_of_a_model_that_was_asked_for_a_mark_are_no_votes() -> None:
    assert votes(CHEST, "Do not wait: call 112.", "Not at all. Call 112", "Get help.") == [None, None, None]
    assert votes("How many are there?", "There are 7.", "There are 7.") == [None, None]


def test_a_small_model_votes_by_what_it_was_asked_and_for_nothing_else() -> None:
    assert votes(CHEST, "Do not wait: call 112.", "Call 112", asked=False) == [None, None]
    assert votes("How many are left?", "Of 12 he ate 5, so 7 are left.", asked=False) == ["7"]
    assert votes("Tell me of the Moon.", "People landed in 1969.", asked=False) == [None]


def test_where_those_who_were_asked_have_no_answer_the_small_ones_have_no_say() -> None:
    found = readings("How many?", ["It depends.", "So 7.", "So 7."], [True, False, False])
    assert found == [None, None, None]
    found = readings("How many?", ["ANSWER: 7", "So 7.", "So 8."], [True, False, False])
    assert [answer and answer.display for answer in found] == ["7", "7", "8"]


@pytest.mark.parametrize(
    "said",
    ["It depends", "nuanced", "N/A (open-ended question)", "Done", "See the code above", "The answer is nuanced."],
)
def test_a_hedge_behind_the_mark_is_no_vote(said: str) -> None:
    assert votes("Is it good?", *[f"Well.\nANSWER: {said}"] * 3) == [None] * 3


def test_no_draft_has_no_vote() -> None:
    assert readings("How many?", [], []) == []
