"""Contemplating's steps: vote, quorum, reconcile, guard and the ladder below them."""

import anyio
import pytest

from chatmodes import events as ev
from chatmodes.events import Error, Usage
from chatmodes.messages import assistant, user
from chatmodes.modes import base
from chatmodes.modes.answers import algebra
from chatmodes.modes.contemplating.reconcile import parse_workspace
from chatmodes.modes.run import conduct
from chatmodes.providers.calls import ModelInfo, TextChunk
from chatmodes.settings import Contemplating, Member, Settings, Timeouts
from tests.modes.scripted import (
    MODEL,
    Fail,
    Gate,
    Open,
    Ran,
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

A42, A41, A40 = say("Six sevens.\nANSWER: 42"), say("Hm.\nANSWER: 41"), say("Oh.\nANSWER: forty")
FORMULA = say("So.\nANSWER: x + 1")
ESSAY = say("Rain is water that falls.")


async def test_a_clear_vote_settles_it_verbatim_and_without_a_further_call() -> None:
    ran = await run("contemplating", Scripted([say("Long way round.\nANSWER: 42.0"), A42, A41, A42, A42]))
    assert ran.finished.method == "vote"
    assert ran.finished.answer == "Six sevens.\nANSWER: 42"
    assert {c.role for c in ran.models.calls} == {"draft"}
    assert ran.finished.degraded is None


async def test_drafts_that_cannot_matter_are_cancelled() -> None:
    slow = [[TextChunk("Let me"), Open(begun), Stall()] for begun in ("one", "other")]
    whole = [Gate("one"), Gate("other"), *A42]
    ran = await run("contemplating", Scripted([whole, whole, whole, *slow]))
    assert ran.finished.method == "vote"
    cancelled = [e for e in ran.events if isinstance(e, ev.AgentCancelled)]
    assert len(cancelled) == 2
    assert {e.reason for e in cancelled} == {"the others already decide the vote"}
    assert all(e.usage.estimated and e.usage.output_tokens for e in cancelled)
    assert ran.finished.usage.estimated
    assert ran.finished.cost is not None
    assert (ran.finished.planned, ran.finished.survived) == (5, 3)


async def test_a_quorum_that_was_asked_for_settles_a_vote_with_a_lead() -> None:
    ran = await run("contemplating", Scripted([A42, A41, A42, [Stall()], [Stall()]]), panel(quorum=3))
    assert ran.finished.answer.endswith("42")
    assert {e.reason for e in ran.events if isinstance(e, ev.AgentCancelled)} == {"enough drafts are in"}
    assert [d.answer for d in ran.finished.dissent] == ["41"]


async def test_a_quorum_that_is_split_waits_for_more() -> None:
    late = [Gate("split"), *A42]
    drafts = [A42, A41, [*A40[:-1], Open("split"), A40[-1]], late, late]
    ran = await run("contemplating", Scripted(drafts), panel(reconcile="vote", quorum=3))
    assert ran.finished.answer.endswith("42")


@pytest.mark.parametrize(
    "drafts", [[FORMULA, A42, A42, A42, [Stall()]], [FORMULA, A42, A42]], ids=["stopped", "all in"]
)
async def test_a_settled_vote_does_not_wait_for_algebra(
    drafts: list[list[Step]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(pairs: list[algebra.Pair]) -> frozenset[algebra.Pair]:
        if pairs:
            await anyio.sleep_forever()
        return frozenset()

    monkeypatch.setattr(algebra, "equal_pairs", endless)
    settings = panel(agents=len(drafts), quorum=len(drafts), reconcile="vote")
    ran = await run("contemplating", Scripted(drafts), settings)
    assert ran.finished.answer.endswith("42")


async def test_what_algebra_finds_equal_votes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    async def all_equal(pairs: list[algebra.Pair]) -> frozenset[algebra.Pair]:
        return frozenset(pair for pair in pairs if "x" in pair[0] and "x" in pair[1])

    monkeypatch.setattr(algebra, "equal_pairs", all_equal)
    drafts = [A41, FORMULA, say("Hm.\nANSWER: 1 + x"), A40]
    ran = await run("contemplating", Scripted(drafts), panel(agents=4, quorum=4, reconcile="vote"))
    assert ran.finished.answer.endswith(("x + 1", "1 + x"))
    assert {d.answer for d in ran.finished.dissent} == {"41", "40"}


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
async def test_a_call_that_no_bill_comes_for_is_priced(ending: str) -> None:
    begun = [TextChunk("x" * 400), Open("begun")]
    lost = [*begun, Fail(Error("server", "It broke."), Usage(1_000, 500))] if ending == "failed" else [*begun, Stall()]
    whole = [Gate("begun"), *A42]
    ran = await run("contemplating", Scripted([lost, whole, whole]), panel(agents=3))
    (told,) = [e for e in ran.events if isinstance(e, ev.AgentFailed | ev.AgentCancelled)]
    assert isinstance(told, ev.AgentFailed) == (ending == "failed")
    assert told.usage.input_tokens
    assert told.usage.output_tokens
    # Scripted's prices are 1 and 2 dollars a million, and each whole draft costs 0.001.
    priced = (told.usage.input_tokens + 2 * told.usage.output_tokens) / 1e6
    assert ran.finished.cost == pytest.approx(0.002 + priced)


async def test_open_drafts_are_merged_once_the_quorum_is_in() -> None:
    ran = await run("contemplating", Scripted([ESSAY, ESSAY, ESSAY, [Stall()], [Stall()]]))
    assert ran.finished.method == "synthesis"
    assert ran.finished.answer == "Reconciled.\nANSWER: 42"
    (distilled,) = [e for e in ran.events if isinstance(e, ev.Distilled)]
    assert distilled.consensus == ("they agree",)


async def test_every_agent_sees_the_conversation_and_no_other_draft() -> None:
    models = Scripted([say(f"Draft number {i}.\nANSWER: {i}") for i in range(5)])
    path = (user("My name is Ada."), assistant("Hello Ada."))
    ran = await run("contemplating", models, panel(quorum=5), path=path, system="Be kind.")
    drafts = [c.call for c in ran.models.calls if c.role == "draft"]
    assert len(drafts) == 5
    for call in drafts:
        assert [m.text for m in call.messages[:3]] == ["Be kind.", "My name is Ada.", "Hello Ada."]
        assert call.messages[3].text.startswith("What is six times seven?")
        assert "Draft number" not in "".join(m.text for m in call.messages)
        assert call.temperature == 0.7


async def test_the_reconciler_sees_question_history_workspace_and_all_drafts() -> None:
    models = Scripted([say(f"Draft number {i}.\nANSWER: {i}") for i in range(5)])
    path = (user("My name is Ada."), assistant("Hello Ada."))
    ran = await run("contemplating", models, panel(quorum=5), path=path, system="Be kind.")
    (call,) = [c.call for c in ran.models.calls if c.role == "reconcile"]
    assert [m.text for m in call.messages[:3]] == ["Be kind.", "My name is Ada.", "Hello Ada."]
    asked = call.messages[-1].text
    assert asked.startswith("What is six times seven?")
    assert "they agree" in asked
    assert all(f"Draft number {i}." in asked for i in range(5))
    assert "lab/one" not in asked


async def test_a_split_vote_with_a_weak_reconciler_keeps_the_vote() -> None:
    infos = {"lab/one": ModelInfo(model="lab/one", small=True)}
    ran = await run("contemplating", Scripted([A41, A42, A42, A40, ESSAY], infos=infos), panel(quorum=5))
    assert ran.finished.method == "vote"
    assert ran.finished.answer.endswith("42")
    assert {c.role for c in ran.models.calls} == {"draft"}


async def test_a_weak_reconciler_chooses_among_essays_and_rewrites_none() -> None:
    infos = {"lab/one": ModelInfo(model="lab/one", small=True)}
    essays = [say("Rain falls from clouds."), say("Rain falls from dark clouds."), say("Cheese is good.")]
    ran = await run("contemplating", Scripted(essays, infos=infos), panel(agents=3))
    assert ran.finished.method == "select"
    assert ran.finished.answer.startswith("Rain falls")


async def test_an_overruled_plurality_is_flagged() -> None:
    models = Scripted([A41, A41, A42, A40, ESSAY], reconcile=say("They slipped.\nANSWER: 42"))
    ran = await run("contemplating", models, panel(quorum=5))
    assert ran.finished.method == "synthesis"
    flagged = {d.answer: d.reason for d in ran.finished.dissent}
    assert flagged["41"].startswith("overruled")
    assert "42" not in flagged


@pytest.mark.parametrize("lost", [broken(), say("", finish="stop"), say("ANSWER: 42", finish="length")])
async def test_a_lost_reconciler_falls_back_to_the_largest_cluster(lost: list[object]) -> None:
    models = Scripted([A41, A41, A42, A40, ESSAY], reconcile=lost)  # pyright: ignore[reportArgumentType]
    ran = await run("contemplating", models, panel(quorum=5))
    assert ran.finished.method == "fallback"
    assert ran.finished.answer == "Hm.\nANSWER: 41"
    assert ran.finished.degraded is not None
    assert "most common answer" in ran.finished.degraded
    (restarted,) = [e for e in ran.events if isinstance(e, ev.AnswerRestarted)]
    assert ran.events.index(restarted) < max(i for i, e in enumerate(ran.events) if isinstance(e, ev.AnswerDelta))


async def test_a_reconciler_that_breaks_off_leaves_nothing_of_its_text() -> None:
    models = Scripted([ESSAY, ESSAY, ESSAY], reconcile=[TextChunk("Half an ans"), *broken("stream_cut")])
    ran = await run("contemplating", models, panel(agents=3))
    assert ran.finished.answer == "Rain is water that falls."


@pytest.mark.parametrize("survivor", range(5))
async def test_four_of_five_failing_still_answer_labelled(survivor: int) -> None:
    drafts = [A42 if i == survivor else broken() for i in range(5)]
    ran = await run("contemplating", Scripted(drafts))
    assert ran.finished.answer.endswith("42")
    assert (ran.finished.planned, ran.finished.survived) == (5, 1)
    assert ran.finished.degraded == "4 of 5 agents failed: It broke."


async def test_all_failing_is_one_typed_error() -> None:
    ran = await run("contemplating", Scripted([broken("rate_limit", "Too many requests.")]))
    assert ran.failed.error.kind == "rate_limit"
    assert ran.failed.error.message == "All 5 agents failed. Too many requests."


async def test_a_cut_or_refused_draft_does_not_vote() -> None:
    cut, refused = say("ANSWER: 41", finish="length"), say("ANSWER: 41", finish="filtered")
    ran = await run("contemplating", Scripted([cut, refused, cut, A42, A42]), panel(quorum=5))
    assert ran.finished.answer.endswith("42")
    last = [e for e in ran.events if isinstance(e, ev.Agreement)][-1]
    assert [(c.answer, c.weight) for c in last.clusters] == [("42", 2.0)]
    assert ran.finished.survived == 2


async def test_only_cut_drafts_are_better_than_nothing() -> None:
    ran = await run("contemplating", Scripted([say("Short", finish="length"), say("A longer one", finish="length")]))
    assert ran.finished.method == "fallback"
    assert ran.finished.answer == "A longer one"
    assert ran.finished.degraded


async def test_agreement_is_told_each_time_a_draft_lands() -> None:
    ran = await run("contemplating", Scripted([A42, broken(), A41, A42, A42]), panel(quorum=5, reconcile="synthesize"))
    told = [e for e in ran.events if isinstance(e, ev.Agreement)]
    assert [e.outstanding for e in told] == [4, 3, 2, 1, 0]
    assert sum(c.weight for c in told[-1].clusters) == 4


@pytest.mark.parametrize("problem", ["not_found", "auth"])
async def test_a_panel_that_cannot_be_called_is_told_before_anything_is_spent(problem: ev.ErrorKind) -> None:
    models = Scripted([A42], missing={"lab/two": Error(problem, "lab/two cannot be called.", "Set its key.")})
    ran = await run("contemplating", models, panel(panel=("lab/one", "lab/two")))
    assert ran.failed.error.kind == problem
    assert models.calls == []


@pytest.mark.parametrize("agents", [0, 65, -1])
async def test_an_impossible_number_of_agents_is_an_error(agents: int) -> None:
    ran = await run("contemplating", Scripted([A42]), panel(agents=agents))
    assert "1 to 64" in ran.failed.error.hint


@pytest.mark.parametrize("agents", [1, 2, 64])
async def test_any_number_of_agents_from_one_to_64(agents: int) -> None:
    ran = await run("contemplating", Scripted([A42]), panel(agents=agents))
    assert ran.finished.planned == agents
    assert ran.finished.answer.endswith("42")


async def test_a_mixed_panel_gives_stragglers_grace() -> None:
    late = [Gate("never"), *A41]
    models = Scripted([A42, ESSAY, A41, [TextChunk("Hm"), Stall()], late])
    settings = panel(panel=("lab/one", "lab/two"), grace=0.05)
    ran = await run("contemplating", models, settings)
    assert {e.reason for e in ran.events if isinstance(e, ev.AgentCancelled)} == {"its time of grace was over"}
    assert ran.finished.survived == 3


async def test_a_mixed_panel_waits_for_all_within_grace() -> None:
    late = [Gate("a"), *A42]
    models = Scripted([A42, A41, A40, [Open("a"), *A41], late])
    ran = await run("contemplating", models, panel(panel=("lab/one", "lab/two"), grace=20.0))
    assert ran.finished.survived == 5


async def test_models_that_take_no_sampling_get_hints_instead() -> None:
    infos = {"lab/one": ModelInfo(model="lab/one", sampling=False)}
    ran = await run("contemplating", Scripted([ESSAY], infos=infos), panel(quorum=5))
    drafts = [c.call for c in ran.models.calls if c.role == "draft"]
    assert all(call.temperature is None for call in drafts)
    assert len({call.messages[-1].text for call in drafts}) == 5
    started = ran.events[0]
    assert isinstance(started, ev.RunStarted)
    assert len({slot.hint for slot in started.plan.slots}) == 5


async def test_a_member_of_a_panel_has_its_own_temperature_and_effort() -> None:
    infos = {"lab/deep": ModelInfo(model="lab/deep", reasons=True, efforts=("low", "high"), sampling=False)}
    members = (Member(model=MODEL, temperature=1.1), Member(model="lab/deep", effort="high"), MODEL)
    models = Scripted([A42], infos=infos)
    await run("contemplating", models, panel(agents=3, panel=members))
    asked = {c.call.model + str(c.call.temperature): c.call.effort for c in models.calls}
    assert asked == {"lab/one1.1": None, "lab/deepNone": "high", "lab/one0.7": None}


async def test_the_plan_bounds_tokens_and_cost() -> None:
    ran = await run("contemplating", Scripted([A42, A41, A40]))
    started = ran.events[0]
    assert isinstance(started, ev.RunStarted)
    plan = started.plan
    assert (plan.quorum, plan.reconcile, plan.seed, len(plan.slots)) == (3, "auto", 7, 5)
    assert plan.max_tokens is not None
    assert plan.max_cost is not None
    usage, cost = ran.finished.usage, ran.finished.cost
    assert usage.output_tokens is not None
    assert cost is not None
    assert usage.output_tokens <= plan.max_tokens
    assert cost <= plan.max_cost


async def test_a_second_round_sees_notes_and_no_draft() -> None:
    models = Scripted(
        [say(f"Try {i}.\nANSWER: {i}") for i in range(10)], distil=say('{"consensus": ["it is a number"]}')
    )
    ran = await run("contemplating", models, panel(agents=3, rounds=2))
    later = [c.call for c in ran.models.calls if c.role == "draft"][3:]
    assert len(later) == 3
    for call in later:
        assert "it is a number" in call.messages[-1].text
        assert "Try " not in call.messages[-1].text
    assert ran.finished.planned == 6


async def test_a_deadline_during_drafting_settles_on_what_landed() -> None:
    settings = Settings(contemplating=Contemplating(agents=3), timeouts=Timeouts(run=2.0))
    ran = await run("contemplating", Scripted([A42, [Stall()], [Stall()]]), settings)
    assert ran.finished.answer.endswith("42")


async def test_a_deadline_during_reconciling_falls_back() -> None:
    settings = Settings(contemplating=Contemplating(agents=3), timeouts=Timeouts(run=2.0))
    ran = await run("contemplating", Scripted([ESSAY], reconcile=[TextChunk("Well, "), Stall()]), settings)
    assert ran.finished.method == "fallback"
    assert ran.finished.answer == "Rain is water that falls."


async def test_a_deadline_with_nothing_landed_fails() -> None:
    settings = Settings(contemplating=Contemplating(agents=3), timeouts=Timeouts(run=0.2))
    ran = await run("contemplating", Scripted([[TextChunk("Hm"), Stall()]]), settings)
    assert ran.failed.error.kind == "timeout"


async def test_cancelling_in_mid_reconciling_keeps_the_partial_answer() -> None:
    models = Scripted([ESSAY], reconcile=[TextChunk("Half an answer"), Open("there"), Stall()])
    ctx, events = context(models)

    async def press_escape() -> None:
        await models.gate("there").wait()
        ctx.cancel("the user pressed Esc")

    end: ev.Terminal | None = None
    async with anyio.create_task_group() as group:
        group.start_soon(press_escape)
        end = await conduct(base.get("contemplating"), ctx)
    check(Ran(events, models))
    assert isinstance(end, ev.RunCancelled)
    assert end.partial == "Half an answer"
    assert end.reason == "the user pressed Esc"


@pytest.mark.parametrize("depth", [300, 900, 100_000])
def test_a_workspace_that_opens_brackets_without_an_end_is_kept_as_text(depth: int) -> None:
    for nested in ("[" * depth + "]" * depth, "[" * depth):
        lists = parse_workspace(f'{{"unique": [{nested}]}}')
        assert any(lists.values())
