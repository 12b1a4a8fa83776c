"""Auto: which mode, why, and that the run is then that mode's own."""

import re
import time
from pathlib import Path

import anyio
import pytest

from chatmodes import events as ev
from chatmodes.chat import open_chat
from chatmodes.modes import base
from chatmodes.modes.rule import rule
from chatmodes.modes.run import conduct
from chatmodes.providers.calls import ModelInfo
from chatmodes.settings import Auto, Contemplating, Instant, Settings, Thinking
from chatmodes.store import open_store
from tests.modes.scripted import MODEL, Open, Ran, Script, Scripted, Stall, broken, check, context, run, say

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


def labelled() -> dict[str, list[tuple[str, str]]]:
    """The labelled prompts of each language."""
    found: dict[str, list[tuple[str, str]]] = {}
    language = ""
    names = {"c": "contemplating", "t": "thinking", "i": "instant"}
    for line in (Path(__file__).parent / "auto-prompts.txt").read_text(encoding="utf-8").splitlines():
        label, _, prompt = line.partition(" ")
        if label in names:
            found[language].append((names[label], prompt))
        elif label != "#":
            found[language := line] = []
    return found


async def test_the_rule_knows_what_a_prompt_asks_for_in_every_language() -> None:
    everything = labelled()
    assert len(everything) >= 10
    assert sum(map(len, everything.values())) >= 200
    for language, prompts in everything.items():
        wrong = [(prompt, rule(prompt)) for mode, prompt in prompts if rule(prompt).mode != mode]
        assert len(wrong) <= len(prompts) // 20, (language, wrong)
        for _, prompt in prompts:
            for quoted in re.findall("“(.*)”", rule(prompt).reason):
                assert quoted in prompt


@pytest.mark.parametrize(
    ("prompt", "quoted"),
    [
        ("What is 99 + 1?", "99 + 1"),
        ("(12+3)*4", "(12+3)*4"),
        ("Is 1,234.5 - 17 > 3 true?", "1,234.5 - 17 > 3"),
        ("Take 15% of 80", "15% of 80"),
        ("12-5", "12-5"),
        ("Find x: 2x + 3 = 11", "2x + 3 = 11"),
        ("１２＋３０は？", "１２＋３０"),
    ],
)
async def test_what_is_to_be_worked_out_is_quoted_whole(prompt: str, quoted: str) -> None:
    assert rule(prompt).mode == "thinking"
    assert f"“{quoted}”" in rule(prompt).reason


@pytest.mark.parametrize(
    "prompt",
    [
        "We meet on 2026-11-26.",
        "Born 12/03/1984, moved 01.02.2003",
        "Ring +44 20 7946 0958 or (030) 123-4567",
        "555-123-4567",
        "From 1914-1918",
        "A table for 3-4 people at 19:30",
        "We are open 24/7",
        "It is at 3.14.1",
        "I am 100% sure",
        "gift ideas for a brand",
    ],
)
async def test_dates_numbers_to_call_and_ranges_are_nothing_to_work_out(prompt: str) -> None:
    assert rule(prompt).mode == "instant"


@pytest.mark.parametrize(
    "piece", ["1 + ", "(", "a" * 50, "2026-", "胸", "why ", "1 % 1 ", "soll ich ", "1", "\n", "12, "]
)
async def test_a_prompt_of_a_megabyte_is_chosen_for_at_once(piece: str) -> None:
    started = time.process_time()
    rule(piece * (1_000_000 // len(piece)))
    assert time.process_time() - started < 2


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


# The cascade

CASCADE = Settings(auto=Auto(cascade=True))


def in_the_end(ran: Ran) -> tuple[str, str, int, int]:
    """How a run ended: the method, the answer's last word, and the drafts planned and in."""
    end = ran.finished
    return end.method, end.answer.split()[-1], end.planned, end.survived


async def test_two_quick_drafts_that_agree_are_the_answer() -> None:
    models = Scripted([say("Six sevens, worked out at length.\nANSWER: 42"), say("So.\nANSWER: 42.0")])
    ran = await run("auto", models, CASCADE, prompt="What is 6 times 7?")
    started = ran.events[0]
    assert isinstance(started, ev.RunStarted)
    assert started.plan.reason.startswith("Two quick drafts, and Contemplating where they differ, since ")
    assert [slot.agent for slot in started.plan.slots[:3]] == ["q1", "q2", "a1"]
    assert in_the_end(ran) == ("vote", "42.0", 2, 2)
    assert [recorded.role for recorded in models.calls] == ["draft", "draft"]
    (told,) = [event for event in ran.events if isinstance(event, ev.Agreement)]
    assert (told.clusters[0].agents, told.outstanding) == (("q1", "q2"), 0)


async def test_two_quick_drafts_that_differ_are_settled_by_contemplating() -> None:
    drafts = [say(f"So.\nANSWER: {number}") for number in (41, 42, 42, 42, 42, 42, 42)]
    models = Scripted(drafts)
    ran = await run("auto", models, Settings(auto=Auto(cascade=True), contemplating=Contemplating(early_stop=False)))
    assert in_the_end(ran) == ("vote", "42", 7, 7)
    first = next(event for event in ran.events if isinstance(event, ev.Agreement))
    assert ({cluster.answer for cluster in first.clusters}, first.outstanding) == ({"41", "42"}, 5)
    assert ran.finished.usage.output_tokens == sum(len(f"So.\nANSWER: {n}") // 4 for n in range(41, 48))
    started = ran.events[0]
    assert isinstance(started, ev.RunStarted)
    assert started.plan.max_tokens == 2 * Settings().instant.max_tokens + await bound_of("contemplating")
    assert await bound_of("auto", CASCADE) == started.plan.max_tokens


async def bound_of(mode: str, settings: Settings | None = None) -> int:
    """The most tokens that a mode says it may take."""
    ctx, _ = context(Scripted(), settings)
    bound = base.get(mode).plan(ctx).max_tokens
    assert bound is not None
    return bound


UNSETTLED: list[list[Script]] = [
    [broken(), say("ANSWER: 42")],
    [say("ANSWER: 42", finish="length"), say("ANSWER: 42")],
    [say("It depends."), say("It depends.")],
    [say("3 * 4 = 13, so it is 13.\nANSWER: 13"), say("It is 13.\nANSWER: 13")],
]


@pytest.mark.parametrize("quick", UNSETTLED, ids=["failed", "cut", "open", "false arithmetic"])
async def test_quick_drafts_that_cannot_be_trusted_settle_nothing(quick: list[Script]) -> None:
    models = Scripted([*quick, *[say("So.\nANSWER: 42")] * 5])
    ran = await run("auto", models, CASCADE)
    assert ran.finished.answer.endswith("42")
    assert ran.finished.planned == 7


@pytest.mark.parametrize(("prompt", "mode"), [("hi", "instant"), ("My chest hurts. What now?", "contemplating")])
async def test_the_cascade_is_for_what_would_be_thought_through(prompt: str, mode: str) -> None:
    ran = await run("auto", Scripted(judge=say("Done.")), CASCADE, prompt=prompt)
    started = ran.events[0]
    assert isinstance(started, ev.RunStarted)
    assert (started.mode, started.plan.reason.partition(",")[0]) == (mode, mode.capitalize())
    assert "q1" not in {slot.agent for slot in started.plan.slots}


async def test_quick_drafts_are_instants_models_without_reasoning_and_the_panel_is_contemplatings() -> None:
    infos = {"lab/quick": ModelInfo(model="lab/quick", reasons=True, sampling=False)}
    drafts = {"lab/quick": [say("ANSWER: 41"), say("ANSWER: 42")], "lab/deep": [say("ANSWER: 42")]}
    models = Scripted(drafts, infos=infos)
    ctx, events = context(models, CASCADE)
    ctx.model_of = {"instant": "lab/quick", "thinking": "lab/mid", "contemplating": "lab/deep"}.__getitem__
    await conduct(base.get("auto"), ctx)
    check(Ran(events, models))
    quick = [recorded.call for recorded in models.calls if recorded.call.model == "lab/quick"]
    assert [(call.reason, call.max_tokens) for call in quick] == [(False, 8192)] * 2
    assert len({call.messages[-1].text for call in quick}) == 2  # the second has a hint, since nothing is sampled
    assert {recorded.call.model for recorded in models.calls} == {"lab/quick", "lab/deep"}


@pytest.mark.parametrize("sign", ["/", "-", "x"])
def test_a_number_longer_than_python_reads_is_weighed_like_any(sign: str) -> None:
    assert rule(f"How much is {'1' * 5000}{sign}3?").mode in ("instant", "thinking", "contemplating")
