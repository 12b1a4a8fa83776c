"""Formulas that are one answer in two shapes, asked of math-verify in its worker."""

import time

import anyio
import pytest

from chatmodes.modes.answers import algebra
from chatmodes.modes.answers.short import read
from chatmodes.modes.contemplating.agree import Tally, Vote

pytestmark = pytest.mark.anyio


async def proved(*answers: str) -> Tally:
    tally = Tally()
    for at, text in enumerate(answers):
        answer = read(text)
        assert answer is not None
        tally.add(Vote(f"a{at + 1}", answer))
    tally.proved |= await algebra.equal_pairs(algebra.undecided(vote.answer for vote in tally.votes))
    return tally


async def test_equal_formulas_vote_together() -> None:
    tally = await proved("(x+1)^2", r"x^2 + 2x + 1", "x^2 + 1", r"\frac{\sqrt{2}}{2}", "1/sqrt(2)")
    assert [set(c.agents) for c in tally.clusters] == [{"a1", "a2"}, {"a4", "a5"}, {"a3"}]


async def test_a_formula_that_would_take_for_ever_is_given_up() -> None:
    began = time.monotonic()
    tally = await proved("9^9^9^9^9", "9^9^9^9^8")
    assert len(tally.clusters) == 2
    assert time.monotonic() - began < algebra.PATIENCE + 5


async def test_the_event_loop_runs_on_while_algebra_is_done() -> None:
    done = anyio.Event()
    turns = 0

    async def ask() -> None:
        await proved("(a+b)^2", "a^2+2a*b+b^2")
        done.set()

    async with anyio.create_task_group() as group:
        group.start_soon(ask)
        while not done.is_set():
            turns += 1
            await anyio.sleep(0.01)
    assert turns > 5


async def test_plain_answers_need_no_algebra() -> None:
    answers = [read(text) for text in ("3", "4", "Paris", "B", "yes")]
    assert algebra.undecided(answer for answer in answers if answer) == []
