"""The answer of a model that was not asked to mark one.

Small models work better unasked for a form (SmolLM2: 14 of 20 against 9, Qwen2.5-Coder-0.5B: 9 of 25 against 1 of 16),
and then mark nothing. So the question is asked what it wants: a number, an option, a date, or yes or no. The last of
that kind is the answer; a question that wants none of them has no short answer here.
"""

import re
from fractions import Fraction
from functools import cache

from chatmodes.modes.answers.languages import alternatives, says, words_of
from chatmodes.modes.answers.short import ShortAnswer, read
from chatmodes.modes.answers.terms import Terms, terms_of
from chatmodes.modes.answers.words import from_words

TAIL = 20_000
"""Characters from the end that are looked at, of the question as of the text."""
MOST_WORDS = 200
"""Words from the end among which a number is looked for where there are no digits."""
MOST_VERDICTS = 200
"""Beginnings of sentences that are looked at for a yes or no, from the end."""
_ARITHMETIC = re.compile(r"\d\s*[-+*/×÷^−x]\s*\d")
_ASKED_ENGLISH = re.compile(
    r"\bwhat (?:is|are|was|were|will be|would be)\b.*\b(?:total|sum|average|number|cost|price|percentage|profit|length"
    r"|area|volume|speed|distance)\b",
    re.I | re.S,
)
_ADVICE = re.compile(
    r"\bhow (?:long|much|many|often|far)\b[^.?!]{0,60}?\b(?:can|should|may|must|do|could)\s+(?:i|we|you|one|someone)\b",
    re.I,
)
"""What someone should do is advised, not counted; unless the question brings the numbers to count with."""
_DIGITS = r"(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?![\d ]\d)|\d[\d,]*(?:\.\d+)*(?:,\d+)?)"
_NUMBER = re.compile(rf"(?:(?<![\w)])[-−])?(?:[$€£¥₹]\s?)?(?<![A-Za-z_\d.]){_DIGITS}(?:/\d+)?(?:\s?[%€])?")
_DURATION = re.compile(
    r"(?<![\w.,])\d+ ?(?:hours?|hrs?|h|minutes?|mins?|stunden?|heures?|horas?|ore|часов|часа|час|小时|時間|시간),?"
    r"(?: and| und| et| y| e| и)?"
    r" ?\d+ ?(?:minutes?|mins?|m|seconds?|secs?|s|minuten?|minutos?|minuti|минут|分钟|分|분)(?![^\W\d_])",
    re.I,
)
_IN_BRACKETS = re.compile(r"(?<=\d)(?P<unit>\s?[^\W\d]{1,12}\s?)\([^()\n]{1,40}\)")
"""The same measure in other units: 6,650 km (4,130 mi)."""
_LISTED = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]+(?=\D)", re.M)
_CHOSEN = re.compile(
    r"(?<![\w(])\(?(?P<letter>[A-J])\)|^[ \t]*[*_]*(?P<line>[A-J])[*_]*[.:]?(?:[ \t]*$|[.:][ \t]+\S)", re.M
)
_VERDICT_AT = re.compile(
    r"(?:^|[.!?。！？:]\s*|\b(?:so|therefore|thus|hence|also|daher|donc)[,\s]+)[*_\"]*(?P<word>[^\W\d_]+)[*_\"]*"
    r"(?=[,.!:;。，、]|$|\s+because)",
    re.I | re.M,
)


def unmarked(question: str, text: str) -> ShortAnswer | None:
    """The last number, option, date or verdict of `text`, as `question` asks for; None where it asks for none."""
    question, text, terms = question[-TAIL:], text[-TAIL:], terms_of(question)
    if terms.options:
        return _chosen(text, terms.options)
    if asks_for_number(question):
        return last_number(text, terms)
    if says(question, "when"):
        return _last_date(text)
    return _verdict(text) if _is_polar(question) else None


def _is_polar(question: str) -> bool:
    """Whether a sentence of the question begins, or a question ends, as those do that want yes or no."""
    return bool(_polar().search(question))


@cache
def _polar() -> re.Pattern[str]:
    begins, ends = alternatives(words_of("polar")), alternatives(words_of("polar_end"))
    return re.compile(rf"(?:^|[.?!\n]\s*)(?:{begins})|(?:{ends})\s*[?？]?\s*$", re.I | re.M)


def asks_for_number(question: str) -> bool:
    """Whether the question wants something worked out or counted, in any language."""
    if not (says(question, "how_many") or _ARITHMETIC.search(question) or _ASKED_ENGLISH.search(question)):
        return False
    return not _ADVICE.search(question) or any(char.isdigit() for char in question)


def last_number(text: str, terms: Terms) -> ShortAnswer | None:
    """The last number that can be meant: none of a list or to be called; of a measure in two units the first."""
    text = _IN_BRACKETS.sub(lambda found: found["unit"], _LISTED.sub("", text))
    numbers = list(_NUMBER.finditer(text))
    if (times := list(_DURATION.finditer(text))) and times[-1].end() >= numbers[-1].end():
        return read(times[-1][0], terms)
    if not numbers:
        return _spelled(text)
    if _called().search(text[max(0, numbers[-1].start() - 60) : numbers[-1].start()]):
        return None
    return read(numbers[-1][0].rstrip(".,"), terms)


def _spelled(text: str) -> ShortAnswer | None:
    """The one number that a text without digits spells, "a hexagon has six sides"; "one" is mostly none."""
    words = re.findall(r"[^\W\d_]+", text.lower())[-MOST_WORDS:]
    values: set[Fraction] = set()
    at = 0
    while at < len(words):
        value, used = from_words(words[at:]) or (Fraction(1), 1)
        values |= {value} - {1}
        at += used
    return read(str(values.pop())) if len(values) == 1 else None


@cache
def _called() -> re.Pattern[str]:
    return re.compile(rf"(?:{alternatives(words_of('emergency'))})[^.!?\d\n]{{0,30}}$", re.I)


def _chosen(text: str, offered: frozenset[str]) -> ShortAnswer | None:
    found = [each["letter"] or each["line"] for each in _CHOSEN.finditer(text)]
    chosen = [letter for letter in found if letter in offered]
    return read(f"({chosen[-1]})") if chosen else None


_DATED = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{1,2}\.? [^\W\d_]{3,12},? \d{4}|[^\W\d_]{3,12} \d{1,2},? \d{4}"
    r"|\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?)?|(?<![\d.,/-])[12]\d{3}(?![\d.,/-]\d|\d)"
)


def _last_date(text: str) -> ShortAnswer | None:
    dates = _DATED.findall(text)
    return read(dates[-1]) if dates else None


def _verdict(text: str) -> ShortAnswer | None:
    """The last yes or no that a sentence or a line begins with."""
    for found in reversed(list(_VERDICT_AT.finditer(text))[-MOST_VERDICTS:]):
        if (answer := read(found["word"])) and answer.kind == "yesno":
            return answer
    return None
