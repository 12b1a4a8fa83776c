"""What a vote weighs: standing in the panel, arithmetic, and how sure its model was."""

import math

import pytest

from chatmodes.modes.answers.short import read
from chatmodes.modes.contemplating.weigh import MISCALCULATED, UNFOUNDED, Evidence, sound, standing, weights


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        ("AAAAA", {"A": 1.0}),
        ("ABABA", {"A": 5 / 6, "B": 5 / 4}),
        ("ABAB", {"A": 1.0, "B": 1.0}),
        ("ABCAB", {"A": 5 / 6, "B": 5 / 6, "C": 5 / 3}),
    ],
)
def test_every_model_of_a_panel_weighs_the_same_however_often_it_stands_in_the_turn(
    turn: str, expected: dict[str, float]
) -> None:
    found = standing(list(turn))
    assert found == pytest.approx(expected)
    assert sum(found[model] for model in turn) == pytest.approx(len(turn))


def test_without_evidence_a_draft_weighs_one() -> None:
    assert weights([Evidence("m")] * 3, standing(["m"] * 3)) == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("2 * 3 = 6 and 6 + 1 = 7", "7", True),
        ("2 * 3 = 6 and 6 + 1 = 7", "B", True),
        ("10 / 3 = 3.33 and 3.33 * 2 = 6.67", "6.67", True),
        ("1/4 * 2 = 1/2, 100% * 1/2 = 50%", "50%", True),
        ("2 * 3 = 6 and 6 + 1 = 7", "6", None),
        ("6 + 1 = 7", "7", None),
        ("It is seven.", "7", None),
        ("2 * 3 = 6 and 6 + 1 = 8", "8", False),
    ],
)
def test_arithmetic_is_sound_where_it_holds_and_leads_to_the_answer(
    text: str, answer: str, expected: bool | None
) -> None:
    assert sound(text, read(answer)) is expected


def test_false_arithmetic_weighs_less_and_none_somewhat_less_than_some_that_leads_to_the_answer() -> None:
    drafts = [Evidence("m", found) for found in (True, False, None)]
    assert weights(drafts, {"m": 1.0}) == [1.0, MISCALCULATED, UNFOUNDED]
    assert weights(drafts[1:], {"m": 1.0}) == [MISCALCULATED, 1.0]


def test_the_surer_a_model_was_the_more_a_draft_weighs() -> None:
    found = weights([Evidence("m", None, logprob) for logprob in (-0.1, -0.2, -0.3)], {"m": 1.0})
    z = math.sqrt(1.5)
    assert found == sorted(found, reverse=True)
    assert sum(found) == pytest.approx(3)
    assert found[0] / found[2] == pytest.approx(math.exp(2 * z))


@pytest.mark.parametrize("missing", [None, math.nan, -math.inf])
def test_where_one_draft_has_no_probability_none_is_weighed_by_it(missing: float | None) -> None:
    assert weights([Evidence("m", None, -0.1), Evidence("m", None, missing)], {"m": 1.0}) == [1.0, 1.0]


def test_how_sure_models_sound_is_compared_within_each() -> None:
    drafts = [Evidence("a", None, -0.1), Evidence("b", None, -2.0), Evidence("b", None, -2.0)]
    assert weights(drafts, {}) == [1.0, 1.0, 1.0]
