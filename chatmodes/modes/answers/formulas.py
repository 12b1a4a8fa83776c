"""What is arithmetic or algebra rather than words, and the number that an equation ends with."""

import re

from chatmodes.modes.answers.labels import other_label
from chatmodes.modes.answers.numbers import Quantity, quantity

_ALGEBRA = re.compile(
    r"sqrt|\bpi\b|\^|[()]\s*[/*]|[/*]\s*[(]|(?<![^\W\d])\d+[a-z](?![a-z])|\b(?:log|ln|sin|cos|tan|exp)\b"
    r"|(?:\b[a-z]|\d|\))\s*[+*/^-]\s*(?:[a-z]\b|\d|\()|[<>]=?|^[-+]?\s*[a-zα-ω]\b(?:\([a-z]\))?$|^-\s*[a-z(]"
)
_ALIKE = [re.compile(form) for form in (r"[a-z]'*", r"[A-Z]'*", r"[a-z]'*\([a-z]\)")]
"""Names that are another's as soon as they differ: X may be x."""
_FACTORIAL = re.compile(r"(?=.*\d!)[\d\s()+*/^.!-]+")
_WORDY = re.compile(r"[^\W\d_]{8,}")
ASSIGNED = re.compile(r"^(?:[A-Za-z](?:_\w|\d)?'?(?:\([a-z]\))?|[A-Z]{2,3})\s*=\s*(?=[^=])")
_NAME = re.compile(
    r"(?:(?P<points>[A-Z]{2,3})|(?P<letter>[A-Za-z])(?P<index>_\w+|\d)?(?P<primes>'*)(?:\((?P<of>[^()=]{1,30})\))?)"
)
_NAMED = re.compile(rf"{_NAME.pattern}\s*=(?!=)")
_VARIABLE = re.compile(r"(?<![^\W\d_])(?<!')[^\W\d_](?![^\W\d_])|(?<![^\W\d_])[abcpqrxyzmn]{2,3}(?![^\W\d_])|[|]")
_NO_VARIABLE = re.compile(r"(?<=[\d)])\s*x\s*(?=[\d($.])|\b[Aa]\s+(?=[a-z]{3})|\bI\s+(?=[a-z]{3})")
"""Single letters in arithmetic and prose that are none: "3 x 5 = 15", "a total of 3 * 5 = 15"."""
_LEFT_NAME = re.compile(
    r"(?:[^=]*\b(?:is|are|that|so|get|have|then|thus|for|of)\s+)?[A-Za-z](?:_\w|\d)?'?(?:\([\w, |]{1,8}\))?|[A-Z]{2,3}"
)


EVALUATED = re.compile(
    r"(?P<name>(?:gcd|lcm|max|min|n?C|n?P|nCr|nPr)\([\d\s,./-]+\)"
    r"|(?:det|dim|rank|tr|Var|E|Cov|Pr?|SD|arg|Re|Im|deg)\s?(?:\([^=()]{1,30}\)|\[[^=\[\]]{1,30}\]|(?<=\w\w\s)[A-Z])"
    r"|(?:m ?)?(?:∠|angle) ?[A-Z]{1,3}|[A-Za-z]_\{?\d{1,4}\}?|\|[A-Z]{2}\|"
    r"|(?:int|sum|lim|prod)[_^ ({][^=]{0,20}(?:=[^=]{1,40})?[^=]{0,40}?)"
    r"\s*=\s*(?=[^=\s])(?P<value>[^=]+)"
)
"""What is worked out rather than solved: its value is the answer."""
_DERIVATIVE = re.compile(r"^\(?d([a-z])\)?\s*/\s*\(?d[a-z]\)?\s*=\s*(?=[^=])")
_POINT_NAMED = re.compile(r"^\((?:x, ?y(?:, ?z)?|a, ?b(?:, ?c)?|m, ?n|p, ?q|u, ?v)\)\s*=\s*(?=[(⟨])")
_TURNED = re.compile(r"(?P<value>[^=<>!]*\d[^=<>!]*?)\s*=\s*(?P<name>[a-z])")


def assignment(text: str) -> str:
    """The text with its name first, of "5 = x" too; `dy/dx` is called `y'`, and (x, y) = (3, 4) by its point."""
    text = _POINT_NAMED.sub("", _DERIVATIVE.sub(r"\1' = ", text))
    found = _TURNED.fullmatch(text)
    return f"{found['name']} = {found['value']}" if found and quantity(found["value"]) else text


def assigned(text: str) -> str:
    """The name that a value is given, as in `x = 5`, `P(A) = 1/2` and `f'(x) = 2x`; empty where it has none."""
    found = _NAMED.match(text)
    if found:
        return re.sub(r"[\s=]+", "", found[0])
    evaluated = EVALUATED.fullmatch(text)
    return re.sub(r"[\s{}]+", "", evaluated["name"]) if evaluated else ""


def other_name(one: str, other: str) -> bool:
    """Whether two values are of different things. Of y and f(x), which may be one, they are not, nor
    where one is called at length. Of one letter, another index, derivative or argument is another thing."""
    left, right = _NAME.fullmatch(one), _NAME.fullmatch(other)
    if left is None or right is None or one == other:
        return other_label(one, other)
    if left["points"] and right["points"]:  # AB is BA
        return set(left["points"]) != set(right["points"])
    alike = all(bool(left[part]) == bool(right[part]) for part in ("letter", "index", "of"))
    if alike and left["letter"] == right["letter"]:
        return True
    return any(form.fullmatch(one) and form.fullmatch(other) for form in _ALIKE)


def is_factorial(text: str) -> bool:
    """Whether the text is arithmetic with a factorial in it: 10! is not 10."""
    return bool(_FACTORIAL.fullmatch(text))


def looks_like(text: str) -> bool:
    """Whether the text may be a formula."""
    return not _WORDY.search(text) and ("=" in text or bool(_ALGEBRA.search(text)) or is_factorial(text))


def result(text: str) -> Quantity | None:
    """The number behind "=" of "3 * 5 = 15" and "x = 15"; None for an equation, whose number is no answer."""
    *left, tail = re.split(r"\s*(?<![<>!=])=\s*", text)
    if left and "," not in text and all(_has_no_variable(side) for side in left):
        return quantity(tail)
    return None


def formula(text: str) -> str | None:
    """The formula itself, without the name it is given; None where there is nothing to calculate with."""
    if not (_ALGEBRA.search(text) or _VARIABLE.search(text) or "!" in text):
        return None
    bare = ASSIGNED.sub("", text)
    is_point = bare[:1] in "([⟨" and bare[-1:] in ")]⟩"
    return bare if is_point or not ("," in text or ";" in text) else text


def _has_no_variable(side: str) -> bool:
    """Whether a side of an equation is a bare name or arithmetic: of `3x - y = 5` the 5 is not the answer."""
    return bool(_LEFT_NAME.fullmatch(side.strip())) or not _VARIABLE.search(_NO_VARIABLE.sub(" ", side))
