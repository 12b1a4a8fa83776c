"""What a question tells of how its answers are to be read: how numbers are written, which options it offers, whether
order matters.

`1.500` is one and a half to some and one thousand five hundred to others, and `e` a constant or the fifth option;
nothing in them tells which. The question does. Numbers are rewritten to the one style that all readers know.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from chatmodes.modes.answers.languages import decimal_comma, grouping_point, language_of, says


class Terms(NamedTuple):
    """What is known of the question; nothing by default."""

    comma_decimal: bool = False
    """1,5 is one and a half."""
    point_groups: bool = False
    """1.500 is one thousand five hundred."""
    options: frozenset[str] | None = None
    """The letters of the options that are offered; None where that is not known."""
    language: str = ""
    """The code of the language that it is asked in."""
    named: frozenset[str] = frozenset()
    """Words that else stand for no answer, such as none and unknown, where the question asks for them by name."""
    ordered: bool = False
    """A sequence is asked for, so that 1, 2 is not 2, 1."""


NOTHING = Terms()
"""For an answer without its question, read as in English."""
TAIL = 20_000
"""Characters from the end of a question that are looked at."""

_NAMED_ANSWER = re.compile(
    r"[\"'“‘`](?P<quoted>none|unknown|null|n/a|open)[.]?[\"'”’`]"
    r"|\b(?:answer|say|write|reply|respond|return|output|print|enter|put|state|otherwise|else)\s+(?:with\s+|as\s+)?"
    r"(?P<bare>none|unknown|null|n/a)\b",
    re.I,
)
_OPTIONS = re.compile(r"(?:^|\n|\s)[*_]*\(?([A-J])[).:][*_]*\s+\S")
_NUMERAL = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)+(?![\w]|[.,]\d)")
_POINTS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_POINTS_AND_COMMA = re.compile(r"\d{1,3}(?:\.\d{3})+,\d+")
_ONE_COMMA = re.compile(r"\d+,\d+")
_SIGN = "€$£¥₹₽₺₩₪฿₫₴₱"
_NAMED = r"(?:euros?|eur|usd|dollars?|dólares|dollari|reais|pesos?|rupiah|lira|tl|zł|đồng|vnd|idr|rub|chf|gbp|kr)\b"
_MONEY = re.compile(
    rf"(?P<before>[{_SIGN}]\s?|\b(?:Rp|EUR|USD|R\$)\.?\s?)?(?<![\w.,])(?P<amount>[1-9]\d{{0,2}}(?:\.\d{{3}})+)(?![\d.,])"
    rf"(?P<behind>\s?(?:[{_SIGN}]|{_NAMED}))?(?!\s*(?:/|per\b|pro\b|par\b|por\b|al\b|each\b))",
    re.I,
)


@lru_cache(maxsize=32)
def terms_of(question: str) -> Terms:
    """What the question tells; a few are remembered, since every draft of a run is read by the same."""
    if not question.strip():
        return NOTHING
    question = question[-TAIL:]
    letters = frozenset(_OPTIONS.findall(question))
    offered = letters if {"A", "B"} <= letters else frozenset[str]()
    return Terms(
        decimal_comma(question),
        grouping_point(question),
        offered,
        language_of(question),
        _named(question),
        says(question, "ordered"),
    )


def _named(question: str) -> frozenset[str]:
    return frozenset((found["quoted"] or found["bare"]).lower() for found in _NAMED_ANSWER.finditer(question))


def plainly(text: str, terms: Terms) -> str:
    """A text whose numbers are written as in English, as far as their form tells what was meant."""
    text = _MONEY.sub(_without_points, text)
    if not (terms.comma_decimal or terms.point_groups):
        return text
    return _NUMERAL.sub(lambda found: _numeral(found[0], terms), text)


def _without_points(found: re.Match[str]) -> str:
    if not found["before"] and not found["behind"]:
        return found[0]
    return f"{found['before'] or ''}{found['amount'].replace('.', '')}{found['behind'] or ''}"


def _numeral(numeral: str, terms: Terms) -> str:
    if terms.point_groups and _POINTS.fullmatch(numeral):
        return numeral.replace(".", "")
    if terms.comma_decimal and _ONE_COMMA.fullmatch(numeral):
        return numeral.replace(",", ".")
    return numeral.replace(".", "").replace(",", ".") if _POINTS_AND_COMMA.fullmatch(numeral) else numeral
