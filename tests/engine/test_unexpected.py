"""A bug in a mode fails its run in words, and leaves a trace that quotes nobody."""

from pathlib import Path

import anyio
import pytest

from chatmodes import events as ev
from chatmodes.modes.run import Outcome, RunContext, conduct
from tests.engine.scripted import Scripted, context

pytestmark = pytest.mark.anyio


async def buggy(ctx: RunContext) -> Outcome:
    """Breaks in a task of its own, behind some text."""
    ctx.emit(ev.AnswerDelta(run=ctx.run, at=ctx.at, text="So far"))

    async def break_off() -> None:
        raise KeyError("sk-secret")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(break_off)
    return Outcome("single")


async def test_a_bug_is_a_failed_run_with_a_private_trace(home: Path) -> None:
    ctx, sent = context(Scripted())
    terminal = await conduct(buggy, ctx)
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
        await conduct(buggy, ctx)
    assert caught.group_contains(KeyError)
