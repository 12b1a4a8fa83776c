"""What an answer in words says that its value is of: an area of 5 is no perimeter of 5.

Only what is known to be another quantity tells two answers apart. "Total = 5", "the answer is 5" and "x = 5" are the
same, and so are a cost of 5 and a price of 5: drafts call one thing by several names.
"""

import re
from functools import cache

_AXES = (
    (
        "area surface",
        "perimeter circumference",
        "volume capacity",
        "radius",
        "diameter",
        "width breadth",
        "height altitude",
        "depth",
        "hypotenuse",
        "diagonal",
        "length distance",
        "slope gradient",
        "intercept",
        "angle",
    ),
    ("mean average", "median", "mode", "range", "variance", "deviation", "midrange", "quartile", "percentile"),
    ("sum", "difference", "product", "quotient", "remainder"),
    ("numerator", "denominator"),
    ("dividend", "divisor"),
    ("ph", "poh", "pka", "pkb"),
    (
        "mass weight",
        "density",
        "force",
        "energy work",
        "power",
        "pressure",
        "momentum",
        "charge",
        "current",
        "voltage",
        "resistance",
        "capacitance",
        "inductance",
        "temperature",
        "time duration",
        "speed velocity",
        "acceleration",
        "frequency",
        "wavelength",
        "period",
        "amplitude",
    ),
    (
        "revenue sales",
        "cost costs price expense expenses",
        "profit",
        "loss",
        "tax",
        "discount",
        "tip",
        "interest",
        "principal",
        "salary income wage",
    ),
    ("mother", "father", "son", "daughter", "brother", "sister", "husband", "wife"),
    ("minimum min smallest least lowest", "maximum max largest greatest biggest highest"),
    ("rows row", "columns column"),
    ("gcd gcf hcf", "lcm"),
    ("permutations", "combinations"),
)
"""Quantities of which a thing has several, each by the names that one has."""
_POLES = {
    word: (axis, words.split()[0]) for axis, poles in enumerate(_AXES) for words in poles for word in words.split()
}
_SAID = re.compile(
    r"(?P<name>[^\d=:~]{2,60}?)\s*(?:=|:|~|\b(?:is|are|was|were|will be|equals?|equal to|of))\s*"
    r"(?:about |approximately )?[-+$€£¥₹(]*\d",
    re.I,
)
_SAID_BEHIND = re.compile(r"[-+$€£¥₹]*\d[\d.,]*\s*[^\s\d]{0,6}\s+(?:is|are|was)\s+the\s+(?P<name>[^\d]{2,60})", re.I)
_WORD = re.compile(r"[^\W\d_]+")
_PERSON = re.compile(r"(?P<name>[A-Z][^\W\d_]+)(?:'s)?\s*(?:=|:)\s*[-+$€£¥₹(]*\d")
_NEUTRAL = frozenset(
    "total sum result answer value number count amount left remaining final solution output score cost price profit"
    " today now there thus so therefore hence then finally approximately about exactly only ans size rate".split()
)


def label(text: str) -> str:
    """The quantities that `text` names before its value, as in "the maximum area is 5"; a person's name or another
    that stands alone before it, with its capital; empty where it names none. Of "the area of a circle with a radius
    of 2" it tells neither."""
    found = _SAID.match(text) or _SAID_BEHIND.fullmatch(text)
    if found is None:
        return ""
    words = _WORD.findall(found["name"].lower())
    named: dict[int, set[str]] = {}
    for axis, pole in (_POLES[word] for word in words if word in _POLES):
        named.setdefault(axis, set()).add(pole)
    if named:
        return " ".join(min(poles) for poles in named.values() if len(poles) == 1)
    alone = _PERSON.match(text)
    return alone["name"] if alone and alone["name"].lower() not in _NEUTRAL else ""


@cache
def other_label(one: str, other: str) -> bool:
    """Whether two labels are those of different quantities, or the names of different people or things."""
    if one.istitle() and other.istitle() and " " not in one + other:
        return one.rstrip("s") != other.rstrip("s")
    sides, others = (dict(_POLES[word] for word in each.split() if word in _POLES) for each in (one, other))
    return any(sides.get(axis, pole) != pole for axis, pole in others.items())
