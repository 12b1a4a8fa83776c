"""An answer in free text beside its target: correct, incorrect or not attempted, as SimpleQA grades
(arXiv 2411.04368)."""

import json
import re
from typing import Literal

from chatmodes.evaluating.grader import ATTEMPTS, reply_of
from chatmodes.evaluating.questions import Item
from chatmodes.modes.prompts import fill
from chatmodes.running import Running

PROMPT = "grade-answer"
Verdict = Literal["A", "B", "C"]
"""Correct, incorrect, not attempted."""
_LETTER = re.compile(r"(?<![\w'’])(?:[BC]|A(?!\s+[a-z]))(?![\w'’])")
"""A letter that stands for itself. "A date" has none."""
_CAPITALS = r"CORRECT|INCORRECT|NOT[-_ ]ATTEMPTED"
_NAMED = re.compile(rf"{_LETTER.pattern}|\b(?:{_CAPITALS})\b")
_LAST = re.compile(
    rf"(?:^|[:：=])[\W_]*(?P<alone>(?i:[ABC]|{_CAPITALS}))$"
    r"|(?i:\b(?:is|it['’]s|be|grade|option|verdict|graded?(?:\s+\w+){0,3}\s+as)|boxed(?:\{\\text)?)[\W_]+"
    rf"(?P<behind>[ABC]|{_CAPITALS})$"
    r"|^(?i:(?:(?:the|this)(?:\s+(?:predicted|given))?(?:\s+(?:answer|response|prediction))?|it)\s+is\s+"
    rf"(?P<sentence>{_CAPITALS}))$"
    r"|(?i:\b(?:grade|verdict)(?:\s+is\b|\s*[:=])|\banswer\s*[:=])[\W_]{0,4}"
    r"(?P<explained>[ABC])(?=\s*[:.,()=–—-]|\s+(?:because|since|as)\b)"
    rf"|(?i:\bis)[\W_]{{1,4}}(?P<reasoned>{_CAPITALS})(?=\s*[:.,;()–—-]|\s+(?:because|since|as)\b)"
)
"""A verdict that a line is or ends with, in capitals behind other words: "I doubt that it is correct" is none. Or one
that it names as its grade and goes on to explain."""
_FIRST = re.compile(
    r"(?P<first>[ABC])(?=\s*[:.,()=–—-]|\s+because\b)"
    rf"|(?P<word>{_CAPITALS})(?=\s*[:.,()=–—-]|\s+because\b)|(?P<headed>(?i:{_CAPITALS}))(?=\s*[:–—]|\s+-\s)"
)
"""A letter or word that a line goes on to explain. "A contradiction" is none."""
_TAG = re.compile(r"</?[A-Za-z_]{1,20}>")
_LONGEST = 200
"""Characters of a line's end that are searched: a grader may as well write ten thousand colons."""
_MARKS = " \t*_`.!()[]{}<>$\"'“”"
_WORDS: dict[Verdict, str] = {"A": "CORRECT", "B": "INCORRECT", "C": "NOT_ATTEMPTED"}


async def compare(running: Running, grader: str, item: Item, answer: str) -> Verdict | None:
    """What the grader finds of an answer; None where its reply is no verdict.

    Raises `GraderFailedError` when a call fails.
    """
    question = "\n\n".join([*(f"{turn.role}: {turn.content}" for turn in item.before), item.input])
    quoted = {"question": question, "target": item.target, "answer": answer}
    prompt = fill(PROMPT, **{name: json.dumps(text, ensure_ascii=False) for name, text in quoted.items()})
    for _ in range(ATTEMPTS):
        if verdict := verdict_in(await reply_of(running, grader, prompt)):
            return verdict
    return None


def verdict_in(reply: str) -> Verdict | None:
    """The verdict in a reply: the one letter or word that it is or ends with, or that stands above what explains it.
    One that weighs several and settles on none is no verdict."""
    lines = [line for line in (_TAG.sub(" ", each).strip(_MARKS) for each in reply.splitlines()) if line]
    if not lines:
        return None
    if found := _in_line(lines[-1]):
        return found
    found = _read(lines[0])
    named = {_read(each) for line in lines[1:] for each in _NAMED.findall(line)}
    return found if named <= {found} else None


def _in_line(line: str) -> Verdict | None:
    said = _LAST.search(line[-_LONGEST:]) or _FIRST.match(line)
    if not said or len(set(_LETTER.findall(line))) > 1:
        return None
    return _read(str(said[said.lastgroup or 0]))


def _read(text: str) -> Verdict | None:
    """The verdict that a letter or a word is."""
    plain = re.sub(r"[- ]", "_", text.upper())
    return next((verdict for verdict, word in _WORDS.items() if plain in (verdict, word)), None)
