"""The words a prompt is known by, in the languages people ask in: which of a kind stand in it, as they were written.

The words themselves are data (`cues.toml`). Only those of the prompt's own language are looked for, since the poison
of one language is the present of another. Words are compared without case and accents, which people leave out.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

LOOKED_AT = 8_000
"""Characters of a prompt that are looked at: one that is longer is a task, whatever it says."""
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)
_UNSPACED = ("zh", "ja", "ko")
_LETTER = r"[\w\u0900-\u097f]"
_NEIGHBOUR = "[^\\W\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
"""A letter that a Latin word would go on with: in 用Python写 it does not."""
_PREFIX = {"ar": "(?:[وفبكل]?(?:ال)?|لل)"}
"""What Arabic writes together with the word behind it: and, so, in, like, for, the."""
_ENDING = {"ar": "(?:ي|ك|ه|ها|نا|هم|ة|ات)?"}


class Folded:
    """A text without case and accents, which still knows where each character was written."""

    def __init__(self, text: str) -> None:
        self._original = text[:LOOKED_AT]
        pairs = [(letter, at) for at, char in enumerate(self._original) for letter in _folded(char)]
        self.text = "".join(letter for letter, _ in pairs)
        self._places = [at for _, at in pairs]

    def quote(self, found: re.Match[str]) -> str:
        """What was found, exactly as it stands in the text."""
        end = self._places[found.end() - 1] + 1
        while (
            end < len(self._original)
            and unicodedata.combining(self._original[end])
            and not _folded(self._original[end])
        ):
            end += 1
        return self._original[self._places[found.start()] : end].strip()


def languages(text: Folded) -> tuple[str, ...]:
    """The languages a text may be in; of those in Latin letters, the ones with most of their common words in it."""
    found = [language for language, script in _SCRIPTS if script.search(text.text)]
    if "ja" in found and "zh" in found:
        found.remove("zh")
    words = re.findall(r"[\w'-]+", text.text)
    scores = {language: sum(word in common for word in words) for language, common in _common().items()}
    most = max(scores.values())
    if most or not found:
        found += [language for language, score in scores.items() if score == most]
    return tuple(found)


def cue(kind: str, text: Folded, spoken: tuple[str, ...]) -> str:
    """The first words of that kind in the text, as they were written; empty where there are none."""
    for language in ("any", *spoken):
        if (pattern := _pattern(kind, language)) and (found := pattern.search(text.text)):
            return text.quote(found)
    return ""


def _folded(char: str) -> str:
    if char == "’":
        return "'"
    if "\uff01" <= char <= "\uff5e":  # the wide forms of East Asian keyboards
        return chr(ord(char) - 0xFEE0).lower()
    if not char.isascii() and (char < "\u0700" or "\u1e00" <= char <= "\u1eff"):
        if unicodedata.combining(char):
            return ""
        char = unicodedata.normalize("NFKD", char)[0]
    lowered = char.lower()
    return {"ı": "i", "ł": "l", "ى": "ي"}.get(lowered, lowered[:1])


def fold(text: str) -> str:
    """A text without case and accents."""
    return "".join(map(_folded, text))


@cache
def _tables() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _words(kind: str, language: str) -> Iterator[str]:
    listed = _tables()[kind].get(language, "")
    return (word for word in map(str.strip, fold(listed).split(",")) if word)


@cache
def _common() -> dict[str, frozenset[str]]:
    telling = ("common", "own", "count", "why")
    return {
        language: frozenset(word for kind in telling for word in _words(kind, language))
        for language in _tables()["common"]
    }


@cache
def _pattern(kind: str, language: str) -> re.Pattern[str] | None:
    words = [_expression(word) for word in sorted(_words(kind, language), key=len, reverse=True)]
    if not words:
        return None
    choices = "|".join(words)
    if language in _UNSPACED:
        return re.compile(choices)
    if language == "any":
        return re.compile(f"(?<!{_NEIGHBOUR})(?:{choices})(?!{_NEIGHBOUR})")
    before, after = _PREFIX.get(language, ""), _ENDING.get(language, "")
    return re.compile(f"(?<!{_LETTER}){before}(?:{choices}){after}(?!{_LETTER})")


def _expression(word: str) -> str:
    """The pattern of a word as the table writes it."""
    escaped = re.escape(word).replace("\\ ", r"\s+").replace("\\*", f"{_LETTER}*")
    return escaped.replace("\\~", r"[^.!?\n]{0,30}?")
