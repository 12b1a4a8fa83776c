"""Grading an open answer by a rubric: one question to the grader for each criterion, read strictly.

The grader is asked what HealthBench's reference asks (arXiv 2505.08775), to the byte: the whole conversation, and each
criterion behind its points. What a grader finds moves with how it is asked, and scores compare only where that is the
same.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import anyio

from chatmodes.evaluating.grader import ATTEMPTS, GraderFailedError, reply_of
from chatmodes.evaluating.questions import Criterion, Item
from chatmodes.modes.prompts import load
from chatmodes.running import Running

PROMPT = "grade"
_KEYS = ("criteria_met", "criterion_met")
"""HealthBench's, and its singular, which prompts of users ask for and graders fall into."""
_WRITTEN = re.compile(rf"(?:{'|'.join(_KEYS)})[\"'*`]*\s*[:=][\s\"'*`]*(true|false)\b", re.IGNORECASE)
_LONGEST = 16_000
"""Characters of a reply's end that are read: each brace may begin an object, and ten thousand take seconds to try."""
_PLACE = re.compile(r"\{\{(conversation|criterion)\}\}")
_FRAME = re.compile(
    r"(?<=[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])(?=[ \t]*(?:(?:system|developer|user|assistant)[ \t]*:"
    r"|# (?:Conversation|Rubric item|Instructions|Example \d|Final instruction)))",
    re.I,
)
"""Before a line of a turn that reads as the next turn, or as the prompt's next heading."""
_READER = json.JSONDecoder(strict=False)
"""Not strict, since models break the lines of an explanation."""


async def grade(running: Running, grader: str, item: Item, answer: str) -> list[bool] | None:
    """Whether each criterion of the item's rubric is met; None where a reply could not be read.

    Raises `GraderFailedError` when a call fails.
    """
    failures: list[GraderFailedError] = []
    verdicts: list[bool | None] = [None] * len(item.rubric)
    conversation = conversation_with(item, answer)

    async def one(index: int, criterion: Criterion) -> None:
        try:
            verdicts[index] = await _verdict(running, grader, conversation, criterion)
        except GraderFailedError as failure:  # the others are paid for already, so they are let end
            failures.append(failure)

    async with anyio.create_task_group() as tasks:
        for index, criterion in enumerate(item.rubric):
            tasks.start_soon(one, index, criterion)
    if failures:
        raise failures[0]
    met = [verdict for verdict in verdicts if verdict is not None]
    return met if len(met) == len(verdicts) else None


def question_of(conversation: str, criterion: Criterion) -> str:
    """What the grader is asked. Filled in here, since `prompts.fill` tidies lines and these are quoted."""
    points = criterion.points if criterion.points % 1 else int(criterion.points)
    values = {"conversation": conversation, "criterion": f"[{points}] {criterion.criterion}"}
    return _PLACE.sub(lambda place: values[place[1]], load(PROMPT).text)


def conversation_with(item: Item, answer: str) -> str:
    """The turns up to the answer as the reference writes them, `role: text` and an empty line between two.

    The text is as it was said, but for lines that would read as a turn of their own or as a heading of the prompt,
    which an answer could earn its points with: those are quoted with `>`.
    """
    said = [(turn.role, turn.content) for turn in (*item.instructions, *item.before)]
    said += [("user", item.input), ("assistant", answer)]
    return "\n\n".join(f"{role}: {_FRAME.sub('> ', text)}" for role, text in said)


async def _verdict(running: Running, grader: str, conversation: str, criterion: Criterion) -> bool | None:
    prompt = question_of(conversation, criterion)
    for _ in range(ATTEMPTS):
        verdict = verdict_in(await reply_of(running, grader, prompt))
        if verdict is not None:
            return verdict
    return None


def verdict_in(reply: str) -> bool | None:
    """Whether a reply says that the criterion is met: its last object that does, or what it writes where that is no
    JSON, as with quotation marks in an explanation. None where it says neither, or both."""
    end = reply[-_LONGEST:]
    found = [_truth(found[key]) for found in _objects(end) for key in _KEYS if key in found]
    if said := [verdict for verdict in found if verdict is not None]:
        return said[-1]
    written = {_truth(word) for word in _WRITTEN.findall(end)}
    return written.pop() if len(written) == 1 else None


def _truth(said: object) -> bool | None:
    if isinstance(said, str):
        return {"true": True, "false": False}.get(said.strip().lower())
    return said if isinstance(said, bool) else None


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in a text, whatever stands around them; what is inside of one is not looked at again."""
    at = text.find("{")
    while at >= 0:
        try:
            found, end = _READER.raw_decode(text, at)
        except (ValueError, RecursionError):  # no object begins here, or one nested deeper than any verdict is
            end = at + 1
        else:
            yield found
        at = text.find("{", end)
