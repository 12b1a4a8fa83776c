"""The arithmetic of drafts: what is false is found, what cannot be told is passed over."""

import time

import pytest

from chatmodes.modes.contemplating.arithmetic import equations

HOLDS = [
    "3 * 5 = 15",
    "3 x 5 = 15 and so on",
    "10 / 3 = 3.33",
    "10 / 3 = 3.3333",
    "2 / 3 = 0.6",
    "33.33 * 3 = 100",
    "20% of 50 = 10",
    "100 - 20% = 80",
    "0.5 * 100% = 50%",
    r"\frac{12}{4} = 3",
    r"\[ \frac{\frac{24}{2}}{4} = 3 \text{ boxes} \]",
    "$1,200 + $300 = $1,500",
    "2**3 + 1 = 9",
    "3^2 + 4^2 = 25",
    "2^(-1) = 0.5",
    "1/3 + 1/3 = 2/3",
    "5 - 8 = -3",
    "3(4 + 1) = 15",
    "1.5 * 10^3 = 1500",
    "0.1 + 0.2 = 0.3",
    "So 3 boxes * 5 pens/box = 15 pens.",
    r"\(2 \text{ bolts (blue)} + 1 \text{ bolt (white)} = 3 \text{ bolts}\)",
    "3 × 4 ÷ 6 − 1 = 1",
]
FALSE = [
    "2 + 2 = 5",
    "Total: 3+4=8",
    "So the cost is 12 * 3 = 35 dollars.",
    "**3 + 4 = 8**",
    "$5 \\times 4 = 21$",
    "20% of 50 = 12",
    "4 boxes * 3 pens/box = 13 pens",
    "the sum of 3 + 4 = 8",
    "(2)(3) = 7",
    r"\[ \frac{12}{4} = 4 \text{ boxes} \]",
    "2 + 3 = 2 * 3 = 6",
    "1 + 1 = 2, 2 + 2 = 5",
    "60 - 24 - 36 = 12",
    "1. 7 + 7 = 15",
    "Result: -3 + 4 = 2",
]
UNKNOWN = [
    "",
    "x + 2 = 5",
    "2x = 10",
    "3 + 4 = 7x",
    "f(2) + 1 = 9",
    "x - 3 + 4 = 9",
    "x2 + 3 = 5",
    "log 100 + 1 = 3",
    "sqrt(16) + 1 = 5",
    "half of 10 + 2 = 7",
    "12/2 = 2 sqrt(9)",
    "7 + 8 = 3 (mod 12)",
    "1 + 1 = 10 in binary",
    "500 thousand + 500 thousand = 1 million",
    "1 hour + 30 minutes = 90 minutes",
    "12:30 + 1 = 13:30",
    "1,5 + 1,5 = 3",
    "1.500 + 500 = 2.000",
    "1 1/2 + 1 = 2 1/2",
    "41 / 5 = 8",
    "2 + 3 != 6",
    "3 + 4 >= 8",
    "a = b == c",
    "if x == 3: y = 4",
    "5 / 0 = 1",
    "9^9^9^9 = 3",
    "3 + 4 = seven",
    "16 = 3 + 4",
]


@pytest.mark.parametrize("text", HOLDS)
def test_an_equation_that_holds_is_found_to(text: str) -> None:
    assert [equation.holds for equation in equations(text)] == [True]


@pytest.mark.parametrize("text", FALSE)
def test_a_false_equation_is_found(text: str) -> None:
    assert not all(equation.holds for equation in equations(text))


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_cannot_be_told_is_passed_over(text: str) -> None:
    assert all(equation.holds for equation in equations(text))


@pytest.mark.parametrize(
    "text",
    [
        "1" * 1_000_000 + "=" + "2" * 1_000_000,
        "1+1=" * 300_000,
        "(" * 500_000 + "1 = " + ")" * 500_000,
        "= " * 500_000,
        "\\frac{" * 200_000 + "=",
        "3 bolts " * 200_000 + "= 4",
        "9^9^9 = 3 " * 100_000,
        "\\text{" * 200_000,
        "1 / " * 300_000 + "= 2",
        "3.3" * 300_000 + " + 1 = 2",
        "\n" * 1_000_000 + "1 + 1 = 2",
        " \t" * 500_000 + "1 + 1 = 2",
        "\\[" * 500_000,
    ],
    ids=lambda text: text[:8],
)
def test_a_draft_of_a_megabyte_takes_no_longer_than_a_breath(text: str) -> None:
    began = time.process_time()
    list(equations(text))
    assert time.process_time() - began < 5


@pytest.mark.parametrize("blank", ["\n", " \n", "\t", "\\["])
def test_a_draft_that_loops_in_blanks_takes_time_in_its_length(blank: str) -> None:
    def spent(text: str) -> float:
        began = time.process_time()
        list(equations(text))
        return time.process_time() - began

    short = min(spent(blank * 2_000) for _ in range(3))
    assert spent(blank * 20_000) < 40 * short + 0.05
