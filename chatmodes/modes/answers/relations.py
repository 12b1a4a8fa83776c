"""Inequalities and intervals, read to the numbers they allow.

A room of their own, since each holds a number that is not the answer: `x >= 5`, `x <= 5`, `(5, ∞)` and "less than 5"
must never vote together for 5. Whatever only looks like one keeps its text, and is equal to nothing else.
"""

import re
from typing import NamedTuple

from chatmodes.modes.answers.numbers import Quantity, quantity


class Bounds(NamedTuple):
    """The numbers between two ends; an end that is None is infinite."""

    low: Quantity | None
    high: Quantity | None
    low_open: bool = True
    high_open: bool = True
    name: str = "x"
    """What is bounded. "At least 5" and `[5, ∞)` are about an x, so that `y >= 5` and `z >= 5` do not meet in them."""

    @property
    def key(self) -> str:
        """One spelling for all of them."""
        low = f"{'(' if self.low_open else '['}{self.low.key}" if self.low else "(-infinity"
        high = f"{self.high.key}{')' if self.high_open else ']'}" if self.high else "infinity)"
        return f"{self.name} in {low}, {high}"


_OPERATOR = re.compile(r"(<=|>=|=<|!=|=/=|<>|<|>)")
_SAME_OPERATOR = {"=<": "<=", "=/=": "!=", "<>": "!="}
_ARROW = re.compile(r"[-=]>|→|<-(?![\d.$(])|<<|>>|</|<=>")
_NAME = re.compile(r"[A-Za-zα-ω](?:_?\d)?")
_INFINITE = re.compile(r"([-+]?)\s*(?:infinity|inf|oo)")
_SET = re.compile(
    r"\{?\s*(?P<name>[A-Za-z])\s*(?:(?:(?:in|∈)\s*mathbb\{R\}\s*)?[|:]\s*(?P<rest>[^|{}]+?)\s*\}?"
    r"|(?:in|∈)\s+(?P<among>[(\[\]].+))"
)
_INTERVAL = re.compile(r"(?P<open>[(\[\]])(?P<inner>[^()\[\]]+)(?P<close>[)\]\[])")
_UNION = re.compile(r"\s+or\s+|\s*∪\s*|\s+U\s+")
_WHO = r"(?:(?:(?P<name>[A-Za-z])|it|there|that|this|the \w+)\s+(?:is|are|must be|should be|has to be)\s+)?"
_GREATER, _SMALLER = (
    "(?:strictly )?(?:more|greater|larger|bigger|higher) than|over|above|exceeding|exceeds",
    "(?:strictly )?(?:less|fewer|smaller|lower) than|under|below",
)
_BEFORE = (
    (
        ">=",
        rf"at least|no (?:less|fewer) than|not (?:less|fewer) than|(?:a )?minimum(?: of)?|(?:{_GREATER}) or equal to",
    ),
    ("<=", rf"at most|no more than|not more than|up to|(?:a )?maximum(?: of)?|(?:{_SMALLER}) or equal to"),
    (">", _GREATER),
    ("<", _SMALLER),
)
_BEHIND = (
    (">=", "or (?:more|greater|above|higher|larger|over)|and (?:up|above)|at (?:the )?(?:least|minimum)"),
    ("<=", "or (?:less|fewer|below|lower|smaller|under)|and below|at (?:the )?(?:most|maximum)"),
)
_SAID_BEFORE = [(op, re.compile(rf"{_WHO}(?:{words})\s+(?P<value>.+)", re.I)) for op, words in _BEFORE]
_SAID_BEHIND = [(op, re.compile(rf"{_WHO}(?P<value>\S.*?)\s+(?:{words})", re.I)) for op, words in _BEHIND]
_VERSION = re.compile(
    r"\b(?:version|release|v|chapter|section|figure|table|python|java|php|node|django|go|rust|kernel|linux|ubuntu|macos"
    r"|ios|android|kubernetes) ?\d+\.\d*0\b",
    re.I,
)
"""Of a version the last zero counts: Python 3.10 is not 3.1."""
_OPERATION = "squared|cubed|factorial|choose|mod|modulo|permute|sin|cos|tan|sec|csc|cot|log|ln|exp|sqrt|lim|root"
_FUNCTION = "twice|double|triple|thrice|half|halve|log|ln|sin|cos|tan|exp|sqrt|root|square|cube|mod|divisible by"
_PART = "(?:half|third|quarter|fourth|fifth|sixth|seventh|eighth|ninth|tenth|hundredth)s?"
_TAKEN = (
    "roots?|squares?|cubes?|logarithm|reciprocal|inverse|opposite|negative|absolute value|complement|negation"
    "|multiples?|factors(?! of safety)|divisors?|powers?|double|factorial|digits?|sine|cosine|tangent"
)
_NEXT_NUMBER = r"\s+(?:or equal to\s+)?[-$€£¥₹]*\d"
_CHANGES = re.compile(
    r"[<>≤≥≠±∞∪∈√→^\[\]{}]|!=|\+-|\d0'?s\b|\d(?:st|nd|rd|th)\b|\d\s?[ap]\.?m\b|\w~\d|(?:^|\s)--?[a-z]|\d\s?(?![AI]\b)[^\W\d_]\b(?!['.-]\w)"
    r"|\binf(?:inity|inite)?\b|\bnot?\b|n't\b|\bup to\b"
    r"|\b(?:never|without|except|neither|nor|unless|impossible|cannot)\b"
    r"|\bat (?:the )?(?:least|most)\b|\b(?:or|and) (?:more|less|fewer|greater|above|below|up|higher|lower)\b"
    rf"|\b(?:over|under|above|below|beyond|exceed\w*|than|but){_NEXT_NUMBER}"
    rf"|[^\W\d_]\(\s*[-\d]|\d\s*(?:{_OPERATION})\b|\b(?:{_FUNCTION})\s*[-(]?\d"
    rf"|\b(?:{_FUNCTION}|{_PART}|{_TAKEN})\s+of\s+(?:an?\s+|the\s+)?[-(√$€£]*\d"
    r"|\b(?:plus|minus|times|over)\s+[b-z]\b|\b[b-z]\s+(?:plus|minus|times|over)\b",
    re.I,
)
"""O(1), "3 squared", "twice 5", "the cube root of 8" and "half of 10" each hold a number that they are not."""


def changes_meaning(text: str) -> bool:
    """Whether something beside the one number in `text` makes it another answer than that number."""
    return bool(_CHANGES.search(text) or _VERSION.search(text))


def bounds(text: str) -> tuple[Bounds, ...]:
    """The intervals that `text` (tidied) consists of, in any spelling: one, or a union of some. Empty for others."""
    text = text.strip()
    if len(text) > 120:
        return ()
    pieces = _UNION.split(text)
    if len(pieces) == 1 and (both := _both(text)):
        return both
    if len(pieces) > 1 and (single := _one(text)):  # "5 or more"
        return (single,)
    is_union = "∪" in text
    read = [_one(piece.strip(), is_union) for piece in pieces[:6]]
    found = [each for each in read if each]
    if len(found) < len(pieces) or len({each.name for each in found}) > 1:
        return ()
    return tuple(sorted(found, key=lambda each: each.key))


def compared(text: str) -> str | None:
    """A comparison that bounds no single number, as `2x + y < 5`: its text, turned so that it reads upwards."""
    sides = _sides(text)
    return "".join(re.sub(r"\s+", "", side) for side in sides) if sides else None


def _both(text: str) -> tuple[Bounds, ...]:
    """ "x > 2 and x < 5"; where nothing can be both, people mean either."""
    pieces = text.split(" and ")
    if len(pieces) != 2:
        return ()
    one, two = _one(pieces[0].strip()), _one(pieces[1].strip())
    if not one or not two or one.name != two.name:
        return ()
    if one.low is None:
        one, two = two, one
    if one.low is None or one.high or two.low or two.high is None:
        return ()
    if one.low.value < two.high.value:
        return (Bounds(one.low, two.high, one.low_open, two.high_open, one.name),)
    return tuple(sorted((one, two), key=lambda each: each.key))


def _one(text: str, is_interval: bool = False) -> Bounds | None:
    name = "x"
    if found := _SET.fullmatch(text):
        name, text, is_interval = found["name"], found["rest"] or found["among"], bool(found["among"])
    return _interval(text, name, is_interval) or _symbols(text) or _words(text)


def _interval(text: str, name: str, is_interval: bool) -> Bounds | None:
    """`[a, b]`, `[a, b)`, `]a, b[` and the infinite ones. `(a, b)` may as well be a pair, and is left to lists unless
    it is known to be an interval."""
    found = _INTERVAL.fullmatch(text)
    if not found:
        return None
    inner = found["inner"]
    ends = inner.split(next((mark for mark in (";", ", ", ",") if mark in inner), ";"))
    may_be_pair = found["open"] == "(" and found["close"] == ")" and not is_interval
    if len(ends) != 2 or (may_be_pair and not _INFINITE.search(inner)):
        return None
    low, high = (_end(end) for end in ends)
    if low is None or high is None or low == "+" or high == "-":
        return None
    left, right = (None if isinstance(end, str) else end for end in (low, high))
    if left and right and left.value >= right.value:
        return None
    return Bounds(left, right, not left or found["open"] != "[", not right or found["close"] != "]", name)


def _symbols(text: str) -> Bounds | None:
    """`x >= 5`, `5 < x`, `< 5`, `1 < x <= 2`."""
    sides = _sides(text)
    if not sides or "!=" in sides:
        return None
    if len(sides) == 3:
        left, operator, right = sides
        sides = ["", "<", left, operator, right] if _is_name(left) else [left, operator, right, "<", ""]
    low_text, first, name, second, high_text = sides
    if not _is_name(name):
        return None
    low, high = (_end(end) if end else "" for end in (low_text, high_text))
    if low is None or high is None or low == "+" or high == "-" or not (low or high):
        return None
    left, right = (None if isinstance(end, str) else end for end in (low, high))
    return Bounds(left, right, not left or first == "<", not right or second == "<", name or "x")


def _sides(text: str) -> list[str] | None:
    """Sides and operators, with "<" and "<=" only; None where this is no comparison of two or three sides."""
    if _ARROW.search(text):
        return None
    parts = [_SAME_OPERATOR.get(part, part).strip() for part in _OPERATOR.split(text)]
    operators = parts[1::2]
    if len(operators) not in (1, 2) or len({operator[0] for operator in operators}) > 1 or not any(parts[::2]):
        return None
    if operators[0][0] == ">":
        parts = [part.replace(">", "<") for part in reversed(parts)]
    elif operators[0] == "!=" and len(parts) == 3:
        parts = sorted(parts[::2])
        parts.insert(1, "!=")
    return parts


def _is_name(text: str) -> bool:
    return not text or bool(_NAME.fullmatch(text))


def _end(text: str) -> Quantity | str | None:
    """A number, or the sign of the infinity; None for anything else."""
    if found := _INFINITE.fullmatch(text.strip()):
        return found[1] or "+"
    return quantity(text.strip())


def _words(text: str) -> Bounds | None:
    for operator, form in _SAID_BEFORE + _SAID_BEHIND:
        if (found := form.fullmatch(text)) and (value := quantity(found["value"])):
            is_open, name = operator in "<>", found["name"] or "x"
            if operator[0] == ">":
                return Bounds(value, None, low_open=is_open, name=name)
            return Bounds(None, value, high_open=is_open, name=name)
    return None
