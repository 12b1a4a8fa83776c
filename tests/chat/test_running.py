"""Runs without a store, and what a run asks of the person behind it."""

import anyio
import pytest
from anyio.lowlevel import checkpoint

from chatmodes import events as ev
from chatmodes.messages import user
from chatmodes.modes.asking import NOBODY, Answer, Question, Questions
from chatmodes.modes.base import ModelOf
from chatmodes.modes.context import Outcome, RunContext
from chatmodes.modes.run import conduct
from chatmodes.providers.calls import TextChunk
from chatmodes.running import followed, open_running
from chatmodes.settings import Settings, Timeouts
from tests.modes.scripted import MODEL, Scripted, Stall, broken, context, in_turn, say

pytestmark = pytest.mark.anyio
PATH = (user("What is six times seven?"),)


async def test_a_run_needs_no_store() -> None:
    async with open_running(Settings(), in_turn(say("42")), choose=lambda _: MODEL) as running:
        view = await followed(running.start(PATH))
    assert (view.answer_text, view.status, view.model) == ("42", "finished", MODEL)


async def test_leaving_cancels_what_is_under_way_and_tells_its_end() -> None:
    async with open_running(Settings(), in_turn([TextChunk("So far"), Stall()]), choose=lambda _: MODEL) as running:
        run = running.start(PATH)
        async for event in run.events:
            if isinstance(event, ev.AnswerDelta):
                break
    rest = [event async for event in run.events]
    assert isinstance(rest[-1], ev.RunCancelled)
    assert rest[-1].partial == "So far"
    assert run.ended.is_set()


async def test_who_waits_for_a_run_and_is_cancelled_takes_it_along() -> None:
    models = in_turn([TextChunk("So far"), Stall()])
    async with open_running(Settings(), models, choose=lambda _: MODEL) as running:
        seen = anyio.Event()
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as tasks:

                async def ask() -> None:
                    await running.aside("x", model=MODEL, max_tokens=10, on_text=lambda _: seen.set())

                tasks.start_soon(ask)
                await seen.wait()
                scope.cancel()
        while models.open_streams:
            await checkpoint()
    assert models.calls[0].ended == "cancelled"


async def test_an_aside_leaves_the_users_system_prompt_out_and_tells_its_cost_and_failure() -> None:
    models = in_turn(say("A name"), broken("auth", "No."))
    async with open_running(Settings(system="Be a pirate."), models, choose=lambda _: MODEL) as running:
        named = await running.aside("x", model=MODEL, system="Name it.", max_tokens=10)
        failed = await running.aside("x", model=MODEL, max_tokens=10)
    assert [[message.text for message in call.call.messages] for call in models.calls] == [["Name it.", "x"], ["x"]]
    assert models.calls[0].call.max_tokens == 10
    assert isinstance(named.end, ev.RunFinished)
    assert named.end.cost == 0.001
    assert isinstance(failed.end, ev.RunFailed)


def question(call: str) -> Question:
    return Question("answer", call, "write_file", f"writes {call}")


class Asker:
    """A mode whose agents ask at once and answer with what they were told."""

    name, purpose, mark, section = "asker", "to ask", "?", None

    def __init__(self, *calls: str) -> None:
        self.calls = calls
        self.settled: Answer | None = None

    def models(self, settings: Settings, model: str, model_of: ModelOf | None) -> set[str]:
        return {model}

    def plan(self, ctx: RunContext) -> ev.Plan:
        return ev.Plan(())

    async def answer(self, ctx: RunContext, plan: ev.Plan) -> Outcome:
        said: dict[str, str] = {}

        async def ask(call: str) -> None:
            answer = await ctx.ask(question(call), known=lambda: self.settled)
            if answer.allowed == "run":
                self.settled = answer
            said[call] = f"{call}: {answer.allowed or 'no'} {answer.word}".strip()

        async with anyio.create_task_group() as tasks:
            for call in self.calls:
                tasks.start_soon(ask, call)
        ctx.emit(ev.AnswerDelta(run=ctx.run, at=ctx.at, text="; ".join(said[call] for call in self.calls)))
        return Outcome("single")


async def test_where_nobody_is_there_the_answer_is_no_at_once_and_nothing_is_told() -> None:
    ctx, events = context(Scripted())
    end = await conduct(Asker("a", "b"), ctx)
    assert isinstance(end, ev.RunFinished)
    assert end.answer == f"a: no {NOBODY.word}; b: no {NOBODY.word}"
    assert not [event for event in events if isinstance(event, ev.ToolAsking)]


async def test_agents_are_asked_for_one_after_the_other_and_one_word_may_settle_the_rest() -> None:
    ctx, events = context(Scripted())
    ctx.questions = Questions(anybody=True)
    shown: list[str] = []
    end: ev.Terminal | None = None

    async def person() -> None:
        while len(shown) < 2:
            await checkpoint()
            now = ctx.questions.current
            if now is not None and now.call not in shown:
                shown.append(now.call)
                assert len([each for each in ctx.questions.waiting if each.call not in shown]) == 3 - len(shown)
                said = Answer(None, "not that") if len(shown) == 1 else Answer("run")
                assert ctx.questions.answer(now.call, said)

    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(person)
            end = await conduct(Asker("a", "b", "c"), ctx)
    assert isinstance(end, ev.RunFinished)
    assert sorted(word.split(": ")[1] for word in end.answer.split("; ")) == ["no not that", "run", "run"]
    assert [event.call for event in events if isinstance(event, ev.ToolAsking)] == shown
    assert not ctx.questions.waiting
    assert not ctx.questions.answer("a", Answer("once"))


async def test_a_person_who_leaves_has_said_no_and_a_cancel_ends_the_waiting() -> None:
    for leaves in (True, False):
        ctx, _ = context(Scripted())
        ctx.questions = Questions(anybody=True)
        with anyio.fail_after(30):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(conduct, Asker("a", "b"), ctx)
                while ctx.questions.current is None:
                    await checkpoint()
                if leaves:
                    ctx.questions.leave()
                else:
                    ctx.cancel("stopped")
        assert not ctx.questions.waiting
        assert ("".join(ctx.answer) == f"a: no {NOBODY.word}; b: no {NOBODY.word}") is leaves


async def test_a_persons_thinking_is_not_the_runs_time() -> None:
    ctx, _ = context(Scripted(), Settings(timeouts=Timeouts(run=0.05)))
    ctx.questions = Questions(anybody=True)
    end: ev.Terminal | None = None
    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:

            async def think() -> None:
                while ctx.questions.current is None:
                    await checkpoint()
                before = ctx.deadline
                while anyio.current_time() < before + 0.05:
                    await checkpoint()
                ctx.questions.answer("a", Answer("once"))

            tasks.start_soon(think)
            end = await conduct(Asker("a"), ctx)
    assert isinstance(end, ev.RunFinished)
    assert end.answer == "a: once"
