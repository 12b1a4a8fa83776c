"""What a short answer is once it was read, and how a quantity is shown."""

from fractions import Fraction
from typing import Literal

import msgspec

from chatmodes.modes.answers.numbers import Quantity

Kind = Literal["number", "option", "yesno", "date", "list", "relation", "algebra", "text"]


class ShortAnswer(msgspec.Struct, frozen=True):
    """What a draft answers, comparable with what other drafts answer."""

    kind: Kind
    key: str
    """Equal keys are equal answers; unequal keys may still be (see `short.same`)."""
    display: str
    """The canonical form to show, and to hand to algebra."""
    quantity: Quantity | None = None
    parts: tuple["ShortAnswer", ...] = ()
    """A list's items; an option's text; a measure in its other unit; other keys of a text."""
    named: str = ""
    """What it is said to be the value of: the `x` of `x = 5`, the `f'(x)` of `f'(x) = 2x`."""


_COUNTED = ("day", "week", "month", "year", "pint", "cup")


def number(value: Quantity, *others: ShortAnswer) -> ShortAnswer:
    """A quantity as an answer, and `others` that are the same in other units."""
    shown = plain(value.value)
    if value.unit:
        unit = value.unit
        if unit.dimension.startswith("money:") and unit.factor == 1:
            sign, amount = "-" if shown.startswith("-") else "", shown.lstrip("-")
            amount += "0" if amount[-2:-1] == "." else ""
            shown = f"{sign}{amount} {unit.symbol}" if unit.symbol.isalpha() else f"{sign}{unit.symbol}{amount}"
        else:
            plural = "s" if unit.symbol in _COUNTED and value.value != 1 else ""
            shown = f"{shown}{'' if unit.symbol in '%°¢' else ' '}{unit.symbol}{plural}"
    shown = " ".join((shown, *value.senses))
    return ShortAnswer("number", value.key, shown, quantity=value, parts=others)


def plain(value: Fraction) -> str:
    """A rational as people write it: a decimal where that ends within 12 digits, a fraction where not."""
    if value.denominator == 1:
        return str(value.numerator)
    for digits in range(1, 13):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            text = str(abs(scaled.numerator)).rjust(digits + 1, "0")
            return f"{'-' if value < 0 else ''}{text[:-digits]}.{text[-digits:]}"
    return f"{value.numerator}/{value.denominator}"
