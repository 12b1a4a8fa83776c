"""The modes over the real gateway and the loopback server: every fault, closed sockets, simulated models."""

import asyncio
import math
import threading
from collections.abc import Callable

import anyio
import pytest

from chatmodes import events as ev
from chatmodes.events import AnyEvent
from chatmodes.messages import user
from chatmodes.modes import base
from chatmodes.modes.context import RunContext
from chatmodes.modes.run import conduct
from chatmodes.providers.gateway import open_gateway
from chatmodes.settings import Contemplating, Settings, Timeouts
from tests.fake import Fake, Wire
from tests.fake.faults import FAULTS
from tests.fake.scenarios import Name, stream
from tests.modes.contemplating.test_simulated_vote import ONE_BACKEND, binomial

pytestmark = pytest.mark.anyio
PATIENT = Settings()
HASTY = Settings(timeouts=Timeouts(connect=2, first_token=0.5, idle=0.5, run=6))


async def answered(
    fake: Fake,
    mode: str,
    model: str,
    prompt: str = "What is 20+22?",
    settings: Settings = PATIENT,
    told: Callable[[AnyEvent], None] | None = None,
) -> list[AnyEvent]:
    """The events of a run; each is `told` of as it comes."""
    events: list[AnyEvent] = []

    def sink(event: AnyEvent) -> None:
        events.append(event)
        if told is not None:
            told(event)

    async with open_gateway(settings, fake.url) as gateway:
        ctx = RunContext(
            run="r1",
            models=gateway,
            settings=settings,
            model=f"endpoint/{model}",
            path=(user(prompt),),
            system="",
            sink=sink,
            seed=1,
        )
        await conduct(base.get(mode), ctx)
    return events


def ends(events: list[AnyEvent]) -> list[AnyEvent]:
    return [e for e in events if isinstance(e, ev.RunFinished | ev.RunFailed | ev.RunCancelled)]


async def test_a_piece_that_was_passed_over_is_told_with_the_answer(fake: Fake) -> None:
    (end,) = ends(await answered(fake, "instant", "fault:bad-json"))
    assert isinstance(end, ev.RunFinished)
    assert end.degraded is not None
    assert "sent a piece that cannot be read, which was passed over" in end.degraded


@pytest.mark.parametrize("mode", [mode for mode in base.SHIPPED if mode != "auto"])
async def test_every_fault_ends_in_one_answer_or_one_clear_error(fake: Fake, mode: str) -> None:
    results: dict[str, list[AnyEvent]] = {}

    async def one(fault: str) -> None:
        results[fault] = await answered(fake, mode, f"fault:{fault}", settings=HASTY)

    async with anyio.create_task_group() as group:
        for fault in FAULTS:
            group.start_soon(one, fault)
    for fault, events in results.items():
        (end,) = ends(events)
        assert end is events[-1], fault
        if isinstance(end, ev.RunFinished):
            assert end.answer.strip(), fault
        else:
            assert isinstance(end, ev.RunFailed), fault
            assert end.error.message.endswith("."), fault
            assert end.error.hint, fault
        started = [e.agent for e in events if isinstance(e, ev.AgentStarted)]
        ended = [e.agent for e in events if isinstance(e, ev.AgentFinished | ev.AgentFailed | ev.AgentCancelled)]
        assert sorted(started) == sorted(ended), fault
    fake.wait_until(lambda: fake.open_connections == 0)


async def test_reasoning_alone_is_followed_by_asking_for_the_answer(fake: Fake) -> None:
    events = await answered(fake, "thinking", "fault:only-reasoning,times=1")
    end = events[-1]
    assert isinstance(end, ev.RunFinished)
    assert end.answer == "Hello after all."
    assert any(isinstance(e, ev.ReasoningDelta) for e in events)
    assert len(fake.chats) == 2


@pytest.mark.parametrize("mode", ["instant", "thinking", "contemplating"])
async def test_a_cancel_closes_every_socket(fake: Fake, mode: str) -> None:
    wanted = 5 if mode == "contemplating" else 1
    settings = Settings()
    async with open_gateway(settings, fake.url) as gateway, anyio.create_task_group() as group:
        events: list[AnyEvent] = []
        heard: set[str] = set()
        flowing = anyio.Event()

        def sink(event: AnyEvent) -> None:
            events.append(event)
            if isinstance(event, ev.TextDelta | ev.ReasoningDelta | ev.AnswerDelta):
                heard.add(event.agent if not isinstance(event, ev.AnswerDelta) else "the answer")
            if len(heard) >= wanted:
                flowing.set()

        ctx = RunContext("r1", gateway, settings, "endpoint/endless", (user("Go on."),), "", sink, 1)

        async def cancel() -> None:
            await flowing.wait()
            ctx.cancel("enough")

        group.start_soon(cancel)
        await conduct(base.get(mode), ctx)
        fake.wait_until(lambda: fake.open_connections == 0)
        assert [r.cut for r in fake.chats] == [True] * wanted
        assert isinstance(events[-1], ev.RunCancelled)


async def test_a_decided_vote_closes_the_sockets_of_the_rest(fake: Fake) -> None:
    """Three models agree; one that would never end is cut in both its drafts, and the answer waits for neither."""
    panel = tuple(f"endpoint/{model}" for model in ("one", "two", "three", "endless", "endless"))
    settings = Settings(contemplating=Contemplating(panel=panel))
    begun: set[str] = set()
    both = threading.Event()

    async def later(wire: Wire) -> None:
        # Once the others have begun, so that there is something to estimate of them.
        assert await asyncio.to_thread(both.wait, 60)
        await stream(wire, Name("later"), "ANSWER: 42")

    def told(event: AnyEvent) -> None:
        if isinstance(event, ev.TextDelta):
            begun.add(event.agent)
        if len(begun) == 2:
            both.set()

    fake.scripts.update(dict.fromkeys(("one", "two", "three"), later))
    events = await answered(fake, "contemplating", "say:ANSWER: 42", settings=settings, told=told)
    end = events[-1]
    assert isinstance(end, ev.RunFinished)
    assert end.answer == "ANSWER: 42"
    fake.wait_until(lambda: all(r.ended is not None for r in fake.chats))
    assert [r.model for r in fake.chats if r.cut] == ["endless", "endless"]
    cut = [e for e in events if isinstance(e, ev.AgentCancelled)]
    assert [e.reason for e in cut] == ["the others already decide the vote"] * 2
    assert end.usage.estimated
    finished = sum(e.usage.output_tokens or 0 for e in events if isinstance(e, ev.AgentFinished))
    assert end.usage.output_tokens == finished + sum(e.usage.output_tokens or 0 for e in cut)


@ONE_BACKEND
async def test_simulated_models_vote_like_the_binomial(anyio_backend: str, fake: Fake) -> None:
    questions, accuracy, right = 80, 0.7, 0
    settings = Settings(contemplating=Contemplating(quorum=5))
    async with open_gateway(settings, fake.url) as gateway:
        for number in range(questions):
            events: list[AnyEvent] = []
            model = f"endpoint/sim:accuracy={accuracy},wrong=1,seed=5"
            path = (user(f"What is {number} + {number + 1}?"),)
            ctx = RunContext("r1", gateway, settings, model, path, "", events.append, number)
            end = await conduct(base.get("contemplating"), ctx)
            assert isinstance(end, ev.RunFinished)
            assert end.method == "vote"
            right += end.answer.endswith(f"ANSWER: {2 * number + 1}")
    expected = binomial(5, accuracy)
    assert abs(right / questions - expected) < 3 * math.sqrt(expected * (1 - expected) / questions)


@pytest.mark.parametrize("model", ["some-model", "deepseek-r1-distill"])
@pytest.mark.parametrize("mode", ["instant", "thinking", "contemplating"])
async def test_what_stands_before_an_orphan_is_no_part_of_an_answer(fake: Fake, mode: str, model: str) -> None:
    async def script(wire: Wire) -> None:
        await stream(wire, Name(model), "20 and 22 make 41. Wait.\n</think>\n\nANSWER: 42")

    fake.scripts[model] = script
    events = await answered(fake, mode, model)
    (end,) = ends(events)
    assert isinstance(end, ev.RunFinished)
    assert "42" in end.answer
    assert "41" not in end.answer
    told = "".join(e.text for e in events if isinstance(e, ev.ReasoningDelta))
    assert "20 and 22 make 41. Wait." in told
    last = max((at for at, e in enumerate(events) if isinstance(e, ev.AnswerRestarted)), default=-1)
    answer = "".join(e.text for e in events[last + 1 :] if isinstance(e, ev.AnswerDelta))
    assert answer == end.answer
    drafts = [e.answer for e in events if isinstance(e, ev.AgentFinished) and e.agent != "answer"]
    assert set(drafts) <= {"42", None}
