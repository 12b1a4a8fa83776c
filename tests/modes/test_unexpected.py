"""A bug in a mode fails its run in words, and leaves a trace that quotes nobody."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.lowlevel
import pytest

from chatmodes import events as ev
from chatmodes.modes import base, prompts
from chatmodes.modes.context import Outcome, RunContext
from chatmodes.modes.run import conduct
from chatmodes.providers.calls import Call, Chunk, ModelInfo, ProviderError, ReasoningChunk
from chatmodes.settings import ConfigError, Settings
from tests.modes.scripted import Ran, Scripted, Stall, Step, broken, check, context, panel, run, say

pytestmark = pytest.mark.anyio


class BuggyMode:
    """Breaks in a task of its own, behind some text."""

    name, purpose, mark, section = "buggy", "to break", "x", None

    def models(self, settings: Settings, model: str, model_of: base.ModelOf | None) -> set[str]:
        return {model}

    def plan(self, ctx: RunContext) -> ev.Plan:
        return ev.Plan(())

    async def answer(self, ctx: RunContext, plan: ev.Plan) -> Outcome:
        ctx.emit(ev.AnswerDelta(run=ctx.run, at=ctx.at, text="So far"))

        async def break_off() -> None:
            raise KeyError("sk-secret")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(break_off)
        return Outcome("single")


async def test_a_bug_is_a_failed_run_with_a_private_trace(home: Path) -> None:
    ctx, sent = context(Scripted())
    terminal = await conduct(BuggyMode(), ctx)
    assert isinstance(terminal, ev.RunFailed)
    assert sent[-1] is terminal
    assert terminal.partial == "So far"
    log = home / "cache" / "crash.log"
    assert "KeyError" in terminal.error.message
    assert str(log) in terminal.error.hint
    trace = log.read_text()
    assert "in break_off" in trace
    assert "sk-secret" not in trace + terminal.error.message
    assert log.stat().st_mode & 0o777 == 0o600


async def test_a_bug_is_raised_where_it_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATMODES_DEBUG", "1")
    ctx, _ = context(Scripted())
    with pytest.raises(ExceptionGroup) as caught:
        await conduct(BuggyMode(), ctx)
    assert caught.group_contains(KeyError)


class Buggy(Scripted):
    """Models whose stream breaks by a mistake of the program's own, on a given call."""

    breaks_at = 1
    when_cancelled = False

    @asynccontextmanager
    async def stream(self, call: Call) -> AsyncGenerator[AsyncIterator[Chunk]]:
        async with super().stream(call) as chunks:
            if len(self.calls) != self.breaks_at:
                yield chunks
                return
            try:
                if not self.when_cancelled:
                    raise KeyError("sk-secret")
                yield chunks
            except anyio.get_cancelled_exc_class():
                raise KeyError("sk-secret") from None


async def test_a_bug_in_one_agents_call_leaves_the_other_drafts_to_answer(home: Path) -> None:
    ran = await run("contemplating", Buggy(), panel(agents=3))
    (failed,) = ran.of(ev.AgentFailed)
    assert isinstance(failed, ev.AgentFailed)
    assert "KeyError" in failed.error.message
    assert "42" in ran.finished.answer
    assert "1 of 3 agents failed" in (ran.finished.degraded or "")
    assert "sk-secret" not in (home / "cache" / "crash.log").read_text()


async def test_a_bug_on_the_way_out_of_a_cancellation_is_still_one() -> None:
    models = Buggy(judge=[Stall()])
    models.when_cancelled = True
    ctx, sent = context(models)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(conduct, base.get("instant"), ctx)
        while not models.calls:
            await anyio.lowlevel.checkpoint()
        ctx.cancel("stopped")
    ran = Ran(sent, models)
    check(ran)
    assert isinstance(ran.end, ev.RunCancelled)
    assert ran.of(ev.AgentCancelled)


async def test_a_bug_is_seen_to_end_its_agent_also_where_it_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATMODES_DEBUG", "1")
    models = Buggy()
    ctx, sent = context(models)
    with pytest.raises(KeyError):
        await conduct(base.get("instant"), ctx)
    assert [e.agent for e in sent if isinstance(e, ev.AgentCancelled)] == ["answer"]


async def test_a_prompt_file_that_breaks_behind_the_reasoning_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    fill = prompts.fill

    def broken_file(name: str, **fields: str) -> str:
        if name == "answer":
            raise ConfigError("answer.txt is no text.", "Mend it.")
        return fill(name, **fields)

    monkeypatch.setattr(prompts, "fill", broken_file)
    ran = await run("thinking", Scripted(judge=say("", thought="Hm."), drafts=[say("", thought="Hm.")]))
    assert (ran.failed.error.kind, ran.failed.error.hint) == ("bad_request", "Mend it.")


async def test_a_price_that_is_not_to_be_had_any_more_makes_no_failure_worse() -> None:
    class Gone(Scripted):
        """A model that can no longer be described once it has been called."""

        def describe(self, model: str) -> ModelInfo:
            if self.calls:
                raise ProviderError(ev.Error("auth", "The key is gone."))
            return super().describe(model)

    steps: list[Step] = [ReasoningChunk("Hm."), *broken("network", "It died.")]
    ran = await run("instant", Gone(judge=steps))
    assert ran.failed.error.message == "It died."
    assert ran.failed.cost is None
