"""Who has how many votes, when a vote is over, and what is told of one that is none."""

from collections.abc import Sequence

import pytest

from chatmodes import events as ev
from chatmodes.providers.calls import Finished, ModelInfo, TextChunk
from chatmodes.settings import Member, Settings, Timeouts
from tests.modes.scripted import (
    MODEL,
    Gate,
    Open,
    Script,
    Scripted,
    Stall,
    Step,
    broken,
    panel,
    run,
    say,
)

pytestmark = pytest.mark.anyio

SMALL = {MODEL: ModelInfo(model=MODEL, small=True, draft_temperature=0.3)}


def answer(number: object, working: str = "So.") -> list[Step]:
    return say(f"{working}\nANSWER: {number}")


def sure(number: object, logprob: float) -> list[Step]:
    """A draft with token probabilities."""
    text = f"So.\nANSWER: {number}"
    return [TextChunk(text, (logprob,) * 8), Finished("stop", ev.Usage(10, 8, 0, 0), 0.001)]


def in_order(*scripts: Script) -> list[list[Step]]:
    """Drafts of which each lands after the one before."""
    gated: list[list[Step]] = []
    for at, script in enumerate(scripts):
        *body, end = script
        gated.append([*([Gate(f"after{at - 1}")] if at else []), *body, end])
        if isinstance(end, Finished):
            gated[-1].insert(-1, Open(f"after{at}"))
    return gated


def agreements(events: Sequence[ev.AnyEvent]) -> list[ev.Agreement]:
    return [event for event in events if isinstance(event, ev.Agreement)]


# Weights


async def test_a_draft_with_false_arithmetic_counts_less() -> None:
    bad, good = "3 * 4 = 13, so it is 13.", "3 * 4 = 12, so it is 12."
    drafts = [answer(13, bad), answer(13, bad), answer(13, bad), answer(12, good), answer(12, good)]
    settings = panel(reconcile="vote", early_stop=False)
    ran = await run("contemplating", Scripted(drafts, infos=SMALL), settings)
    assert ran.finished.answer.endswith("12")
    assert ran.finished.method == "vote"
    (dissent,) = ran.finished.dissent
    assert (dissent.answer, len(dissent.agents)) == ("13", 3)
    assert dissent.reason.startswith("overruled: more drafts said this")


async def test_where_heads_and_evidence_disagree_a_model_able_to_judge_reads_the_drafts() -> None:
    bad, good = "3 * 4 = 13, so it is 13.", "3 * 4 = 12, so it is 12."
    drafts = [answer(13, bad), answer(13, bad), answer(13, bad), answer(12, good), answer(12, good)]
    ran = await run("contemplating", Scripted(drafts), panel(early_stop=False))
    assert ran.finished.method == "synthesis"


async def test_heads_are_counted_where_weights_are_turned_off() -> None:
    bad, good = "3 * 4 = 13, so it is 13.", "3 * 4 = 12, so it is 12."
    drafts = [answer(13, bad), answer(13, bad), answer(13, bad), answer(12, good), answer(12, good)]
    ran = await run("contemplating", Scripted(drafts), panel(reconcile="vote", weigh=False))
    assert ran.finished.answer.endswith("13")


async def test_of_the_drafts_that_agree_one_with_sound_arithmetic_is_shown() -> None:
    drafts = [answer(12, "3 * 4 = 13."), answer(12, "Three times four: 3 * 4 = 12."), answer(12, "3 * 4 = 13.")]
    ran = await run("contemplating", Scripted(drafts), panel(agents=3, early_stop=False))
    assert ran.finished.answer.startswith("Three times four")


PROMPT = "What is 6 times 7?"


@pytest.mark.parametrize("told", [True, False])
async def test_surer_drafts_win_a_vote_where_the_api_tells_probabilities(told: bool) -> None:
    infos = {MODEL: ModelInfo(model=MODEL, small=True, logprobs=told)}
    drafts = [sure(41, -0.9), sure(41, -0.9), sure(42, -0.01), sure(42, -0.01), sure(40, -0.9)]
    models = Scripted(drafts if told else [answer(n) for n in (41, 41, 42, 42, 40)], infos=infos)
    ran = await run("contemplating", models, panel(reconcile="vote"), prompt=PROMPT)
    assert {recorded.call.logprobs for recorded in models.calls} == {told}
    if told:
        assert ran.finished.answer.endswith("42")


@pytest.mark.parametrize(
    ("prompt", "changes"),
    [
        ("Why is the sky blue?", {}),
        (PROMPT, {"reconcile": "synthesize"}),
        (PROMPT, {"weigh": False}),
        (PROMPT, {"agents": 1}),
    ],
)
async def test_probabilities_are_asked_for_only_where_they_may_serve(prompt: str, changes: dict[str, object]) -> None:
    models = Scripted([answer(42)], infos={MODEL: ModelInfo(model=MODEL, logprobs=True)})
    await run("contemplating", models, panel(**changes), prompt=prompt)
    assert not any(recorded.call.logprobs for recorded in models.calls)


# Panels


async def test_a_models_weight_does_not_grow_with_its_places_in_the_turn() -> None:
    drafts = {"lab/one": [answer(1)], "lab/two": [answer(2)]}  # three places and two
    settings = panel(panel=("lab/one", "lab/two"), reconcile="vote")
    ran = await run("contemplating", Scripted(drafts), settings)
    weights = {cluster.answer: cluster.weight for cluster in agreements(ran.events)[-1].clusters}
    assert weights == pytest.approx({"1": 2.5, "2": 2.5})
    assert ran.finished.method != "vote"
    assert ran.finished.degraded is not None
    assert "divided evenly" in ran.finished.degraded


async def test_one_model_at_two_efforts_is_a_mixed_panel() -> None:
    infos = {MODEL: ModelInfo(model=MODEL, reasons=True, efforts=("low", "high"))}
    members = (Member(model=MODEL, effort="low"), Member(model=MODEL, effort="high"))
    essays: list[Script] = [say("Rain falls."), say("Rain is water."), say("Rain falls down.")]
    slow: Script = [Gate("late"), *say("Rain, on reflection, is weather.")]
    drafts = [essays[0], slow, [*essays[1][:-1], Open("late"), essays[1][-1]], slow, essays[2]]
    ran = await run("contemplating", Scripted(drafts, infos=infos), panel(panel=members, grace=15.0))
    assert ran.finished.survived == 5


@pytest.mark.parametrize("late_failure", [True, False])
async def test_grace_counts_from_what_can_still_come(late_failure: bool) -> None:
    fail: list[Step] = [Gate("in"), *broken()] if late_failure else broken()
    first = answer(1)
    drafts: list[Script] = [fail, [*first[:-1], Open("in"), first[-1]], fail, answer(2), [TextChunk("Hm"), Stall()]]
    settings = panel(panel=("lab/one", "lab/two"), grace=0.05)
    settings = Settings(contemplating=settings.contemplating, timeouts=Timeouts(run=0))
    ran = await run("contemplating", Scripted(drafts), settings)
    assert [e.reason for e in ran.events if isinstance(e, ev.AgentCancelled)] == ["its time of grace was over"]


async def test_open_drafts_of_one_model_are_enough_at_more_than_half_of_what_can_still_come() -> None:
    drafts: list[Script] = [broken(), broken(), say("Rain falls."), say("Rain is wet."), [Stall()]]
    ran = await run("contemplating", Scripted(drafts))
    assert [e.reason for e in ran.events if isinstance(e, ev.AgentCancelled)] == ["enough drafts are in"]


# Ties and lone answers


@pytest.mark.parametrize("order", [(41, 42, 41, 42, 40), (42, 41, 42, 41, 40), (40, 42, 42, 41, 41)])
async def test_a_tie_is_told_and_settled_by_the_better_evidence_and_not_by_who_came_first(
    order: tuple[int, ...],
) -> None:
    working = {41: "6 * 7 = 41.", 42: "6 * 7 = 42.", 40: "Hm."}
    drafts = in_order(*(answer(number, working[number]) for number in order))
    ran = await run("contemplating", Scripted(drafts), panel(reconcile="vote", early_stop=False))
    assert ran.finished.answer.endswith("42")
    assert ran.finished.method == "select"
    assert ran.finished.degraded == ("The drafts are divided evenly between 42 and 41; it has the better evidence.")


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0)])
async def test_a_tie_without_evidence_is_settled_by_what_the_drafts_have_in_common(order: tuple[int, ...]) -> None:
    said = [
        say("Cheese, if anything, comes to it.\nANSWER: 41"),
        say("A dozen sheep jumped over the fence.\nANSWER: 41"),
        say("Six sevens are forty-two, by the table.\nANSWER: 42"),
        say("By the table six sevens are forty-two.\nANSWER: 42"),
        say("Six sevens are something by the table.\nANSWER: 40"),
    ]
    drafts = in_order(*(said[at] for at in order))
    ran = await run("contemplating", Scripted(drafts), panel(reconcile="vote"))
    assert ran.finished.answer.endswith("42")
    assert ran.finished.degraded is not None
    assert "divided evenly between 42 and 41" in ran.finished.degraded


@pytest.mark.parametrize("changes", [{"reconcile": "vote"}, {}])
async def test_five_lone_answers_are_no_vote(changes: dict[str, object]) -> None:
    drafts = [answer(number, f"6 * 7 = {number}.") for number in (40, 41, 42, 43, 44)]
    ran = await run("contemplating", Scripted(drafts, infos=SMALL), panel(**changes))
    assert ran.finished.method == "select"
    assert ran.finished.answer.endswith("42")
    assert ran.finished.degraded == "No two drafts gave the same answer; this is the one with the best evidence."


async def test_a_draft_that_stands_alone_against_false_arithmetic_is_told_as_that() -> None:
    bad = "3 * 4 = 13, so it is 13."
    drafts = [answer(13, bad), answer(12, "3 * 4 = 12."), answer(13, bad)]
    ran = await run("contemplating", Scripted(drafts, infos=SMALL), panel(agents=3, early_stop=False))
    assert (ran.finished.answer[-2:], ran.finished.method) == ("12", "select")
    assert ran.finished.degraded == "This draft stands alone; those that agree have worse evidence."


async def test_the_one_draft_that_survived_is_no_vote() -> None:
    ran = await run("contemplating", Scripted([answer(42), broken(), broken(), broken(), broken()]))
    assert ran.finished.method == "select"
    assert ran.finished.degraded == "4 of 5 agents failed: It broke."


# When it is over


async def test_a_majority_of_the_first_three_is_no_end_while_it_can_be_overtaken() -> None:
    drafts = in_order(answer(41), answer(42), answer(41), answer(42), answer(42))
    ran = await run("contemplating", Scripted(drafts))
    assert ran.finished.survived == 5
    assert ran.finished.answer.endswith("42")


async def test_what_is_still_out_may_be_as_sure_as_the_surest() -> None:
    infos = {MODEL: ModelInfo(model=MODEL, small=True, logprobs=True)}
    drafts = in_order(sure(41, -0.5), sure(41, -0.5), sure(40, -0.1), sure(42, -0.5), sure(42, -0.1))
    ran = await run("contemplating", Scripted(drafts, infos=infos), panel(reconcile="vote"), prompt=PROMPT)
    assert ran.finished.survived == 5


async def test_a_lead_of_marks_that_others_may_still_void_is_waited_for() -> None:
    """Two of three drafts mark 42; if the last two mark nothing, the question has no short answer."""
    drafts = in_order(
        answer(42), answer(42), say("The answer is 42."), say("It depends on much."), say("It depends on many things.")
    )
    ran = await run("contemplating", Scripted(drafts))
    assert ran.finished.survived > 3
    assert ran.finished.method == "synthesis"


async def test_without_an_early_stop_every_draft_ends() -> None:
    late = [Gate("late"), *answer(42)]
    first = answer(42)
    drafts: list[Script] = [answer(42), answer(42), answer(42), [*first[:-1], Open("late"), first[-1]], late]
    ran = await run("contemplating", Scripted(drafts), panel(early_stop=False))
    assert ran.finished.survived == 5


@pytest.mark.parametrize(
    ("numbers", "drafted"), [((42, 42, 42, 41, 41), 3), ((42, 41, 42, 42, 41), 5), ((40, 41, 42, 42, 42), 5)]
)
async def test_where_tokens_matter_three_drafts_come_first_and_two_more_where_they_differ(
    numbers: tuple[int, ...], drafted: int
) -> None:
    models = Scripted([answer(number) for number in numbers])
    ran = await run("contemplating", models, panel(spend="tokens"))
    assert len(models.calls) == drafted
    assert ran.finished.planned == drafted
    assert ran.finished.answer.endswith("42")
    assert [told.outstanding for told in agreements(ran.events)][:3] == [4, 3, 2]


async def test_where_tokens_matter_open_drafts_are_enough_at_three() -> None:
    models = Scripted([say("Rain falls.")])
    await run("contemplating", models, panel(spend="tokens", reconcile="select"))
    assert sum(recorded.role == "draft" for recorded in models.calls) == 3


async def test_where_tokens_matter_a_wave_that_failed_is_followed_by_the_next() -> None:
    models = Scripted([broken(), broken(), broken(), answer(42), answer(42)])
    ran = await run("contemplating", models, panel(spend="tokens"))
    assert ran.finished.answer.endswith("42")
    assert ran.finished.planned == 5


# Temperature


@pytest.mark.parametrize(("agents", "temperature"), [(3, 0.3), (5, 0.3), (7, 0.3), (9, 0.7), (16, 0.7)])
async def test_a_panel_is_cool_up_to_seven_and_warmer_from_nine(agents: int, temperature: float) -> None:
    models = Scripted([answer(42)], infos=SMALL)
    await run("contemplating", models, panel(agents=agents))
    assert {recorded.call.temperature for recorded in models.calls} == {temperature}


async def test_a_members_own_temperature_and_a_models_refusal_stand() -> None:
    infos = {MODEL: ModelInfo(model=MODEL, sampling=False, draft_temperature=None)}
    models = Scripted([answer(42)], infos=infos)
    await run("contemplating", models, panel(agents=9))
    assert {recorded.call.temperature for recorded in models.calls} == {None}
    models = Scripted([answer(42)], infos=SMALL)
    await run("contemplating", models, panel(agents=9, panel=(Member(model=MODEL, temperature=0.1),)))
    assert {recorded.call.temperature for recorded in models.calls} == {0.1}
