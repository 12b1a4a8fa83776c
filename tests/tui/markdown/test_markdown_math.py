"""Formulas and line breaks in answers: shown as far as a terminal can, otherwise as the model wrote them."""

import pytest

from chatmodes.tui.markdown.palette import Palette
from chatmodes.tui.markdown.render import render
from chatmodes.tui.markdown.sections import split


def drawn(text: str, width: int = 70) -> list[str]:
    lines = [line for section in split(text) for line in render(section, width, Palette())]
    return [line.text.rstrip() for line in lines]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (r"\(a_1\) and \(b_{12}\)", "a₁ and b₁₂"),
        (r"\[ \int_0^1 x\,dx = \frac{1}{2} \]", "∫₀¹ x dx = ½"),
        (r"so $x_1 + y_1$ and $\alpha$ and $n$ hold", "so x₁ + y₁ and α and n hold"),
        (r"$x^{n+1}$, $e^{i\pi}$, $10^{-3}$", "xⁿ⁺¹, e^(iπ), 10⁻³"),
        (r"$x = \frac{-b \pm \sqrt{b^2-4ac}}{2a}$", "x = (−b ± √(b²−4ac))/(2a)"),
        (r"$\frac{dy}{dx}$ $\frac{a}{b}$ $\frac{a+b}{c}$ $\frac{1}{ab}$", "dy/dx a/b (a+b)/c 1/(ab)"),
        (r"$\sqrt2$ $\sqrt[3]{8}$ $\sqrt[n]{x}$", "√2 ∛8 ⁿ√x"),
        (r"$\sum_{i=1}^{n} i \leq \infty$", "∑ᵢ₌₁ⁿ i ≤ ∞"),
        (r"$a\times b \in \mathbb{R}^n$", "a × b ∈ ℝⁿ"),
        (r"$\lim_{x \to 0} \frac{\sin x}{x}$", "lim_(x → 0) (sin x)/x"),
        (r"$\text{if } \vec{v} \neq \hat{y}_i$", "if v\u20d7 ≠ y\u0302ᵢ"),
        (r"$\left( x \right)$ and $90^\circ$ and $f'(x_1)$", "( x ) and 90° and f′(x₁)"),
        (r"$p \equiv 1 \pmod{4}$ $\boxed{42}$", "p ≡ 1 (mod 4) [42]"),
    ],
)
def test_a_formula_is_shown_as_far_as_a_line_of_unicode_can(source: str, shown: str) -> None:
    assert "\n".join(drawn(source)) == shown


def test_equations_below_each_other_stay_so() -> None:
    assert drawn(r"\[\begin{aligned} a &= b \\ c &= d \end{aligned}\]") == ["a = b", "c = d"]


@pytest.mark.parametrize(
    "text",
    [
        r"$\begin{pmatrix}1&2\end{pmatrix}$",
        r"$\mymacro{x} + 1$",
        r"$\frac{1}$",
        r"\(a_{1\)",
        r"\(a}_1\)",
        "$x^" + "{" * 60 + "1" + "}" * 60 + "$",
    ],
)
def test_what_no_line_can_show_stays_as_it_was_written(text: str) -> None:
    assert "".join(drawn(text, 200)) == text


def test_an_opening_that_nothing_closes_is_no_formula() -> None:
    assert drawn("\\(open and never closed") == ["(open and never closed"]


def test_a_formula_is_set_in_italics_and_code_is_none() -> None:
    (section,) = split(r"if $a_1$ or `$a_1$`")
    (line,) = render(section, 60, Palette())
    italic = [segment.text for segment in line.segments if segment.style and segment.style.italic]
    assert italic == ["a₁"]
    assert "$a_1$" in line.text


@pytest.mark.parametrize(
    "text", ["from $5 to $10 a_day_", "$HOME and $PATH", "it is $5_000 and $6_000", "$FOO_BAR$BAZ", "US$ 3 = $4"]
)
def test_money_and_variables_are_no_formulas(text: str) -> None:
    assert drawn(text) == [text]


def test_a_br_is_a_line_break_in_prose_and_in_tables() -> None:
    assert drawn("one<br>two<br/>three <br /> four `<br>`") == ["one", "two", "three", "four <br>"]
    table = drawn("| a | b |\n|---|---|\n| x<br>y | z |")
    assert [row.split("│")[0].strip() for row in table[2:]] == ["x", "y"]
