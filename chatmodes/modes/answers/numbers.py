"""A quantity in any of its spellings, read to an exact rational and a unit.

Exact rationals, since 0.1 + 0.2 style noise would split a vote. Thousands and decimal separators follow what people
write: `1,234` is a thousand, `1,5` and `0,123` are decimals, with both kinds the last one is the decimal sign.
"""

import re
from fractions import Fraction
from typing import NamedTuple

from chatmodes.modes.answers.compounds import compound
from chatmodes.modes.answers.languages import magnitudes
from chatmodes.modes.answers.numerals import numeral
from chatmodes.modes.answers.units import CODES, SIGNS, Unit, per, unit_of, with_powers
from chatmodes.modes.answers.words import (
    MAGNITUDES,
    PARTS_OF_ONE,
    from_cjk,
    from_digits_and_cjk,
    from_words,
    spells_number,
)

DIGITS = 60
"""Digits and powers of ten read at most; beyond it a "number" is an attack or noise, and exact powers would cost."""


class Quantity(NamedTuple):
    """A number as it was written, and its unit."""

    value: Fraction
    unit: Unit | None = None
    decimals: int | None = None
    """Digits behind the decimal sign as written; None where the number was exact (a fraction, words)."""
    noun: str = ""
    """The words behind the number that are no unit of it, or its "per h"."""
    senses: tuple[str, ...] = ()
    """Words around it that have an opposite (see `senses.py`)."""

    @property
    def key(self) -> str:
        """The same for every spelling of the same quantity."""
        value = f"{self.value * self.unit.factor} {self.unit.dimension}" if self.unit else str(self.value)
        return " ".join((value, *self.senses, *([self.noun] if self.noun.startswith("per ") else [])))


_HEDGE = re.compile(
    r"^(?:~|(?:about|approximately|approx\.?|around|roughly|nearly|exactly|circa|ca\.?|a total of|total of|only|just"
    r"|etwa|environ|unos)(?![^\W\d_]|\$\d))\s*",
    re.I,
)
_NUMERAL = r"(?:\d[\d.,' _]*\d|\d|[.,]\d+)"
_NUMBER = re.compile(rf"(?P<sign>[-+]?)\s*(?P<num>{_NUMERAL})")
_EXPONENT = re.compile(r"\s*(?:[eE](?P<e>[-+]?\d{1,4})\b|(?:\*|x)\s*10\s*(?:\^|\*\*)\s*\(?(?P<p>[-+]?\d{1,4})\)?)")
_POWER = re.compile(r"\s*(?:\^|\*\*)\s*\(?(?P<p>-?\d{1,3})\)?(?![\d.])")
_OVER = re.compile(r"\s*/\s*(?P<den>\d{1,30}(?:\.\d+)?)(?![\d.,/])")
_MIXED = re.compile(r"(?P<whole>\d{1,15})\s+(?:and\s+)?(?P<num>\d{1,6})\s*/\s*(?P<den>\d{1,6})(?![\d/])")
_CURRENCY = re.compile(rf"^(?P<sign>[-+]?)\s*(?P<cur>{CODES}|(?:US)?[{SIGNS}])\s*(?=[-+\d.,])", re.I)
_LETTER = r"(?:[^\W\d_]|[\u064b-\u065f\u0591-\u05c7\u0900-\u0dff\u0e31-\u0e4e])"
_WORD = rf"{_LETTER}+(?:['’-]{_LETTER}+)*[.]?"
_NOUN = re.compile(rf"{_WORD}(?: {_WORD}){{0,5}}")
_COMPOUND = re.compile(r"(?:,| and|) (?=\d)")
_AND_PART = re.compile(r"^(?P<whole>[-+]?\d+) and (?:an? |one[ -])(?P<part>half|third|quarter)\b", re.I)
_PARTS = {"half": "1/2", "third": "1/3", "quarter": "1/4", "three quarters": "3/4", "two thirds": "2/3"}
_PORTION = re.compile(
    r"(?:an? |one )?(?P<part>half|quarter|third|three quarters|two thirds)(?: of)? an? (?P<what>[^\W\d_]+)\b", re.I
)
_TIMED = re.compile(
    r"(?P<whole>\S{1,12}) (?P<unit>hours?|minutes?|days?|weeks?|months?|years?|decades?|fortnights?|miles?)"
    r"(?: and an? (?P<part>half|quarter|third))?",
    re.I,
)
_PART_OF = re.compile(r"(?P<part>[\w,.-]{1,20}) (?:in|out of) (?P<whole>(?:an? )?[\w,. -]{1,20})", re.I)
_HOURS = re.compile(r"^(\d+) ?h(?:rs?|ours?)?,? ?(\d+) ?m(?:ins?|inutes?)?\b\.?")
"""Behind hours, an m is no meter."""
_GROUPED = {
    ",": re.compile(r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})*,\d{3}"),
    ".": re.compile(r"\d{1,3}(?:\.\d{3})+"),
    "'": re.compile(r"\d{1,3}(?:'\d{3})+"),
    " ": re.compile(r"\d{1,3}(?: \d{3})+"),
    "_": re.compile(r"\d{1,3}(?:_\d{3})+"),
}


def decimal(numeral: str) -> tuple[Fraction, int] | None:
    """An unsigned numeral's value and its digits behind the decimal sign; None where it is no number."""
    numeral = numeral.strip()
    if sum(c.isdigit() for c in numeral) > DIGITS:
        return None
    whole, part = numeral, ""
    marks = [c for c in numeral if c in ".,"]
    if marks:
        last = marks[-1]
        head, _, tail = numeral.rpartition(last)
        grouped = len(set(marks)) == 1 and bool(_GROUPED[last].fullmatch(numeral))
        if len(set(marks)) == 1 and len(marks) == 1:
            # One mark: a comma before exactly three digits groups, unless a zero leads; a point never groups alone.
            is_decimal = not grouped or last == "." or head == "0"
        else:
            is_decimal = not grouped
        if is_decimal:
            if last in head or not tail.isdigit():
                return None
            whole, part = head or "0", tail
    digits = whole
    for mark, pattern in _GROUPED.items():
        if mark in whole:
            if not pattern.fullmatch(whole):
                return None
            digits = whole.replace(mark, "")
            break
    if not digits.isdigit() or (part and not part.isdigit()):
        return None
    return Fraction(int(digits + part), 10 ** len(part)), len(part)


def quantity(text: str) -> Quantity | None:
    """The one quantity `text` (tidied) consists of, a noun behind it allowed; None for anything else."""
    text = re.sub(r"^(?:minus|negative)\s+(?=[\d$])", "-", _HEDGE.sub("", text.strip()), flags=re.I)
    text = _of_a_unit(text)
    text = _AND_PART.sub(lambda found: f"{found['whole']} {_PARTS[found['part'].lower()]}", text)
    if (found := _PART_OF.fullmatch(text)) and (part := _part(found["part"], found["whole"])):
        return part
    return _single(text) or _compound(_HOURS.sub(r"\1 h \2 min", text))


def _of_a_unit(text: str) -> str:
    """ "Half an hour", "half a million", "an hour and a half" and "a week" with their number in digits."""
    found = _PORTION.match(text)
    if found and (found["what"].lower() in MAGNITUDES or unit_of(found["what"])):
        return f"{_PARTS[found['part'].lower()]} {found['what']}{text[found.end() :]}"
    if found := _TIMED.fullmatch(text):
        whole = "1" if found["whole"].lower() in ("a", "an") else found["whole"]
        if found["part"]:
            return f"{whole} and a {found['part']} {found['unit']}"
        return f"{whole} {found['unit']}"
    return text


def _part(part: str, whole: str) -> Quantity | None:
    """ "3 out of 10" and "one in five", which are neither 3 nor one."""
    top, bottom = _single(part), _single(whole)
    if (
        not top
        or not bottom
        or top.unit
        or bottom.unit
        or top.noun
        or bottom.noun
        or not 0 <= top.value <= bottom.value > 0
    ):
        return None
    return Quantity(top.value / bottom.value)


def _compound(text: str) -> Quantity | None:
    """ "2 hours 30 minutes": falling units of one dimension, added up in the first."""
    pieces = _COMPOUND.split(text)
    read = [_single(piece) for piece in pieces] if 2 <= len(pieces) <= 4 else []
    total, last = Fraction(0), None
    for piece in read:
        if piece is None or piece.unit is None:
            return None
        if last and piece.unit.symbol in ("¢", "p") and last.factor == 1 and last.dimension.startswith("money:"):
            piece = piece._replace(unit=Unit(last.dimension, piece.unit.factor, piece.unit.symbol))  # of a euro
            assert piece.unit is not None
        if last and (piece.unit.dimension != last.dimension or piece.unit.factor >= last.factor):
            return None
        total, last = total + piece.value * piece.unit.factor, piece.unit
    first = read[0].unit if read and read[0] else None
    return Quantity(total / first.factor, first) if first else None


def _single(text: str) -> Quantity | None:
    money: Unit | None = None
    if found := _CURRENCY.match(text):
        money = unit_of(found["cur"]) or unit_of(found["cur"][-1])
        text = found["sign"] + text[found.end() :]
    if _DECADE.match(text):
        return None
    read = _numeral(text) or _spelled(text)
    if read is None:
        return None
    value, decimals, rest = read
    value, rest, scaled = _scaled(value, rest, bool(money))
    rest = with_powers(rest)
    if rest and not _may_follow(rest):
        return None
    rest = rest.strip()
    unit = unit_of(rest) if rest else None
    if money and unit and not unit.dimension.startswith("money:"):
        unit = None
    is_amount = unit is not None and unit.dimension.startswith(("money:", "percent"))
    noun = per(rest) or (
        per(_FIRST.sub("", rest)) if is_amount else "" if unit else per(_FIRST.sub("", rest)) or _noun(rest)
    )
    return Quantity(value, unit or money, None if scaled and decimals == 0 else decimals, noun)


_FIRST = re.compile(r"^[^\s/]+")
_DECADE = re.compile(r"\d{2,3}0'?s\b(?!\s*[*/])")
"""The 1990s are no 1990 seconds."""
_NO_NOUN = frozenset(
    "in of for per left each total altogether more less fewer times every remaining on at from by is are was were to"
    " with that who which overall extra additional another away ago long tall wide high deep old today together again"
    " apiece combined a an the as if up down after before".split()
)


def _noun(rest: str) -> str:
    words = rest.strip(" ,.;!()").split()
    return "" if not words or words[0].lower() in _NO_NOUN else " ".join(words)


def _numeral(text: str) -> tuple[Fraction, int | None, str] | None:
    sign = -1 if text.startswith("-") else 1
    unsigned = text.lstrip("+-").lstrip() if text[:1] in "+-" else text
    if (mixed := _MIXED.match(unsigned)) and 0 < int(mixed["num"]) < int(mixed["den"]):
        value = int(mixed["whole"]) + Fraction(int(mixed["num"]), int(mixed["den"]))
        return sign * value, None, unsigned[mixed.end() :]
    if east := from_digits_and_cjk(unsigned):
        return sign * east[0], None, unsigned[east[1] :]
    found = _NUMBER.match(text)
    if not found:
        return None
    numeral = found["num"]
    read = decimal(numeral)
    while read is None and " " in numeral:  # "12 345 6": only what groups belongs to the number
        numeral = numeral.rpartition(" ")[0]
        read = decimal(numeral)
    if read is None:
        return None
    value, decimals = read
    value *= -1 if found["sign"] == "-" else 1
    rest = text[found.start("num") + len(numeral) :]
    if (over := _OVER.match(rest)) and Fraction(over["den"]):
        return value / Fraction(over["den"]), None, rest[over.end() :]
    if exponent := _EXPONENT.match(rest):
        power = int(exponent["e"] or exponent["p"])
        if abs(power) > DIGITS * 6:
            return None
        return value * Fraction(10) ** power, None, rest[exponent.end() :]
    if power := _POWER.match(rest):
        exponent_value = int(power["p"])
        if abs(value) > 10**6 or abs(exponent_value) > 64 or (value == 0 and exponent_value <= 0):
            return None
        sign = -1 if value < 0 else 1  # -2^2 is -(2^2)
        return sign * abs(value) ** exponent_value, None, rest[power.end() :]
    return value, decimals, rest


def _spelled(text: str) -> tuple[Fraction, int | None, str] | None:
    if text[:1] == "-" and text[1:2].isalpha():  # a dash and a space begin a point of a list
        read = _spelled(text[1:])
        return read and (-read[0], *read[1:])
    if text and ord(text[0]) > 0x2FFF:
        value = from_cjk(text)
        return None if value is None else (value, None, "")
    if (foreign := numeral(text)) is not None:
        return Fraction(foreign), None, ""
    words = re.findall(r"[^\s-]+|-", text.lower())
    tokens = [w.rstrip(",") for w in words if w != "-"]
    worded = from_words(tokens)
    if worded is None:
        return None
    value, used = worded
    if spells_number(tokens[used:]):  # "nineteen oh five", "one two three"
        return None
    rest = re.split(r"[\s-]+", text.strip("- "))[used:]
    return value, None, " " + " ".join(rest) if rest else ""


_LETTERS = {"M": 10**6, "B": 10**9, "T": 10**12, "K": 1000}


def _scaled(value: Fraction, rest: str, is_money: bool) -> tuple[Fraction, str, bool]:
    """Apply "million", "dozen" and the like behind a numeral."""
    if (found := re.match(r"(\s?)([MBTK])\b(?!\$)", rest)) and (is_money or not found[1]):  # $1.5M, 8B, but 300 K
        return value * _LETTERS[found[2]], rest[found.end() :].rstrip(), True
    scaled = False
    while True:
        words = rest.split(maxsplit=1)
        name = words[0].lower().strip(".,") if words else ""
        factor = MAGNITUDES.get(name) or magnitudes().get(name) or PARTS_OF_ONE.get(name) or _one_of(name, value)
        if factor is None and name[:1] in ("万", "萬", "億", "亿"):
            words = [name[0], rest.lstrip()[1:]]
            factor = MAGNITUDES[name[0]]
        if factor is None or words[0] == "K":
            return value, rest.rstrip(), scaled
        value, rest, scaled = value * factor, f" {words[1]}" if len(words) > 1 else "", True


def _one_of(name: str, value: Fraction) -> Fraction | None:
    """What "1 third" and "1 tenth" are of one."""
    return PARTS_OF_ONE.get(f"{name}s") if value == 1 else None


def _may_follow(rest: str) -> bool:
    """A unit or a noun may stand behind a number; an operator, a variable or another number may not."""
    if found := compound(with_powers(rest.strip())):
        used, more = rest.strip().removesuffix(found[1]), found[1]
        is_formula = "*" in used and rest[:1] != " " and not re.search(r"[^\W\d_]{2}", used)  # 2m*g, beside 2 mA*h
        return not is_formula and not re.search(r"[\d=+*^/]", more)
    if unit_of(rest):
        return not re.search(r"[\d=+*]", re.sub(r"\^[23]|N\*m", "", rest))
    if per(rest):
        return True
    if rest[:1].isascii() and (rest[:1].isalpha() or rest[:1] == "_"):  # 0xFF, 12abc
        return False
    bare = re.sub(r"\([^)\d]*\)", "", rest.strip(" ,.;!")).strip()
    if len(bare) == 1 and bare.isalpha() and bare.isascii():
        return False
    first = re.split(r"[\s/]", bare, maxsplit=1)[0].lower()
    is_noun = first == "times" or first not in _JOINERS
    if is_noun and per(_FIRST.sub("", bare)) in _RATES:  # "5 times a week", "5 sheets/day"
        return True
    return not bare or (bool(_NOUN.fullmatch(bare)) and first not in _JOINERS)


_RATES = frozenset(f"per {unit}" for unit in ("s", "min", "h", "day", "week", "month", "year"))
_JOINERS = frozenset(
    "and or to plus minus times und et y pi x sqrt but out squared cubed factorial choose mod modulo over npr ncr past"
    " am a.m. pm p.m. log ln sin cos tan sec csc cot exp lim root".split()
)
