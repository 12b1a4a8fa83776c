"""Inequalities, intervals and equations hold a number that is not the answer; each is equal to its own spellings."""

from itertools import combinations

import pytest

from chatmodes.modes.answers.algebra import undecided
from chatmodes.modes.answers.short import ShortAnswer, read, same

SAME = [
    ["x >= 5", "x≥5", r"$x \ge 5$", r"x \geq 5", "5 <= x", "[5, ∞)", r"$[5,\infty)$", "at least 5", "5 or more"],
    ["x >= 5", "no less than 5", "a minimum of 5", "x is at least 5", "greater than or equal to 5", "x ∈ [5, ∞)"],
    ["x > 5", "> 5", "5 < x", "(5, ∞)", "more than 5", "over 5", r"\left(5,\infty\right)", "]5, ∞["],
    ["x < 5", "less than 5", r"(-\infty, 5)", "under 5", "x is less than 5", "5 > x", "{x | x < 5}"],
    ["x <= 5", "at most 5", "up to 5", "no more than 5", "5 or less", "(-∞, 5]", r"x\leqslant 5"],
    ["1 < x <= 2", "(1, 2]", "2 >= x > 1", "x > 1 and x <= 2", r"x \in (1,2]"],
    ["1 < x < 2", "(1, 2)", "]1, 2["],
    ["x < -2 or x > 3", r"(-\infty,-2) \cup (3,\infty)", "x > 3 or x < -2", "x < -2 and x > 3"],
    ["x != 5", r"x \neq 5", "x≠5", "5 ≠ x"],
    ["1, 2", r"x \in \{1,2\}", "x = 1 or x = 2"],
    ["at least $5", ">= 5 dollars"],
    ["2x + y < 5", "5 > 2x + y"],
    ["15", "3 * 5 = 15", "x = 15", "AB = 15", "3 x 5 = 15", "f(x) = 15", "the total is 3 * 5 = 15", "total cost = 15"],
    [
        "15",
        "x = 3 * 5 = 15",
        "a total of 3 * 5 = 15",
        "[15]",
        "[15 apples]",
        "P(A) = 15",
        "f(2) = 15",
        "The answer is x = 15",
        "Janet's 3 * 5 = 15",
        "x_1 = 15",
    ],
]
DIFFERENT = [
    ["x >= 5", "x <= 5", "x > 5", "x < 5", "x != 5", "5", "not 5", "y >= 5", "5 ± 1", "±5"],
    ["≥5", "≤5", ">5", "<5", "≠5"],
    [r"x \ge 5", r"x \le 5", r"x \neq 5"],
    ["3x - y = 5", "2x + y = 5", "x = 5", "xy = 5", "|x| = 5", "3x = 5"],
    ["x + y = 10", "x - y = 10", "10"],
    ["a^2 + b^2 = 25", "25", "x^2 = 25"],
    ["(-∞, 3]", "[3, ∞)", "3", "(3, ∞)", "(-∞, 3)"],
    [r"[2, \infty)", r"(2, \infty)", "2"],
    ["at least 5", "less than 5", "at most 5", "more than 5", "5"],
    ["at least 5 apples", "at most 5 apples", "5 apples"],
    ["She needs at least 5 of them", "She needs at most 5 of them", "She needs 5 of them"],
    ["It is not 5 km", "It is 5 km"],
    ["(1, 2]", "[1, 2)", "[1, 2]", "(1, 2)"],
    ["Alexander > Bernadette", "Alexander < Bernadette"],
    ["at least 5 kg", "at least 5 km"],
    ["infinity", "-infinity"],
]


def answer(text: str) -> ShortAnswer:
    found = read(text)
    assert found is not None, text
    return found


@pytest.mark.parametrize("spellings", SAME, ids=lambda group: group[0])
def test_a_relation_is_itself_in_every_spelling(spellings: list[str]) -> None:
    for a, b in combinations(spellings, 2):
        assert same(answer(a), answer(b)), (a, b)


@pytest.mark.parametrize("spellings", DIFFERENT, ids=lambda group: group[0])
def test_a_relation_is_no_number_and_no_other_relation(spellings: list[str]) -> None:
    for a, b in combinations(spellings, 2):
        assert not same(answer(a), answer(b)), (a, b)


def test_algebra_is_not_asked_whether_an_equation_is_a_number() -> None:
    assert not undecided([answer("3x - y = 5"), answer("5")])
    assert undecided([answer("3x - y = 5"), answer("y = 3x - 5 + 0y")]) == []
    assert undecided([answer("3x - y = 5"), answer("6x - 2y = 10")]) == [("3x - y = 5", "6x - 2y = 10")]
