"""What is below a vote and a reconciled answer, and judges that are read right."""

import anyio
import pytest

from chatmodes import events as ev
from chatmodes.events import Error
from chatmodes.messages import user
from chatmodes.modes import base
from chatmodes.modes.answers import algebra
from chatmodes.modes.contemplating import explore, settle
from chatmodes.modes.contemplating.fence import fenced, room_for, secret_names
from chatmodes.modes.contemplating.ladder import best_of_cut, loops
from chatmodes.modes.contemplating.reconcile import overruled
from chatmodes.modes.contemplating.select import most_central, verdict
from chatmodes.modes.draft import Draft
from chatmodes.modes.run import conduct
from chatmodes.providers.calls import ModelInfo, TextChunk
from chatmodes.settings import Contemplating, Settings, Thinking, Timeouts
from tests.modes.scripted import (
    MODEL,
    Fail,
    Open,
    Ran,
    Script,
    Scripted,
    Stall,
    Step,
    broken,
    check,
    context,
    panel,
    run,
    say,
)

pytestmark = pytest.mark.anyio

ESSAY = say("Rain is water that falls.")


def drafts(*texts: str) -> list[Draft]:
    return [Draft(ev.Slot(f"a{at + 1}", "draft", MODEL), text, finish="stop") for at, text in enumerate(texts)]


def cut_off(text: str) -> list[Step]:
    return [TextChunk(text), Fail(Error("stream_cut", "The stream broke off.", "Ask again."))]


# No draft is complete


async def test_streams_that_all_failed_are_a_failed_run_with_its_partial_kept() -> None:
    ran = await run("contemplating", Scripted([cut_off("Six sev"), cut_off("Six sevens are forty"), *[broken()] * 3]))
    assert ran.failed.error.kind in ("stream_cut", "server")
    assert ran.failed.error.message.startswith("All 5 agents failed.")
    assert ran.failed.partial == "Six sevens are forty"


async def test_the_partial_of_failed_streams_is_the_answer_that_most_had_reached() -> None:
    looped = cut_off("Let me think again. " * 60)
    models = Scripted([looped, cut_off("So.\nANSWER: 42\n"), looped, cut_off("Thus.\nANSWER: 42\n"), looped])
    ran = await run("contemplating", models)
    assert ran.failed.partial == "So.\nANSWER: 42\n"


async def test_a_cut_draft_with_an_answer_counts_before_a_repetition_loop() -> None:
    looped = say("Let me check that once more. " * 80, finish="length")
    found = say("Six sevens.\nANSWER: 42\nLet me explain", finish="length")
    ran = await run("contemplating", Scripted([looped, found, looped, found, looped]))
    assert ran.finished.answer.startswith("Six sevens.\nANSWER: 42")
    assert ran.finished.method == "fallback"
    assert ran.finished.degraded is not None
    assert "token limit" in ran.finished.degraded


async def test_what_was_cut_at_the_limit_stands_before_what_failed() -> None:
    ran = await run("contemplating", Scripted([say("Short", finish="length"), *[cut_off("A much longer text")] * 4]))
    assert ran.finished.answer == "Short"
    assert ran.finished.degraded is not None


def test_of_cut_drafts_without_an_answer_the_longest_that_does_not_loop() -> None:
    chosen = best_of_cut(drafts("I see. " * 200, "A longer text that goes somewhere", "Short"))
    assert chosen.text.startswith("A longer text")
    assert best_of_cut(drafts("I see. " * 200, "I see. " * 100)).text


@pytest.mark.parametrize(
    "text",
    [
        "First something. " + "Let me check again. " * 10,
        "ab" * 60,
        "等一下，让我再想想。" * 20,
        "".join(f"Step {at}: add one and go on. " for at in range(30)),
        "x = 1\n" * 40,
        "no " * 100_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_loop_is_known_as_one(text: str) -> None:
    assert loops(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ha ha ha ha",
        "To be or not to be, that is the question. To be or not to be, said he.",
        "Six times seven is forty-two, since six times six is thirty-six and six more are forty-two. ANSWER: 42",
        "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n",
        "是的，因为水蒸气在空中凝结成云，然后以雨的形式落下。",
    ],
)
def test_an_ordinary_end_is_no_loop(text: str) -> None:
    assert not loops(text)


# The most central draft


@pytest.mark.parametrize(
    ("stray", "others"),
    [
        (
            "奶酪是一种很好的食物，我每天都吃。",
            ["雨是从云中落下的水滴。", "雨水从云中落下，滋润大地。", "云中的水滴落下就是雨。"],
        ),
        (
            "チーズはとても美味しい食べ物です。",
            ["雨は雲から落ちる水滴です。", "雲から落ちる水が雨です。", "雨とは雲から落ちる水のことです。"],
        ),
        ("ชีสเป็นอาหารที่อร่อยมาก", ["ฝนคือน้ำที่ตกจากเมฆ", "น้ำที่ตกลงมาจากเมฆคือฝน", "ฝนเป็นหยดน้ำที่ตกจากเมฆ"]),
        (
            "치즈는 맛있는 음식입니다.",
            [
                "비는 구름에서 떨어지는 물입니다.",
                "구름에서 떨어지는 물이 비입니다.",
                "비란 구름에서 떨어지는 물방울입니다.",
            ],
        ),
        (
            "Cheese is good food.",
            ["Rain falls from clouds.", "Rain falls from dark clouds.", "From the clouds rain falls."],
        ),
    ],
    ids=["Chinese", "Japanese", "Thai", "Korean", "English"],
)
def test_the_most_central_draft_is_not_the_stray_one_that_came_first(stray: str, others: list[str]) -> None:
    assert most_central(drafts(stray, *others)).text != stray


async def test_a_lost_reconciler_of_open_drafts_leaves_the_most_central_one() -> None:
    essays: list[Script] = [say("Cheese is good."), say("Rain falls from clouds."), say("Rain falls from dark clouds.")]
    ran = await run("contemplating", Scripted(essays, reconcile=broken()), panel(agents=3))
    assert ran.finished.method == "fallback"
    assert ran.finished.answer.startswith("Rain falls")
    assert ran.finished.degraded == (
        "The reconciler failed (It broke); this is the draft that has most in common with the others."
    )


async def test_one_number_among_open_drafts_of_a_weak_model_settles_nothing() -> None:
    infos = {MODEL: ModelInfo(model=MODEL, small=True)}
    essays = [say("Cheese has 42."), say("Rain falls from clouds."), say("Rain falls from dark clouds.")]
    ran = await run("contemplating", Scripted(essays, infos=infos), panel(agents=3), prompt="Why does it rain?")
    assert ran.finished.answer.startswith("Rain falls")


# Verdicts

LABELS = {letter: f"a{at + 1}" for at, letter in enumerate("ABCDE")}


@pytest.mark.parametrize(
    ("reply", "label"),
    [
        ("BEST: B", "B"),
        ("BEST: B. It is the best draft overall.", "B"),
        ("The steps hold.\n**BEST: C**", "C"),
        ("**BEST:** D", "D"),
        ("Best: draft (b)", "B"),
        ("BEST: Draft A", "A"),
        ("BEST: A because its steps hold", "A"),
        ("BEST: B, since A is the best only at first sight.", "B"),
        ("The best draft is E.", "E"),
        ("BEST = \\boxed{C}", "C"),
        ("BEST: the draft labelled nothing", None),
        ("B", "B"),
        ("Draft D.", "D"),
        ("The best is a careful one. BEST: D", "D"),
        ("BEST: A\nOn reflection, no.\nBEST: B", "B"),
        ("BEST: Z", None),
        ("All are good; it is best to ask someone.", None),
        ("It is the best answer overall.", None),
        ("", None),
    ],
)
def test_the_label_of_a_verdict_is_read(reply: str, label: str | None) -> None:
    assert verdict(reply, LABELS) == label


async def test_a_verdict_with_an_explanation_chooses_its_draft() -> None:
    models = Scripted([say("Red."), say("Green."), say("Blue.")], judge=say("BEST: B. It is the best draft overall."))
    ran = await run("contemplating", models, panel(agents=3, reconcile="select"))
    (call,) = [recorded.call for recorded in models.calls if recorded.role == "other"]
    shown = call.messages[-1].text
    assert f">>>\n{ran.finished.answer}\n<<<END OF DRAFT B" in shown


# The guard


async def test_the_guard_asks_algebra_whether_an_answer_overrules(monkeypatch: pytest.MonkeyPatch) -> None:
    async def equal(pairs: list[algebra.Pair]) -> frozenset[algebra.Pair]:
        return frozenset(pair for pair in pairs if all("x" in formula for formula in pair))

    monkeypatch.setattr(algebra, "equal_pairs", equal)
    clusters = (ev.Cluster("x^2+2x+1", ("a1", "a2"), 2.0), ev.Cluster("7", ("a3",), 1.0))
    dissent = await overruled("So.\nANSWER: (x+1)^2", clusters, 5.0)
    assert [each.answer for each in dissent] == ["7"]


async def test_the_guard_reads_an_answer_as_the_drafts_were_read() -> None:
    clusters = (ev.Cluster("1500", ("a1", "a2"), 2.0), ev.Cluster("7", ("a3",), 1.0))
    asked = "Wie viele Einwohner hat das Dorf?"
    dissent = await overruled("Es sind also 1.500.\nANTWORT: 1.500", clusters, 5.0, question=asked)
    assert [each.answer for each in dissent] == ["7"]


async def test_a_guard_that_algebra_keeps_waiting_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def endless(pairs: list[algebra.Pair]) -> frozenset[algebra.Pair]:
        await anyio.sleep_forever()
        return frozenset(pairs)

    monkeypatch.setattr(algebra, "equal_pairs", endless)
    clusters = (ev.Cluster("x^2+2x+1", ("a1", "a2"), 2.0),)
    (dissent,) = await overruled("ANSWER: (x+1)^2", clusters, 0.05)
    assert dissent.reason.startswith("overruled")


# Distilling


@pytest.mark.parametrize("distil", [broken(), say("", finish="stop"), say("  ")], ids=["failed", "empty", "blank"])
async def test_a_failed_comparison_sends_nobody_empty_notes(distil: list[Step]) -> None:
    models = Scripted([say(f"Try {at}.") for at in range(6)], distil=distil)
    ran = await run("contemplating", models, panel(agents=3, rounds=2))
    assert sum(recorded.role == "draft" for recorded in models.calls) == 3
    assert ran.finished.degraded is not None
    assert "no further round" in ran.finished.degraded


async def test_comparing_the_drafts_leaves_the_reconciler_its_time() -> None:
    settings = Settings(contemplating=Contemplating(agents=3), timeouts=Timeouts(run=2.0))
    models = Scripted([ESSAY], distil=[TextChunk("{"), Stall()], reconcile=say("Rain is weather."))
    ran = await run("contemplating", models, settings)
    assert ran.finished.method == "synthesis"
    assert ran.finished.answer == "Rain is weather."
    assert ran.finished.degraded is not None
    assert "could not be compared" in ran.finished.degraded


async def test_comparing_is_skipped_where_the_reconciler_would_lose_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reconciler is taken to write as long as the drafts did, by some factor."""
    monkeypatch.setattr(settle, "SLACK", 1e6)
    models = Scripted([ESSAY], reconcile=say("Rain is weather."))
    ran = await run("contemplating", models, Settings(contemplating=Contemplating(agents=3)))
    assert {recorded.role for recorded in models.calls} == {"draft", "reconcile"}
    assert ran.finished.degraded is not None
    assert "no time to compare" in ran.finished.degraded


# What a judge is shown


def test_a_long_draft_beside_short_ones_is_not_cut_while_there_is_room() -> None:
    long = "word " * 6_000
    shown = fenced(drafts(long, "a", "b", "c", "d"), seed=1, purpose="x", room=60_000)
    assert "left out" not in shown.text


def test_room_that_short_drafts_leave_goes_to_the_long_ones() -> None:
    long = "word " * 6_000
    shown = fenced(drafts(long, long, "short", "brief"), seed=1, purpose="x", room=40_000)
    assert shown.text.count("left out") == 2
    assert 38_000 < len(shown.text) < 42_000


@pytest.mark.parametrize(
    ("model", "text"),
    [
        ("azure/chat", "Let us chat about chat rooms. Chat is fun."),
        ("azure/support", "Ask for support; Support is there."),
        ("azure/my-model", "My model of the world, a my-model."),
        ("azure/prod", "The prod in the back."),
    ],
)
def test_a_deployment_with_an_ordinary_name_takes_no_words_out_of_drafts(model: str, text: str) -> None:
    shown = fenced(drafts(text), seed=1, purpose="x", hide=secret_names([model], [user("Why?")])).text
    assert text in shown


def test_a_deployments_full_name_is_hidden_all_the_same() -> None:
    shown = fenced(drafts("I am azure/chat."), seed=1, purpose="x", hide=secret_names(["azure/chat"], [])).text
    assert "I am a model." in shown


# Caps and bounds


async def test_drafts_of_a_model_that_reasons_have_thinkings_cap() -> None:
    infos = {MODEL: ModelInfo(model=MODEL, reasons=True)}
    settings = Settings(thinking=Thinking(max_tokens=999), contemplating=Contemplating(max_tokens=500))
    models = Scripted([ESSAY], infos=infos)
    await run("contemplating", models, settings)
    assert {r.call.max_tokens for r in models.calls if r.role in ("draft", "reconcile")} == {999}
    plain = Scripted([ESSAY])
    await run("contemplating", plain, settings)
    assert {r.call.max_tokens for r in plain.calls if r.role in ("draft", "reconcile")} == {500}


@pytest.mark.parametrize(("reasons", "times"), [(False, 1), (True, 3)])
async def test_the_plans_bound_is_threefold_only_for_a_model_that_reasons(reasons: bool, times: int) -> None:
    infos = {MODEL: ModelInfo(model=MODEL, reasons=reasons)}
    settings = Settings(thinking=Thinking(max_tokens=1000), contemplating=Contemplating(max_tokens=1000))
    ran = await run("contemplating", Scripted([ESSAY], infos=infos), settings)
    started = ran.events[0]
    assert isinstance(started, ev.RunStarted)
    assert started.plan.max_tokens == times * (6 * 1000 + 2048 + 1024)


def test_the_judges_room_knows_the_answers_cap() -> None:
    info = ModelInfo(model=MODEL, context_window=8192)
    assert room_for(info, [user("Why?")], 999) > room_for(info, [user("Why?")], 4000)


# The run's time


async def test_a_run_whose_time_is_over_keeps_what_its_agents_had_written() -> None:
    looped = "Let me check that once more. " * 80
    texts = ("Six", looped, "Six sevens are forty-two", "So.\nANSWER: 41", "Hm.")
    models = Scripted([[TextChunk(text), Open(text), Stall()] for text in texts])
    ctx, events = context(models, Settings(timeouts=Timeouts(run=600)))

    async def use_up_the_time() -> None:
        for text in texts:
            await models.gate(text).wait()
        ctx.allow(-600)

    async with anyio.create_task_group() as group:
        group.start_soon(use_up_the_time)
        await conduct(base.get("contemplating"), ctx)
    check(Ran(events, models))
    end = Ran(events, models).failed
    assert end.error.kind == "timeout"
    assert end.partial == "So.\nANSWER: 41"


async def test_a_run_that_a_person_ends_says_nothing_that_no_agent_was_chosen_for() -> None:
    models = Scripted([[TextChunk("Six sevens"), Open("there"), Stall()]])
    ctx, events = context(models, Settings(timeouts=Timeouts(run=60)))

    async def press_escape() -> None:
        await models.gate("there").wait()
        ctx.cancel("the user pressed Esc")

    async with anyio.create_task_group() as group:
        group.start_soon(press_escape)
        await conduct(base.get("contemplating"), ctx)
    check(Ran(events, models))
    assert isinstance(events[-1], ev.RunCancelled)
    assert events[-1].partial == ""


@pytest.mark.parametrize("stuck", ["distil", "drafts"])
async def test_a_further_round_without_end_leaves_the_one_before_standing(
    stuck: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (explore, settle):
        monkeypatch.setattr(room, "HURRY", 0.003)
    first = [say("Rain falls from clouds."), say("Rain falls from dark clouds."), say("Cheese is good.")]
    never: Script = [TextChunk("Hm"), Stall()]
    notes = say('{"consensus": ["it falls"]}')
    distils = [never if stuck == "distil" else notes, notes]
    models = Scripted([*first, never, never, never], distil=lambda _: distils.pop(0), reconcile=broken())
    settings = Settings(contemplating=Contemplating(agents=3, rounds=2), timeouts=Timeouts(run=600))
    ran = await run("contemplating", models, settings)
    assert ran.finished.answer.startswith("Rain falls")
    assert ran.finished.method == "fallback"
