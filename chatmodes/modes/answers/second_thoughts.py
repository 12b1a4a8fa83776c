"""Where a draft thinks better of what it has said, "wait, that is wrong", and what counts then."""

import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise

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


LONGEST_BEHIND = 600
"""Characters behind a doubt that are looked at for what counts then."""
_PLAIN_VALUES = frozenset({"number", "option", "yesno", "date", "list"})
_WRONG = re.compile(
    r"\b(?:wrong|incorrect|mistaken?|error|miscalculated|misread|forgot|(?:not|n't)\s+(?:quite\s+)?(?:right|correct)"
    r"|(?:is|was|are|were)(?:\s+not|n't)|neither|falsch|faux|fausse|incorrecto|sbagliato|errado)\b",
    re.I,
)
_CONFIRMED = re.compile(
    r"(?:actually |indeed )?(?:that|this|it)(?:'s| is| seems| looks| was)(?: indeed| actually| still)? "
    r"(?:right|correct|fine|true|all right)",
    re.I,
)
_IS_RIGHT = re.compile(
    r"^(?:[\w' ]{1,30}?\b)??(?:option |choice |answer )?(?P<value>\S(?:.{0,30}\S)?) (?:is|was|are)"
    r" (?:indeed |in fact )?(?:the )?(?:right|correct|best)\b",
    re.I,
)
_DIGIT = re.compile(r"\d")
_OTHER = {
    "option": re.compile(r"(?<!^)\b[A-J]\b(?!['’])"),
    "text": re.compile(r"\d|(?<![.!?]\s)(?<!^)\b(?!I\b)[A-Z]"),
    "yesno": re.compile(r"\b(?:yes|no|true|false)\b", re.I),
}
"""What may be another answer of a kind; of most kinds a number is."""


def reconsidered(
    answer: ShortAnswer | None, behind: str, terms: Terms, reading: Callable[[str], ShortAnswer | None]
) -> ShortAnswer | None:
    """What a draft answers that goes on with `behind`, which takes back or only remarks on what it answered.

    A clear value behind it counts, what is called wrong does not, and "sorry for the long answer" leaves all as it was.
    Any other doubt leaves none.
    """
    behind = behind[:LONGEST_BEHIND]
    found: ShortAnswer | None = None
    is_wrong = False
    for sentence in _sentences(behind):
        said = _opening().sub("", sentence).strip(" *_,.:;!-–—")
        value = None if said.endswith("?") else _clear_value(said, answer, reading)
        if value and answer and _WRONG.search(sentence) and same(value, answer):  # "7 is not correct"
            found, is_wrong = None, True
        elif value:
            found, is_wrong = value, False
        elif _CONFIRMED.fullmatch(said) and answer:
            found, is_wrong = answer, False
        elif _WRONG.search(sentence) or _is_no(said, answer, reading):
            found, is_wrong = None, True
    if found or is_wrong or answer is None:
        return found
    again = last_number(behind, terms) if answer.kind == "number" else None
    if again is not None:
        return answer if same(again, answer) else None
    if re.search(rf"(?<!\w){re.escape(answer.display)}(?!\w)", behind, re.I):
        return answer
    opened = taken_back_line().match(behind)
    is_remark = opened is not None and _remark().search(opened[0]) is not None
    return answer if is_remark and not _OTHER.get(answer.kind, _DIGIT).search(behind) else None


def _sentences(text: str) -> list[str]:
    """Each with a question mark at its end where it had one."""
    text = text.replace("\n", ". ")
    begins = [0, *(found.end() for found in SENTENCE_END.finditer(text))]
    pieces = (text[begin:end].strip(" *_,.:;!-–—") for begin, end in pairwise([*begins, len(text)]))
    return [piece for piece in pieces if piece]


def _is_no(said: str, answer: ShortAnswer | None, reading: Callable[[str], ShortAnswer | None]) -> bool:
    """Whether a sentence only says no, where that is no answer."""
    verdict = reading(said) if len(said) < 10 and (answer is None or answer.kind != "yesno") else None
    return verdict is not None and verdict.key == "no"


def _clear_value(
    said: str, answer: ShortAnswer | None, reading: Callable[[str], ShortAnswer | None]
) -> ShortAnswer | None:
    """The value of "it is 18", "I meant C", "B is correct", and of nothing but a value."""
    if right := _IS_RIGHT.match(said):
        value = reading(right["value"])
        if value is None or (answer is not None and answer.kind != value.kind):
            return None
        return value if (value.kind in _PLAIN_VALUES or right["value"][:1].isupper()) else None
    bare = _meant().sub("", said)
    value = reading(bare)
    if value is None or len(bare.split()) > 6 or (answer is not None and answer.kind != value.kind):
        return None
    if value.kind in _PLAIN_VALUES:
        is_all = len(bare.split()) <= 3 or any(char.isdigit() for char in " ".join(bare.split()[:3]))
        return value if is_all else None
    return value if bare != said and bare[:1].isupper() and answer is not None else None


@cache
def _opening() -> re.Pattern[str]:
    """The word that takes back, and what links it."""
    return re.compile(rf"^(?:(?:{alternatives(words_of('correction'))})[\s,.:;!–—-]*)+(?:so\s+)?", re.I)


@cache
def _meant() -> re.Pattern[str]:
    return re.compile(rf"^(?:so\s+)?(?:{alternatives(words_of('meant'))})\s+(?:actually\s+|in fact\s+)?", re.I)


@cache
def _remark() -> re.Pattern[str]:
    return re.compile(alternatives(words_of("remark")), re.I)


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
