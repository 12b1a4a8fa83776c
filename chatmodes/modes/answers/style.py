"""How numbers are written in the language of a question, and a text rewritten to the one style that all readers know.

`1.500` is one and a half to some and one thousand five hundred to others; nothing in it tells which. The question's
language does, and an amount of money does, whose cents are never three.
"""

import re
from typing import NamedTuple

from chatmodes.modes.answers.languages import decimal_comma, grouping_point


class Style(NamedTuple):
    """Which of the two marks does what."""

    comma_decimal: bool = False
    point_groups: bool = False


PLAIN = Style()
"""As in English."""

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


def style_of(question: str) -> Style:
    """How the language of a question writes numbers."""
    return Style(decimal_comma(question), grouping_point(question))


def plainly(text: str, style: Style) -> str:
    """A text whose numbers are written as in English, as far as their form tells what was meant."""
    text = _MONEY.sub(_without_points, text)
    return _NUMERAL.sub(lambda found: _numeral(found[0], style), text) if style != PLAIN else text


def _without_points(found: re.Match[str]) -> str:
    if not found["before"] and not found["behind"]:
        return found[0]
    return f"{found['before'] or ''}{found['amount'].replace('.', '')}{found['behind'] or ''}"


def _numeral(numeral: str, style: Style) -> str:
    if style.point_groups and _POINTS.fullmatch(numeral):
        return numeral.replace(".", "")
    if style.comma_decimal and _ONE_COMMA.fullmatch(numeral):
        return numeral.replace(",", ".")
    return numeral.replace(".", "").replace(",", ".") if _POINTS_AND_COMMA.fullmatch(numeral) else numeral
