"""Auto: which mode, why, and that the run is then that mode's own."""

from pathlib import Path

import anyio
import pytest

from chatmodes import events as ev
from chatmodes.chat import open_chat
from chatmodes.modes import base
from chatmodes.modes.auto import rule
from chatmodes.modes.run import conduct
from chatmodes.settings import Auto, Instant, Settings, Thinking
from chatmodes.store import open_store
from tests.engine.scripted import MODEL, Open, Ran, Scripted, Stall, broken, check, context, run, say

pytestmark = pytest.mark.anyio
CLASSIFIED = Settings(auto=Auto(classifier="lab/small"))


@pytest.mark.parametrize(
    ("prompt", "mode"),
    [
        ("hi", "instant"),
        ("What is the capital of France?", "instant"),
        ("What is 2+2?", "thinking"),
        ("How many socks are left?", "thinking"),
        ("def f(x):\n    return x", "thinking"),
        ("Prove that there are infinitely many primes.", "contemplating"),
        ("Weigh the trade-offs of two schemas.", "contemplating"),
        ("Warum ist der Himmel blau?", "thinking"),
        ("x" * 700, "thinking"),
    ],
)
async def test_the_rule_chooses_and_says_why(prompt: str, mode: str) -> None:
    assert rule(prompt).mode == mode
    ran = await run("auto", Scripted(judge=say("Done.")), prompt=prompt)
    started = ran.events[0]
    assert isinstance(started, ev.RunStarted)
    assert started.mode == mode
    assert started.plan.reason.startswith(mode.capitalize() + ", since ")


async def test_a_classifier_decides_and_its_call_is_counted() -> None:
    replies = [say("Contemplating")]
    models = Scripted(judge=lambda _: replies.pop() if replies else say("Hello."))
    ran = await run("auto", models, CLASSIFIED, prompt="hi")
    assert isinstance(ran.events[0], ev.RunStarted)
    assert ran.events[0].mode == "contemplating"
    assert isinstance(ran.events[1], ev.AgentStarted)
    assert ran.events[1].role == "classify"


@pytest.mark.parametrize("reply", [say("I like cheese"), say("instant or thinking"), broken()])
async def test_a_classifier_that_fails_leaves_it_to_the_rule(reply: list[object]) -> None:
    replies = [reply]
    models = Scripted(judge=lambda _: replies.pop() if replies else say("Hello."))  # pyright: ignore[reportArgumentType]
    ran = await run("auto", models, CLASSIFIED, prompt="hi")
    assert isinstance(ran.events[0], ev.RunStarted)
    assert ran.events[0].mode == "instant"
    assert "no usable reply" in ran.events[0].plan.reason


async def test_a_prompt_file_that_cannot_serve_is_a_whole_run_that_failed(home: Path) -> None:
    own = home / "config" / "prompts" / "classify.txt"
    own.parent.mkdir(parents=True)
    own.write_text("# nothing but a head\n")
    ran = await run("auto", Scripted(), CLASSIFIED, prompt="hi")
    assert "classify.txt is empty" in ran.failed.error.message


async def test_the_mode_that_is_chosen_answers_with_its_own_model() -> None:
    settings = Settings(mode="auto", instant=Instant(model="lab/quick"), thinking=Thinking(model="lab/deep"))
    with open_store(None) as store:
        async with open_chat(settings, Scripted(judge=say("Done.")), store, choose=lambda _: MODEL) as chat:
            for prompt, named, wanted in (
                ("hi", None, "lab/quick"),
                ("What is 2+2?", None, "lab/deep"),
                ("Prove that there are infinitely many primes.", None, MODEL),
                ("hi", "lab/mine", "lab/mine"),
            ):
                answer = await chat.answer(await chat.add_prompt(prompt), model=named)
                started, *_ = [event async for event in answer.events]
                await answer.ended.wait()
                assert isinstance(started, ev.RunStarted)
                assert {slot.model for slot in started.plan.slots} == {wanted}
                stored = store.message(answer.message)
                assert stored is not None
                assert stored.model == wanted


async def test_cancelling_while_it_is_classified_is_a_whole_run() -> None:
    models = Scripted(judge=[Open("asked"), Stall()])
    ctx, events = context(models, CLASSIFIED)
    async with anyio.create_task_group() as group:

        async def cancel() -> None:
            await models.gate("asked").wait()
            ctx.cancel()

        group.start_soon(cancel)
        await conduct(base.get("auto"), ctx)
    check(Ran(events, models))
    assert isinstance(events[-1], ev.RunCancelled)
