"""Formulas that are one answer in two shapes, asked of math-verify in its worker."""

import sys
import time
from pathlib import Path

import anyio
import pytest

from chatmodes.modes.answers import algebra
from chatmodes.modes.answers.short import read
from chatmodes.modes.answers.worker import LOADING
from chatmodes.modes.contemplating.agree import Tally, Vote

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes its time; what is equal is still found."""
    monkeypatch.setattr(algebra, "PATIENCE", 60.0)


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


async def test_a_formula_that_would_take_for_ever_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(algebra, "PATIENCE", 2.0)
    began = time.monotonic()
    tally = await proved("9^9^9^9^9", "9^9^9^9^8")
    assert len(tally.clusters) == 2
    assert time.monotonic() - began < LOADING + algebra.PATIENCE


async def test_the_event_loop_runs_on_while_algebra_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmodes.modes.answers.worker._idle", [])  # a process that has yet to import sympy
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


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_script_without_a_guard_runs_once(anyio_backend: str, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import anyio\nfrom chatmodes.modes.answers import algebra\n"
        "print('begun', sorted(anyio.run(algebra.equal_pairs, [('(x+1)^2', 'x^2+2x+1'), ('x', 'y')])))\n"
    )
    done = await anyio.run_process([sys.executable, str(script)])
    assert done.stdout.decode() == "begun [('(x+1)^2', 'x^2+2x+1')]\n"


async def test_plain_answers_need_no_algebra() -> None:
    answers = [read(text) for text in ("3", "4", "Paris", "B", "yes")]
    assert algebra.undecided(answer for answer in answers if answer) == []


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_vote_joins_only_what_is_equal_to_the_last_digit(anyio_backend: str) -> None:
    tally = await proved("1/2004!", "1/2006!", "sqrt(2) + 0.0000000001", "sqrt(2)", "2*3*x", "6x")
    assert [set(cluster.agents) for cluster in tally.clusters] == [{"a5", "a6"}, {"a1"}, {"a2"}, {"a3"}, {"a4"}]
    tally = await proved("-x", "x", "f'(x)", "f(x)", "n!", "n", "[a, b]", "(a, b)")
    assert len(tally.clusters) == 8


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_target_is_graded_by_the_graders_own_reading(
    anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = [
        (r"\frac{1}{2}", "0.5"),
        ("$x^2+2x+1$", "So it is $(x+1)^2$."),
        ("$(1,2),(3,4)$", r"\boxed{(3,4),(1,2)}"),
        ("$[0,1)$", r"\boxed{[0,1]}"),
        (r"\sqrt{12}", r"$2\sqrt{3}$"),
        (r"\sqrt{12}", r"$3\sqrt{2}$"),
        ("5", "nothing here"),
    ]
    assert await algebra.graded(pairs) == [True, True, True, False, True, False, False]
    monkeypatch.setattr(algebra, "PATIENCE_EACH", 2.0)
    endless, next_one = await algebra.graded([("9^9^9^9^9", "$9^{9^{9^{9^8}}}$"), ("4", r"$\sqrt{16}$")])
    assert endless is not True
    assert next_one is True
