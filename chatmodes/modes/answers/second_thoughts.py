"""Where a draft thinks better of what it has said, "wait, that is wrong", and what counts then."""

import re
from functools import cache

from chatmodes.modes.answers.languages import alternatives, words_of
from chatmodes.modes.answers.short import ShortAnswer, same
from chatmodes.modes.answers.terms import Terms
from chatmodes.modes.answers.unmarked import last_number

SENTENCE_END = re.compile(
    r"[.!?](?=\s|$|\*|[\"”»)])|[。！？।؟｡]|;|,\s+(?:because|since|as|so|which|but|and|weil|denn|da|car|porque|perché|потому)\b"
    r"|\s(?:because|since|given that|due to|weil|denn|porque|parce que|perché|потому что)\s|，(?:因为|因此|所以)|因为",
    re.I,
)
_THAT = re.compile(
    r"^(?:no,?\s+)?(?:so\s+)?(?:(?:it|that|this|x)(?:'s|\s+(?:is|should\s+be|must\s+be|was|equals))|es\s+ist|c'est|es|è|é|это)\s+(?:actually\s+)?",
    re.I,
)


@cache
def correction() -> re.Pattern[str]:
    """The beginning of a clause that takes back what stands before it."""
    return re.compile(rf"(?:^|[.!?。！？…\-–—(,，;])\s*(?:{alternatives(words_of('correction'))})", re.I)


@cache
def taken_back_line() -> re.Pattern[str]:
    """The beginning of a line that does."""
    return re.compile(rf"^[^\w\n]{{0,4}}(?:{alternatives(words_of('correction'))})", re.I | re.M)


def corrected(value: str) -> str:
    """What stands behind the last "wait, that is wrong" of a value; empty where nothing is taken back."""
    found = [each for each in correction().finditer(value) if value[: each.start()].strip()]
    if not found:
        return ""
    rest = value[found[-1].end() :].strip(" ,.:;!-–—。，！")
    pieces = [piece.strip() for piece in SENTENCE_END.split(rest) if piece.strip()]
    last = pieces[-1] if pieces else rest
    last = last.removesuffix(")") if ")" in last and "(" not in last else last
    return _THAT.sub("", last) or rest


def checked(answer: ShortAnswer | None, behind: str, terms: Terms) -> bool:
    """Whether a number that was doubted is found to be right: "Wait, let me check: 12 + 5 = 17. Yes."."""
    if answer is None or answer.kind != "number" or not _agrees().search(behind) or _denies().search(behind):
        return False
    again = last_number(behind, terms)
    return again is not None and same(again, answer)


@cache
def _agrees() -> re.Pattern[str]:
    return re.compile(alternatives(words_of("yes")), re.I)


@cache
def _denies() -> re.Pattern[str]:
    return re.compile(rf"{alternatives(words_of('no'))}|\bnot\b|n't\b", re.I)
