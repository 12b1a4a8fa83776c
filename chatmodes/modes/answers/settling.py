"""Whether a marked value settles a question: a hedge, a pointer, a report that work is done, and code do not.

A majority of drafts that "depend" has agreed on nothing; counted as a vote it would be shown in place of their answers.
"""

import re
from functools import cache

from chatmodes.modes.answers.languages import places, words_of

LOOKED_AT = 200
"""Characters looked at: a hedge says so at once."""
_PLACEHOLDERS = frozenset(
    "none|n/a|na|unknown|null|nil|open|open-ended|not applicable|the short answer|short answer|your answer|answer|tbd|?"
    "|…|...|-|—".split("|")
)
"""Beside these, `None` is a value of Python and `Na` sodium: case tells."""
_EXACT = frozenset({"None", "Na", "Nil"})
_NOT_GIVEN = re.compile(r"\W*(?:[nN]\s?/\s?[aA]\b.*|(?:NA|none)\b\W*(?:[(\[:;–—-].*)?)")
_DONE = re.compile(
    r"\W*(?:done|finished|completed?|ready|success(?:ful(?:ly)?)?|ok(?:ay)?|sure|got it|understood|solved|proved|proven"
    r"|q\.?\s?e\.?\s?d"
    r"|provided|explained|answered|as requested|it works|thank you|thanks)\W*",
    re.I,
)
_CODE = re.compile(
    r"^\s*(?:def|class|import|from\s+\w+\s+import|function|const|let|var|public|private|static|void|#include|SELECT\b.+\bFROM|package|fn|func)\s+\S.*"
    r"|^\s*(?:for|while|if|with|try)\b.*[:{]\s*$|\b(?:print|println|printf|console\.log|System\.out\.print\w*|return)\s*\(.*|^\s*return\s+\S"
    r"|^\s*lambda\b.*:|<(\w+)[^<>]*>.*</\w+>|^\s*\{\s*\"|=>\s*\{|;\s*$|^\s*```|\{\s*\w+\s*:\s*|f[\"'].*\{.*\}.*[\"']",
    re.I,
)


_WORD = re.compile(r"[\w']+")
_AND = frozenset("and but und aber et mais y pero e ma и но".split())
_COMMON = frozenset(
    "it this that it's that's very quite too really c'est es here code poem essay story function text explanation table"
    " list above steps solution response derivation proof program script letter email".split()
)
_REMARK = re.compile(
    r"^([$€£¥]?[-−]?\d[\d.,/]*(?:\s?[^\s()]{1,12})?|\(?[A-J]\)?)(?:\s+\(|,?\s+(?:because|since)\b).*", re.S
)
"""What is said of a number or a choice that stands first: "17 (there are many ways)", "C, since B is different"."""
WORDS_BEFORE = 5
"""Words that may stand before a hedge for it to be what the reply says."""
_OPTION = re.compile(r"\(?[A-Ja-j][).:]\s|(?:option|choice)\s+\(?[A-J]\b", re.I)


def settles(value: str, named: frozenset[str] = frozenset()) -> bool:
    """Whether the value may stand as an answer that others can be counted with; what the question has `named` as one
    of its answers may in any case."""
    if value.lstrip().startswith(("```", "...", "…")):
        return False
    text = value[:LOOKED_AT].strip().strip("*_`\"'“”«» \t.").strip()
    if text in _EXACT or text.lower() in named or _OPTION.match(text):
        return True
    if text.lower() in _PLACEHOLDERS or _NOT_GIVEN.fullmatch(text) or _DONE.fullmatch(text):
        return False
    return not (_is_open(text) or _is_vague(text) or _CODE.search(text))


def _is_open(text: str) -> bool:
    """Whether a hedge or a pointer stands among the first words, as it does in "well, that really depends on it"."""
    found = places(_REMARK.sub(r"\1", text), words_of("open"), 1)
    return bool(found) and len(_WORD.findall(text[: found[0][0]])) <= WORDS_BEFORE


def _is_vague(text: str) -> bool:
    """Whether nothing but a vague word is said, beside words that link."""
    for start, end in places(text, words_of("vague"), 1):
        before = _WORD.findall(text[:start].lower())
        behind = _WORD.findall(text[end:].lower())
        if len(before) <= WORDS_BEFORE and _linking().issuperset(before) and (not behind or behind[0] in _AND):
            return True
    return False


@cache
def _linking() -> frozenset[str]:
    fields = ("words", "final", "copula", "answer", "result")
    return (
        frozenset(word for field in fields for phrase in words_of(field) for word in phrase.lower().split()) | _COMMON
    )
