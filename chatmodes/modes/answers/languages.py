"""What answers are called, refused and asked for in the languages that people ask in.

The words are data (`languages.toml`), read when the first answer is: a language is added there, and no code knows one
by name. Patterns are built from all of them at once, since a model may answer in another language than it was asked in.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib.resources import files

import msgspec


class Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table of `languages.toml`, where each field is explained."""

    decimal: tuple[str, ...]
    words: frozenset[str]
    answer: tuple[str, ...]
    result: tuple[str, ...]
    final: tuple[str, ...]
    option: tuple[str, ...]
    copula: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    open: tuple[str, ...]
    vague: tuple[str, ...]
    how_many: tuple[str, ...]
    when: tuple[str, ...]
    correction: tuple[str, ...]
    emergency: tuple[str, ...]
    remark: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    tail: tuple[str, ...] = ()
    supposing: tuple[str, ...] = ()
    polar: tuple[str, ...] = ()
    polar_end: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    magnitudes: tuple[str, ...] = ()
    numbers: str = ""
    meaning: dict[str, tuple[str, ...]] = {}


LOOKED_AT = 4000
"""Characters of a question that tell its language: from its end, where it is asked."""

_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that write words without blanks, or glue particles to them: no word ends there to be looked for."""
_WORD = re.compile(r"[^\W\d_]+")


@cache
def languages() -> dict[str, Language]:
    """Every language known, by its two-letter code."""
    raw = tomllib.loads(files("chatmodes.modes.answers").joinpath("languages.toml").read_text(encoding="utf-8"))
    return msgspec.convert(raw, dict[str, Language])


@cache
def words_of(field: str) -> tuple[str, ...]:
    """The alternatives that all languages have for one thing, each once."""
    return tuple(dict.fromkeys(word for each in languages().values() for word in getattr(each, field)))


def alternatives(phrases: Iterable[str]) -> str:
    """A pattern for any of `phrases`, the longest first, each as whole words where its script has blanks."""
    longest_first = sorted(set(phrases), key=len, reverse=True)
    return "|".join(map(_bounded, longest_first)) if longest_first else r"(?!)"


def _bounded(phrase: str) -> str:
    if not phrase:
        return ""
    body = r"\s+".join(re.escape(word) for word in phrase.split())
    before = "" if _UNSPACED.match(phrase[0]) or not phrase[0].isalpha() else r"(?<![^\W\d_])"
    behind = "" if _UNSPACED.match(phrase[-1]) or not phrase[-1].isalpha() else r"(?![^\W\d_])"
    return f"{before}{body}{behind}"


def places(text: str, phrases: Iterable[str], most: int) -> list[tuple[int, int]]:
    """Where any of `phrases` stands in `text`, start and end, in order; of each the last `most`.

    By plain search, which is a hundred times quicker over a long text than a pattern of as many alternatives.
    """
    lowered = _lowered(text)
    found: list[tuple[int, int]] = []
    for phrase in phrases:
        sought, end = phrase.lower(), len(lowered)
        for _ in range(most):
            end = lowered.rfind(sought, 0, end)
            if end < 0:
                break
            if _stands_alone(lowered, end, end + len(sought)):
                found.append((end, end + len(sought)))
            end += len(sought) - 1
    return sorted(found)


def says(text: str, field: str) -> bool:
    """Whether `text` has any of all languages' alternatives for one thing."""
    return bool(places(" ".join(text.split()), words_of(field), 3))


def _lowered(text: str) -> str:
    """In small letters and of the same length: a Turkish capital becomes two characters by itself."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _stands_alone(text: str, start: int, end: int) -> bool:
    first, last = text[start], text[end - 1]
    joined_before = start > 0 and text[start - 1].isalpha() and first.isalpha() and not _UNSPACED.match(first)
    joined_behind = end < len(text) and text[end].isalpha() and last.isalpha() and not _UNSPACED.match(last)
    return not joined_before and not joined_behind


def decimal_comma(question: str) -> bool:
    """Whether the question is asked in a language that writes one and a half as 1,5."""
    return _spoken(question).decimal[0] == ","


def grouping_point(question: str) -> bool:
    """Whether the question is asked in a language that writes a thousand as 1.000."""
    return "." in _spoken(question).decimal[1:]


@lru_cache(maxsize=32)
def _spoken(question: str) -> Language:
    """The language of a question by its frequent small words; English where none stands out."""
    said = _WORD.findall(question[-LOOKED_AT:].lower())
    counts = {code: sum(word in each.words for word in said) for code, each in languages().items()}
    best = max(counts, key=counts.__getitem__)
    return languages()[best if counts[best] > counts["en"] else "en"]


@cache
def months() -> dict[str, int]:
    """The number of each month by its names; a name that two languages give to different months is none."""
    named: dict[str, set[int]] = {}
    for each in languages().values():
        for number, names in enumerate(each.months, 1):
            for name in names.split():
                named.setdefault(name, set()).add(number)
    return {name: min(numbers) for name, numbers in named.items() if len(numbers) == 1}


@cache
def magnitudes() -> dict[str, int]:
    """What words like "Millionen" multiply the number before them with."""
    rows = (row.split() for each in languages().values() for row in each.magnitudes)
    return {word: int(number) for number, *words in rows for word in words}


@cache
def numerals(code: str = "") -> dict[str, int]:
    """The numbers up to a hundred as words of one language, folded by `fold`; without a `code` those of all, but for
    words that are two numbers in two languages."""
    named: dict[str, set[int]] = {}
    for each in [languages()[code]] if code else languages().values():
        for number, forms in enumerate(each.numbers.split()):
            for word in forms.split("|"):
                named.setdefault(fold(word.replace("_", " ")), set()).add(number)
    return {word: min(numbers) for word, numbers in named.items() if len(numbers) == 1}


def fold(word: str) -> str:
    """A word without capitals, hyphens and the accents of Latin letters, which many leave out."""
    plain = (char[0] if char[0].isascii() else char for char in map(_decomposed, word.casefold()))
    return " ".join("".join(plain).replace("-", " ").split())


def _decomposed(char: str) -> str:
    return unicodedata.normalize("NFD", char) if char > "\x7f" and unicodedata.decomposition(char) else char


@lru_cache(maxsize=32)
def language_of(question: str) -> str:
    """The code of the language that a question is asked in, as far as its small words tell; else English."""
    spoken = _spoken(question)
    return next(code for code, each in languages().items() if each is spoken)


@cache
def negative_words() -> frozenset[str]:
    """What stands before a number in words that is below zero."""
    return frozenset({"minus", *(word for each in languages().values() for word in each.meaning.get("minus", ()))})
