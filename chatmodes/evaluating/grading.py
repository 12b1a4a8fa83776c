"""Grading an open answer by a rubric: one question to the grader for each criterion, read strictly.

A reply that is no verdict is asked for once more; after that the item counts as ungraded, and is reported as such. To
guess a verdict from a reply that gives none would move the mean without anyone seeing it.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import anyio

from chatmodes import events as ev
from chatmodes.evaluating.items import Item
from chatmodes.modes.prompts import fill, load
from chatmodes.running import Running

_READER = json.JSONDecoder(strict=False)
"""Not strict, since models break the lines of an explanation."""


class GraderFailedError(Exception):
    """The grader could not be asked, which says nothing about the answer. The message has the cause."""


def grading(grader: str) -> str:
    """What names a grader and how it is asked: a grade of another is none of this one's."""
    return hashlib.sha256(f"{grader}\0{load('grade').text}".encode()).hexdigest()[:16]


async def grade(running: Running, grader: str, item: Item, answer: str) -> list[bool] | None:
    """Whether each criterion of the item's rubric is met; None where a reply could not be read.

    Raises `GraderFailedError` when a call fails.
    """
    failures: list[GraderFailedError] = []
    verdicts: list[bool | None] = [None] * len(item.rubric)

    async def one(index: int, criterion: str) -> None:
        try:
            verdicts[index] = await _verdict(running, grader, item.input, answer, criterion)
        except GraderFailedError as failure:  # the others are paid for already, so they are let end
            failures.append(failure)

    async with anyio.create_task_group() as tasks:
        for index, criterion in enumerate(item.rubric):
            tasks.start_soon(one, index, criterion.criterion)
    if failures:
        raise failures[0]
    met = [verdict for verdict in verdicts if verdict is not None]
    return met if len(met) == len(verdicts) else None


async def _verdict(running: Running, grader: str, question: str, answer: str, criterion: str) -> bool | None:
    quoted = {"question": json.dumps(question, ensure_ascii=False), "answer": json.dumps(answer, ensure_ascii=False)}
    prompt = fill("grade", criterion=criterion, **quoted)
    for _ in range(2):
        reply = await _reply(running, grader, prompt)
        verdicts = [found.get("criterion_met") for found in _objects(reply)]
        if said := [verdict for verdict in verdicts if isinstance(verdict, bool)]:
            return said[-1]
    return None


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


async def _reply(running: Running, grader: str, prompt: str) -> str:
    view = await running.aside(prompt, model=grader, max_tokens=running.settings.instant.max_tokens)
    if isinstance(view.end, ev.RunFailed):
        raise GraderFailedError(view.end.error.message)
    return view.answer_text
