"""What holds for every run of Contemplating, with faults, delays and cancellations at random."""

from dataclasses import dataclass

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatmodes import events as ev
from chatmodes.modes import base
from chatmodes.modes.run import conduct
from chatmodes.providers.calls import Finished, ModelInfo, ReasoningChunk, TextChunk
from chatmodes.settings import Contemplating, Settings, Timeouts
from tests.modes.scripted import Pause, Ran, Scripted, Stall, Step, broken, check, context, say

pytestmark = pytest.mark.anyio

SECRETS = ("lab/one", "lab/two")


def after(turns: int, steps: list[Step]) -> list[Step]:
    """The steps with a pause in front and in the middle."""
    half = len(steps) // 2
    return [Pause(turns), *steps[:half], Pause(turns // 2), *steps[half:]]


DRAFT = st.one_of(
    st.sampled_from(["42", "41", "forty-two", "1/2", "Paris"]).map(lambda a: say(f"I, lab/one, think.\nANSWER: {a}")),
    st.just(say("An essay about rain, at some length.")),
    st.just(say("I was cut.\nANSWER: 13", finish="length")),
    st.just(say("I must not.\nANSWER: 13", finish="filtered")),
    st.just(say("")),
    st.just(say("", thought="Hm, hm, hm.", finish="length")),
    st.just(broken()),
    st.just([TextChunk("Half a dra"), *broken("stream_cut")]),
    st.just([ReasoningChunk("Hm"), TextChunk("I hang"), Stall()]),
    st.just([TextChunk("No usage.\nANSWER: 42"), Finished("stop", ev.Usage())]),
)
LATER = st.one_of(
    st.just(say("Reconciled.\nANSWER: 42")),
    st.just(say("")),
    st.just(broken()),
    st.just([TextChunk("Half an ans"), *broken("stream_cut")]),
    st.just(say("Cut off", finish="length")),
)


@dataclass
class Case:
    drafts: list[list[Step]]
    distil: list[Step]
    reconcile: list[Step]
    settings: Settings
    cancel_at: int | None
    outside: bool
    small: bool


@st.composite
def cases(draw: st.DrawFn) -> Case:
    agents = draw(st.integers(1, 7))
    drafts = [after(draw(st.integers(0, 12)), draw(DRAFT)) for _ in range(agents)]
    stalls = any(isinstance(step, Stall) for steps in drafts for step in steps)
    section = Contemplating(
        agents=agents,
        panel=draw(st.sampled_from([(), SECRETS])),
        quorum=draw(st.integers(0, 4)),
        reconcile=draw(st.sampled_from(["auto", "vote", "select", "synthesize"])),
        rounds=draw(st.integers(1, 2)),
        grace=0.0,
    )
    return Case(
        drafts,
        draw(st.one_of(st.just(say('{"unique": ["x"]}')), LATER)),
        draw(LATER),
        Settings(contemplating=section, timeouts=Timeouts(run=0.2 if stalls else 20.0)),
        draw(st.one_of(st.none(), st.integers(0, 40))),
        draw(st.booleans()),
        draw(st.booleans()),
    )


async def conducted(case: Case) -> Ran:
    infos = {name: ModelInfo(model=name, small=case.small, input_price=1.0, output_price=2.0) for name in SECRETS}
    models = Scripted(case.drafts, case.distil, case.reconcile, infos=infos)
    ctx, events = context(models, case.settings)
    outer = anyio.CancelScope()
    sink = ctx.sink

    def cancelling(event: ev.AnyEvent) -> None:
        sink(event)
        if case.cancel_at == len(events) - 1:
            if case.outside:
                outer.cancel()
            else:
                ctx.cancel("because")

    ctx.sink = cancelling
    with anyio.fail_after(60), outer:
        await conduct(base.get("contemplating"), ctx)
    return Ran(events, models)


@given(cases())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
async def test_every_run_keeps_its_promises(case: Case) -> None:
    ran = await conducted(case)
    check(ran)
    whatever_is_used_is_counted(ran)
    drafts_are_apart_and_judges_blind(ran)
    what_was_cut_did_not_vote(ran)
    cancelled = case.cancel_at is not None and case.cancel_at < len(ran.events) - 1
    whole = [e for e in ran.events if isinstance(e, ev.AgentFinished) and e.finish == "stop" and drafted(ran, e.agent)]
    if whole and not cancelled and case.settings.timeouts.run > 1:
        assert isinstance(ran.end, ev.RunFinished)
    if isinstance(ran.end, ev.RunFinished):
        lost = [e for e in ran.events if isinstance(e, ev.AgentFailed) and drafted(ran, e.agent)]
        assert not lost or ran.end.degraded
    if isinstance(ran.end, ev.RunCancelled):
        assert cancelled


def drafted(ran: Ran, agent: str) -> bool:
    return any(isinstance(e, ev.AgentStarted) and e.agent == agent and e.role == "draft" for e in ran.events)


def whatever_is_used_is_counted(ran: Ran) -> None:
    total, costs = ev.NO_USAGE, list[float | None]()
    for event in ran.events:
        if isinstance(event, ev.AgentFinished | ev.AgentFailed | ev.AgentCancelled):
            total += event.usage
        if isinstance(event, ev.AgentFinished):
            costs.append(event.cost)
    assert ran.end.usage == total
    if None in costs:
        assert ran.end.cost is None


def drafts_are_apart_and_judges_blind(ran: Ran) -> None:
    for recorded in ran.models.calls:
        asked = "\n".join(message.text for message in recorded.call.messages)
        if recorded.role == "draft":
            assert "An essay about rain" not in asked
            assert "I must not." not in asked
        assert not any(secret in asked for secret in SECRETS)


def what_was_cut_did_not_vote(ran: Ran) -> None:
    for event in ran.events:
        if isinstance(event, ev.Agreement):
            assert "13" not in [cluster.answer for cluster in event.clusters]


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=20, deadline=None)
async def test_a_run_repeats_with_its_seed(seed: int) -> None:
    async def once() -> tuple[str, str]:
        models = Scripted([say(f"Try {i}.") for i in range(5)])
        ctx, _ = context(models, Settings(contemplating=Contemplating(quorum=5)), seed=seed)
        await conduct(base.get("contemplating"), ctx)
        asked = {c.role: c.call.messages[-1].text for c in models.calls}
        return shape(asked["distil"]), shape(asked["reconcile"])

    assert (await once()) == (await once())


def shape(asked: str) -> str:
    """A judge's prompt without the drafts' texts, whose agents differ from run to run on trio."""
    return "\n".join(line for line in asked.splitlines() if line.startswith("<<<"))
