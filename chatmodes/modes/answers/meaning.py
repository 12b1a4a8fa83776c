"""Words beside a number that make another answer of it, said in English whatever language they were said in.

"Mehr als 5", 5以上 and "не менее 5" are no 5, "44 v. Chr." is 44 BC, and a "Verlust" is no "Gewinn". What tells such
answers apart (`relations.py`, `senses.py`) knows the English words; here those of the other languages become them.
"""

import re
from functools import cache, partial

from chatmodes.modes.answers.languages import alternatives, languages
from chatmodes.modes.answers.units import unit_of

LONGEST = 80
"""Characters of an answer that is looked at."""
_BOUNDS = ("more than", "less than", "at least", "at most")
_SIDES = ("BC", "AD", "below zero", "above zero", "is not", "not", "increase", "decrease", "ago", "later")
"""In the order in which they are looked for: what is before Christ holds the words for what is after."""
_BESIDE_TIME = {"ago, beside a time": "ago", "in, beside a time": "later"}
"""Words with another sense: "il y a 5 ans" was five years ago, "il y a 5 pommes" are five apples."""
_COUNTED = re.compile(r"\s*\d[\d., ]*(?P<what>\D+)")
_BEFORE = re.compile(r".*\d\s*(?P<what>[^\d\s]+)\s*")
_BELOW_ZERO = re.compile(r"below zero\s+(?P<before>\d[\d.,]*[^\d]*)|(?P<behind>\d[\d.,]*[^\d]*?)\s*below zero", re.I)
_EASTERN_TIME = re.compile(r"(?<=[年月日天周週时時間分秒년월일주])\s?(?:(?P<ago>前|전)|(?P<later>后|後|후))$")
_NOUN_FOLLOWS = re.compile(r"\s(?:the|le|la|das|der|el|il|o)\s*$", re.I)
_DIGIT = re.compile(r"\d")


def in_english(text: str) -> str:
    """The text with those words in English; a temperature below zero as the negative number that it is."""
    if len(text) > LONGEST or not _DIGIT.search(text):
        return text
    text = _EASTERN_TIME.sub(lambda found: " ago" if found["ago"] else " later", text)
    lowered = text.lower()
    if any(word in lowered for word in _all()):
        text = _bounded(text) or _said(text)
    found = _BELOW_ZERO.fullmatch(text)
    return f"-{found['before'] or found['behind']}" if found else text


def _bounded(text: str) -> str:
    """ "Mehr als 5" and 5以上 as "more than 5" and "at least 5"; empty for what bounds nothing."""
    if found := _before().fullmatch(text) or _behind().fullmatch(text):
        if _NOUN_FOLLOWS.search(found["value"]):  # "5 is the minimum" bounds nothing
            return ""
        english = next(name for name in _BOUNDS if found[name.replace(" ", "_")])
        return f"{english} {found['value'].strip()}"
    return ""


def _said(text: str) -> str:
    for english, pattern in _beside_time():
        text = pattern.sub(partial(_where_timed, english=english), text)
    for english, pattern in _patterns():
        text = pattern.sub(f" {english} ", text)
    return " ".join(text.split())


def _where_timed(found: re.Match[str], english: str) -> str:
    """The word in English where a number of days or years stands before or behind it; else as it is."""
    text = found.string
    before, behind = _BEFORE.fullmatch(text[: found.start()]), _COUNTED.match(text, found.end())
    units = [unit_of(each["what"]) for each in (before, behind) if each]
    return f" {english} " if any(unit and unit.dimension in ("time", "months") for unit in units) else found[0]


@cache
def _words(english: str) -> tuple[str, ...]:
    """Of an abbreviation without its last point too, which is taken off where it ends an answer."""
    words = [word for each in languages().values() for word in each.meaning.get(english, ())]
    return tuple(dict.fromkeys(form for word in words for form in (word, word.rstrip("."))))


@cache
def _all() -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for english in (*_BOUNDS, *_SIDES, *_BESIDE_TIME) for word in _words(english)))


def _groups() -> str:
    named = ((english.replace(" ", "_"), alternatives(_words(english))) for english in _BOUNDS)
    return "|".join(f"(?P<{name}>{words})" for name, words in named)


@cache
def _before() -> re.Pattern[str]:
    return re.compile(rf"(?:{_groups()})\s*(?P<value>[^\w\s]?\d.*)", re.I)


@cache
def _behind() -> re.Pattern[str]:
    return re.compile(rf"(?P<value>.*\d[^\d]{{0,15}}?)\s*(?:{_groups()})", re.I)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((english, re.compile(_around(english), re.I)) for english in _SIDES)


@cache
def _beside_time() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((english, re.compile(alternatives(_words(said)), re.I)) for said, english in _BESIDE_TIME.items())


def _around(english: str) -> str:
    """The pattern of what says this, at its place: an era stands beside the number, and a negation before it, where it
    is no other word (French steps are "pas" as well)."""
    words = f"(?:{alternatives(_words(english))})"
    match english:
        case "BC" | "AD":
            return rf"(?<=\d)(?:\s?(?:г\.?|год\w*|р\.?|年|년))?\s*{words}|{words}\s*(?=\d)"
        case "not":
            return rf"{words}(?=\D{{0,12}}\d)"
        case "is not":
            return rf"{words}(?!.*\d)"
        case _:
            return words
