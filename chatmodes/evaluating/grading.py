"""Grading an open answer by a rubric: one question to the grader for each criterion, read strictly.

The grader sees the conversation and not the question alone, and each criterion behind its points, as HealthBench has
it (arXiv 2505.08775).
"""

import json
from collections.abc import Iterator
from typing import Any

import anyio

from chatmodes.evaluating.grader import ATTEMPTS, GraderFailedError, reply_of
from chatmodes.evaluating.questions import Criterion, Item
from chatmodes.modes.prompts import fill
from chatmodes.running import Running

PROMPT = "grade"
_KEYS = ("criterion_met", "criteria_met")
"""Ours, and HealthBench's, which graders know as well."""
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


def conversation_with(item: Item, answer: str) -> str:
    """The turns up to the answer, a JSON object a line."""
    said = [("system", item.system)] if item.system else []
    said += [(turn.role, turn.content) for turn in item.before]
    said += [("user", item.input), ("assistant", answer)]
    return "\n".join(json.dumps({"role": role, "content": text}, ensure_ascii=False) for role, text in said)


async def _verdict(running: Running, grader: str, conversation: str, criterion: Criterion) -> bool | None:
    prompt = fill(PROMPT, conversation=conversation, criterion=f"[{criterion.points:g}] {criterion.criterion}")
    for _ in range(ATTEMPTS):
        reply = await reply_of(running, grader, prompt)
        verdicts = [found[key] for found in _objects(reply) for key in _KEYS if key in found]
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
