r"""The arithmetic that a draft writes down, checked: a draft that miscalculates is seldom right.

Process supervision ("Let's Verify Step by Step", arXiv 2305.20050) needs a trained verifier for every step; the steps
that are plain arithmetic need none. Read are equations of numbers as prose and LaTeX write them, `3 * 5 = 15`,
`\frac{12}{4} = 3 \text{ boxes}`, `20% of 50 = 10`, and chains of them; whatever has a variable, or can be read in two
ways of which one holds, is passed over. Exact rationals, so that nothing is false by floating point.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

LONGEST = 100_000
"""Characters of a draft that are looked through, from its end."""
MOST_SIDES = 500
"""Sides of equations that are worked out."""
_LONGEST_SIDE = 60
"""Tokens; longer ones are passed over."""
_DIGITS = 24
_MOST_POWER = 12

_REPLACED = (
    (re.compile(r"\\(?:text|mathrm|mbox|textbf)\s*\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"\\(?:left|right|displaystyle|quad|qquad|boxed|fbox|bf)(?![a-zA-Z])|\\[,!;: ]"), " "),
    *[(re.compile(r"\\[dtc]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}"), r"((\1)/(\2))")] * 3,  # one inside another
    (re.compile(r"\\[dtc]?frac\s*(\d)\s*(\d)"), r"(\1/\2)"),
    (re.compile(r"\\(?:times|cdot|ast)(?![a-zA-Z])|[×·∗⋅]|(?<=[\d)\s])[xX](?=\s*[\d($])"), "*"),
    (re.compile(r"\\div(?![a-zA-Z])|÷"), "/"),
    (re.compile(r"[−–]"), "-"),
    (re.compile(r"\\[()\[\]]|\\\\"), "\n"),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"(?<=[\d)])\*\*(?=[\d(])"), "^"),
    (re.compile(r"\*\*|[$€£&]|\\(?=[%$&])"), ""),
    (re.compile(r"(?m)^[ \t]{0,40}(?:[-*•+]|\d{1,2}[.)])[ \t]+"), ""),
)
_TOKEN = re.compile(
    r"(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)|(?P<word>[^\W\d_]+)|(?P<sign>[-+*/^()=%{}])"
    r"|(?P<space>[ \t]+)|(?P<other>.)",
    re.S,
)
_OTHER_RULES = re.compile(r"\b(?:p?mod|base|binary|octal|hexadecimal|GF)(?:ulo)?\b|[≡⊕∨∧]", re.IGNORECASE)
"""Where `7 + 8 = 3` may well hold."""
_OPERATES = frozenset(
    "of sqrt root log ln exp sin cos tan gcd lcm max min abs floor ceil round mod half twice double triple plus minus "
    "times negative per square cube squared cubed less more than over under pi dozen hundred thousand million billion "
    "trillion percent lakh crore k m b i e".split()
)
"""Words that change the number beside them: with one of these an expression is not the plain one next to it."""
_ADDS_UP = ("sum", "total", "product", "difference", "number", "cost")
_CONVERTED = frozenset(
    "second sec minute min hour hr h day week month year mm cm m km meter metre kilometer inch foot feet ft yard mile "
    "g kg gram kilogram pound lb ounce oz ton ml l liter litre cup pint quart gallon cent dollar penny dime nickel "
    "quarter".split()
)
"""Units that stand for each other in different numbers: `1 hour + 30 minutes = 90 minutes`."""
_THOUSANDS = re.compile(r"\d{1,3}\.\d{3}")
"""A decimal or, in half of the world, a whole number."""


class _Token(NamedTuple):
    kind: str
    text: str
    glued: bool
    """No space stands before it."""


class _Side(NamedTuple):
    """What stands on one side of an equals sign."""

    values: tuple[Fraction, ...]
    """What it comes to: two where a percent sign may or may not divide by a hundred."""
    worked: bool
    """It has an operator: `15` alone says nothing."""
    decimals: int
    """The most that any number in it shows."""
    doubtful: bool
    """It may be meant otherwise, so that it can be right and not wrong."""


class Equation(NamedTuple):
    """An equation of plain numbers."""

    holds: bool
    results: tuple[Fraction, ...]
    """What its right side comes to: two where a percent sign may be read in two ways."""


def equations(text: str) -> Iterator[Equation]:
    """Each equation of plain numbers in `text`, in order."""
    left = MOST_SIDES
    for line in _plain(text[-LONGEST:]).split("\n"):
        if "=" not in line or _OTHER_RULES.search(line):
            continue
        sides = _sides(line)
        left -= len(sides)
        if left < 0:
            return
        units = {word.rstrip("s") for word in re.findall(r"[a-z]+", line.lower())} & _CONVERTED
        for first, second in pairwise(sides):
            a, b = _read(_ending(first)), _read(_beginning(second))
            if a and b and a.worked:
                holds = any(_close(x, y, a, b) for x in a.values for y in b.values)
                if holds or not (a.doubtful or b.doubtful or len(units) > 1 or _to_a_whole(first, a, b)):
                    yield Equation(holds, b.values)


def _to_a_whole(tokens: list[_Token], a: _Side, b: _Side) -> bool:
    """Whether a division may have been rounded to a whole number on purpose: 41 stars in rows of 5 make 8 rows."""
    return not b.decimals and abs(a.values[0] - b.values[0]) < 1 and any(token.text == "/" for token in tokens)


def _plain(text: str) -> str:
    for pattern, plain in _REPLACED:
        text = pattern.sub(plain, text)
    return text


def _sides(line: str) -> list[list[_Token]]:
    sides: list[list[_Token]] = [[]]
    glued = False
    for found in _TOKEN.finditer(line):
        kind = found.lastgroup or "other"
        if found[0] == "=":
            sides.append([])
        elif kind != "space":
            sides[-1].append(_Token(kind, found[0], glued))
        glued = kind != "space"
    return [_without_units(side) for side in sides]


def _read(tokens: list[_Token]) -> _Side | None:
    """What an expression comes to; None for anything but numbers."""
    if not tokens or len(tokens) > _LONGEST_SIDE:
        return None
    try:
        value, worked = _Expression(tokens, 100).value()
        values = (value,)
        if any(token.text == "%" for token in tokens):
            values = (value, _Expression(tokens, 1).value()[0])
    except _UnreadableError:
        return None
    numbers = [token.text for token in tokens if token.kind == "number"]
    decimals = max((len(number.partition(".")[2]) for number in numbers), default=0)
    return _Side(values, worked, decimals, any(_THOUSANDS.fullmatch(number) for number in numbers))


def _without_units(side: list[_Token]) -> list[_Token]:
    """The tokens without words behind numbers, "3 boxes (small) * 5 pens/box"; "20% of 50" multiplies."""
    kept: list[_Token] = []
    at = 0
    while at < len(side):
        token = side[at]
        if token.kind != "word" or not kept or not (kept[-1].kind == "number" or kept[-1].text in (")", "%")):
            kept.append(token)
            at += 1
            continue
        end = at
        while end < len(side) and (side[end].kind == "word" or _joins(side, end)):
            end += 1
        words = [each.text.lower() for each in side[at:end]]
        if words == ["of"] and kept[-1].text in ("%", ")"):
            kept.append(_Token("sign", "*", False))
        elif not _is_unit(side, at, end):
            kept += side[at:end]
        elif side[end : end + 1] and side[end].text == "(":
            end = 1 + next((i for i in range(end, len(side)) if side[i].text == ")"), len(side) - 1)
        at = end
    return kept


def _joins(side: list[_Token], at: int) -> bool:
    """Whether the stroke at `at` stands between two words: of "5 miles/hour"."""
    return side[at].text == "/" and at + 1 < len(side) and side[at + 1].kind == "word"


def _is_unit(side: list[_Token], at: int, end: int) -> bool:
    """Whether the words from `at` to `end`, which stand behind a number, only name what is counted."""
    if side[at].glued and len(side[at].text) == 1:  # a variable
        return False
    if any(each.text.lower() in _OPERATES and each.text.lower() != "per" for each in side[at:end]):
        return False
    if end == len(side):
        return True
    if side[end].text == "(":
        return end + 1 < len(side) and side[end + 1].kind == "word"
    return side[end].text in ("+", "-", "*", "/", ")", ".", ",", ";", "}")


def _ending(side: list[_Token]) -> list[_Token]:
    """The expression that a side ends with, up to the equals sign; empty where something works on it from outside."""
    at = next((i for i in range(len(side) - 1, -1, -1) if side[i].kind in ("word", "other")), -1)
    rest = side[at + 1 :]
    if at < 0 or not rest:
        return rest
    word, before = side[at].text.lower(), side[at - 1] if at else None
    if side[at].kind == "other":
        between_digits = rest[0].glued and rest[0].kind == "number" and before is not None and before.kind == "number"
        return [] if between_digits or (rest[0].text in _SIGNS and word != ":") else rest
    adds_up = word == "of" and before is not None and before.text.lower() in _ADDS_UP
    if rest[0].glued or rest[0].text in _SIGNS or (word in _OPERATES and not adds_up):
        return []
    return rest


def _beginning(side: list[_Token]) -> list[_Token]:
    """The expression that a side begins with, behind the equals sign; empty likewise."""
    at = next((i for i, token in enumerate(side) if token.kind in ("word", "other")), len(side))
    if at < len(side):
        after = side[at + 1] if at + 1 < len(side) else None
        if side[at].kind == "word" and (side[at].glued or side[at].text.lower() in _OPERATES):
            return []
        if after and side[at].glued and after.glued and after.kind == "number":  # "3,5" and "13:30"
            return []
        if after and side[at].kind == "word" and after.text == "(":
            return []
    depth = 0
    for i, token in enumerate(side[:at]):  # "(3 + 5 = 8)"
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth < 0:
            return side[:i]
    return side[:at]


_SIGNS = ("+", "-", "*", "/", "^", ")", "%")


class _UnreadableError(Exception):
    """Not an expression of numbers, or one too large to work out."""


class _Expression:
    """Recursive descent over one side's tokens."""

    def __init__(self, tokens: list[_Token], percent: int) -> None:
        self.tokens, self.percent, self.at, self.worked = tokens, percent, 0, False

    def value(self) -> tuple[Fraction, bool]:
        """What it comes to, and whether anything was worked out. Raises `_UnreadableError`."""
        found = self._sum(0)
        if self.at < len(self.tokens):
            raise _UnreadableError
        return found, self.worked

    def _next(self, *signs: str) -> str:
        if self.at < len(self.tokens) and self.tokens[self.at].text in signs:
            self.at += 1
            return self.tokens[self.at - 1].text
        return ""

    def _sum(self, depth: int) -> Fraction:
        found = self._product(depth)
        while sign := self._next("+", "-"):
            self.worked = True
            more = self._product(depth)
            found = found + more if sign == "+" else found - more
        return found

    def _product(self, depth: int) -> Fraction:
        found = self._signed(depth)
        while True:
            if sign := self._next("*", "/"):
                self.worked = True
                more = self._signed(depth)
                if sign == "/" and not more:
                    raise _UnreadableError
                found = found * more if sign == "*" else found / more
            elif self.at < len(self.tokens) and self.tokens[self.at].text == "(":
                self.worked = True
                found *= self._power(depth)
            else:
                return found

    def _signed(self, depth: int) -> Fraction:
        if self._next("-"):
            return -self._power(depth)
        return self._power(depth)

    def _power(self, depth: int) -> Fraction:
        base = self._atom(depth)
        if not self._next("^"):
            return base
        self.worked = True
        braced = self._next("{")
        exponent = self._signed(depth)
        if braced and not self._next("}"):
            raise _UnreadableError
        if exponent.denominator != 1 or abs(exponent) > _MOST_POWER or (not base and exponent < 0):
            raise _UnreadableError
        return base ** int(exponent)

    def _atom(self, depth: int) -> Fraction:
        if depth > 20 or self.at >= len(self.tokens):
            raise _UnreadableError
        token = self.tokens[self.at]
        self.at += 1
        if token.text == "(":
            found = self._sum(depth + 1)
            if not self._next(")"):
                raise _UnreadableError
        elif token.kind == "number" and len(token.text) <= _DIGITS:
            found = Fraction(token.text.replace(",", ""))
        else:
            raise _UnreadableError
        while self._next("%"):
            found /= self.percent
        return found


def _close(x: Fraction, y: Fraction, a: _Side, b: _Side) -> bool:
    """Equal as far as the digits shown go: a result may be rounded or cut, and so may the numbers it was made from."""
    if x == y:
        return True
    decimals = max(a.decimals, b.decimals)
    if not decimals:
        return False
    if abs(x - y) < Fraction(1, 10 ** (b.decimals or decimals)):
        return True
    return decimals >= 2 and abs(x - y) * 200 <= max(abs(x), abs(y))
