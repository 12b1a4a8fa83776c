"""Numbers in the words of other languages than English, said in digits: "einundzwanzig Äpfel" is 21.

Such words are words elsewhere too: Lima is five in Indonesian, Otto eight in Italian, and an elf eleven in German. So
what may be an English word or a name counts only where the question is asked in that language.
"""

from chatmodes.modes.answers.languages import fold, magnitudes, negative_words, numerals
from chatmodes.modes.answers.units import unit_of
from chatmodes.modes.answers.words import from_words

LONGEST = 60
"""Characters of an answer that is looked at."""
LONGEST_NAME = 8
"""Letters of a word with a capital that may be a name."""
_JOINS = frozenset("and or und oder et ou y o e och eller i и или en of to bis à a".split())
MOST_WORDS = 5
"""Words that spell one number."""
_ELSEWHERE = frozenset(
    "once quince seize elf on hat sex cent cents dos opt pet sept tri lima sita saba nane tano otto due ba hai nam un"
    " una um uma ein eine une uno null nul nulla tre sei dua do het ot sto sata".split()
)
"""Numbers that are other words as well."""


def numeral(text: str, language: str = "") -> int | None:
    """The number that all of `text` spells in another language than English; None for anything else."""
    key = fold(text)
    if language and language != "en" and key in numerals(language):
        return numerals(language)[key]
    if key in _ELSEWHERE or (text[:1].isupper() and len(text) <= LONGEST_NAME and text.isascii()):
        return None
    return numerals().get(key)


def with_digits(text: str, language: str = "") -> str:
    """The text with the number in words that it begins with in digits, where such a number is all it is, or counts
    what follows; else as it is."""
    if not text or len(text) > LONGEST or any(char.isdigit() for char in text) or text[0] > "\u2e7f":
        return text
    words = text.split(" ")
    sign = "-" if words[0].lower() in negative_words() and len(words) > 1 else ""
    words = words[1:] if sign else words
    if not sign and words[0][:1] == "-" and words[0][1:2].isalpha():
        sign, words = "-", [words[0][1:], *words[1:]]
    if from_words([word.lower() for word in words]):
        return text
    for used in range(min(MOST_WORDS, len(words)), 0, -1):
        value = numeral(" ".join(words[:used]), language)
        rest = " ".join(words[used:])
        if value is not None and (not rest or _counts(value, words[0], rest)):
            return f"{sign}{value} {rest}".rstrip()
    return text


def _counts(value: int, first: str, rest: str) -> bool:
    """Whether what follows is counted: a unit, or a noun, but no article's. A name keeps its capitals."""
    following = rest.split(" ")[0]
    if following.lower() in _JOINS:
        return False
    if unit_of(rest) or following.lower() in magnitudes():
        return True
    is_german = fold(first) in numerals("de")
    return value > 1 and first[:1].islower() and (following[:1].islower() or is_german) and following.isalpha()
