"""Formulas and line breaks in answers: what a reader sees is what the model wrote."""

import pytest

from chatmodes.tui.markdown.palette import Palette
from chatmodes.tui.markdown.render import render
from chatmodes.tui.markdown.sections import split


def drawn(text: str, width: int = 70) -> list[str]:
    lines = [line for section in split(text) for line in render(section, width, Palette())]
    return [line.text.rstrip() for line in lines]


@pytest.mark.parametrize(
    "text",
    [
        r"\(a_1\) and \(b_2\)",
        r"\[ \int_0^1 x\,dx = \frac{1}{2} \]",
        r"$$ a_1 * b_2 * c_3 \\ d $$",
        r"so $x_1 + y_1$ and $\alpha$ and $n$ hold",
        "costs $5, or *not*".replace("*", ""),
        "\\(open _and_ never closed".replace("_", ""),
    ],
)
def test_a_formula_stays_as_it_was_written(text: str) -> None:
    shown = "\n".join(drawn(text))
    assert shown == (text if text[:2] != "\\(" or "\\)" in text else text[1:])


def test_a_formula_is_set_in_italics_and_code_is_none() -> None:
    (section,) = split(r"if $a_1$ or `$a_1$`")
    (line,) = render(section, 60, Palette())
    italic = [segment.text for segment in line.segments if segment.style and segment.style.italic]
    assert italic == ["$a_1$"]


@pytest.mark.parametrize(
    "text", ["from $5 to $10 a_day_", "$HOME and $PATH", "it is $5_000 and $6_000", "$FOO_BAR$BAZ", "US$ 3 = $4"]
)
def test_money_and_variables_are_no_formulas(text: str) -> None:
    for section in split(text):
        for line in render(section, 60, Palette()):
            assert all("$" not in segment.text for segment in line.segments if segment.style and segment.style.italic)


def test_a_br_is_a_line_break_in_prose_and_in_tables() -> None:
    assert drawn("one<br>two<br/>three <br /> four `<br>`") == ["one", "two", "three", "four <br>"]
    table = drawn("| a | b |\n|---|---|\n| x<br>y | z |")
    assert [row.split("│")[0].strip() for row in table[2:]] == ["x", "y"]
