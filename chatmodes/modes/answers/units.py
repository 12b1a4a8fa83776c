"""Units of measurement, read out of the words behind a number.

Words that are no unit ("apples", "students", and "pounds", which are money or mass) are nouns and carry no meaning.
"""

import re

from chatmodes.modes.answers.compounds import compound
from chatmodes.modes.answers.senses import senses
from chatmodes.modes.answers.unit_table import NAMES, SYMBOLS, Unit, is_code, known

_PER_CENT = dict.fromkeys(("per cent", "pour cent", "por ciento", "por cento", "per hundred"), "percent")
SIGNS = "$€£¥₹₽₩₺₴₪₱₿"
CODES = "|".join(
    sorted({"US\\$", "RS", *(re.escape(s.upper()) for s, u in SYMBOLS.items() if is_code(s, u))}, reverse=True)
)
"""Currencies that stand before an amount: USD 5, C$5."""
_PER = re.compile(r"\s*(?:/|\ban?\b|(?i:\bper\b|\beach\b|\bevery\b))\s*")
_POWER = re.compile(
    r"\b(?P<before>square|sq\.?|cubic|cu\.?)\s+(?P<unit>[^\W\d_]+)|\b(?P<base>[^\W\d_]+)\s+(?P<behind>squared|cubed)\b",
    re.I,
)
_CROWNS = ("SEK", "NOK", "DKK", "CZK")
_PESOS = ("₱", "mxn", "ars", "cop", "clp")
_EITHER = {
    **dict.fromkeys(("pound", "pounds"), ("£", "lb")),
    **dict.fromkeys(("ton", "tons"), ("t",)),
    **dict.fromkeys(("kr", "krona", "kronor", "krone", "kroner", "crowns"), _CROWNS),
    **dict.fromkeys(("peso", "pesos"), _PESOS),
}
"""Words that are one unit to some and another to others: they go with either."""


def unit_of(words: str) -> Unit | None:
    """The unit that `words` begin with, longest name first ("square meters of carpet"); None for plain nouns."""
    words = with_powers(words.strip(" .,;"))
    if found := known(words):
        return found
    for phrase, name in _PER_CENT.items():
        if words.lower().startswith(phrase):
            return NAMES[name]
    if found := compound(words):
        return found[0]
    tokens = words.split()
    if tokens[:1] in (["us"], ["US"], ["U.S."]):  # "US dollars"
        tokens = tokens[1:]
    for size in range(min(4, len(tokens)), 0, -1):
        name = " ".join(tokens[:size]).strip(".,;")
        is_short = name.lower() in ("in", "us") or (len(name) == 1 and name.isalpha())
        if is_short and size < len(tokens) and not (name == "m" and senses(tokens[size])):
            continue  # "5 m up" is a length, "5 s of them" and "5 in total" are not: such short ones count only alone
        if found := known(name):
            return None if _goes_on(tokens[size:]) else found
    amount = known(words.partition("/")[0].strip())  # 5 €/kg
    return amount if amount and amount.dimension.startswith("money:") else None


def with_powers(words: str) -> str:
    """Units with their powers as symbols: "square meters" and "meters squared" are m^2."""
    return _POWER.sub(_powered, words)


def _powered(found: re.Match[str]) -> str:
    unit = known(found["unit"] or found["base"])
    if not unit or unit.dimension not in ("length", "time"):
        return found[0]
    how = (found["before"] or found["behind"]).lower()
    return f"{unit.symbol}^{2 if how.startswith('sq') else 3}"


def _goes_on(rest: list[str]) -> bool:
    """Whether the unit does not end here: newton meters are no newtons, and meters squared no meters."""
    following = rest[0].strip(".,;") if rest else ""
    if following.lower() in ("squared", "cubed"):
        return True
    is_word = following.lower() not in ("in", "us") and not (len(following) == 1 and following.isupper())
    return is_word and known(following) is not None


def per(words: str) -> str:
    """What an amount is for: "per hour", "/h", "an hour" and "each hour" all are "per h"; empty for others."""
    found = None if words.strip().lower().startswith(tuple(_PER_CENT)) else _PER.match(words)
    unit = unit_of(words[found.end() :].split(" ")[0]) if found else None
    return f"per {unit.symbol}" if unit else ""


def may_be(noun: str, unit: Unit) -> bool:
    """Whether a word that is no unit of its own can mean this one."""
    first, *_ = noun.lower().split() or [""]
    return unit.symbol in _EITHER.get(first.strip(".,;"), ())
