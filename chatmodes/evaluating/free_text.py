"""An answer in free text beside its target: correct, incorrect or not attempted, as SimpleQA grades
(arXiv 2411.04368)."""

import json
import re
from typing import Literal, get_args

from chatmodes.evaluating.grader import ATTEMPTS, reply_of
from chatmodes.evaluating.questions import Item
from chatmodes.modes.prompts import fill
from chatmodes.running import Running

PROMPT = "grade-answer"
Verdict = Literal["A", "B", "C"]
"""Correct, incorrect, not attempted."""
_LETTER = re.compile(r"(?<![\w'’])[ABC](?![\w'’])")
_LAST = re.compile(
    r"(?:^|[:=])[\W_]*(?P<alone>(?i:[ABC]|correct|incorrect|not[_ ]attempted))$"
    r"|(?i:\b(?:is|be|grade|verdict|graded?(?:\s+\w+){0,3}\s+as)|boxed)[\W_]+"
    r"(?P<behind>[ABC]|CORRECT|INCORRECT|NOT[_ ]ATTEMPTED)$"
    r"|(?i:\b(?:grade|verdict)(?:\s+is\b|\s*[:=])|\banswer\s*[:=])[\W_]{0,4}"
    r"(?P<explained>[ABC])(?=\s*[:.,()=–—-]|\s+(?:because|since|as)\b)"
)
"""A verdict that a line is or ends with, in capitals behind other words: "I doubt that it is correct" is none. Or one
that it names as its grade and goes on to explain."""
_FIRST = re.compile(r"(?P<first>[ABC])(?=\s*[:.,()=–—-]|\s+because\b)")
"""A letter that a line goes on to explain. "A contradiction" is none."""
_TAG = re.compile(r"</?[A-Za-z_]{1,20}>")
_LONGEST = 200
"""Characters of a line's end that are searched: a grader may as well write ten thousand colons."""
_MARKS = " \t*_`.!()[]{}<>$\"'“”"
_WORDS: dict[str, Verdict] = {"CORRECT": "A", "INCORRECT": "B", "NOT_ATTEMPTED": "C", "NOT ATTEMPTED": "C"}


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
    """The verdict in a reply: the one letter or word that it is or ends with. One that weighs several and settles on
    none is no verdict."""
    lines = (_TAG.sub(" ", line).strip(_MARKS) for line in reversed(reply.splitlines()))
    line = next(filter(None, lines), "")
    said = _LAST.search(line[-_LONGEST:]) or _FIRST.match(line)
    if not said or len(set(_LETTER.findall(line))) > 1:
        return None
    found = str(said[said.lastgroup or 0]).upper()
    return _WORDS.get(found) or next(verdict for verdict in get_args(Verdict) if verdict == found)
