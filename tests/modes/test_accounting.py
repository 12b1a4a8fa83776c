"""What a run used and why its agents were stopped, also where calls are cut off in the middle."""

import anyio
import pytest
from anyio.lowlevel import checkpoint
from msgspec.structs import replace

from chatmodes import events as ev
from chatmodes.evaluating.run import tokens_of
from chatmodes.folding import RunView, fold
from chatmodes.messages import user
from chatmodes.modes import base
from chatmodes.modes.run import conduct
from chatmodes.modes.stopping import FROM_OUTSIDE, Stop, why
from chatmodes.providers.calls import Call, Finished, ModelInfo, Retrying, Sent, TextChunk, Waiting
from chatmodes.providers.gateway import open_gateway
from chatmodes.settings import Contemplating, Settings, Timeouts, load
from tests.fake import Fake
from tests.modes.scripted import MODEL, Fail, Gate, Open, Scripted, Stall, Step, context, panel, say

pytestmark = pytest.mark.anyio
LIMITED = ev.Error("rate_limit", "Too fast.", "Wait.")


async def cancelled(*steps: Step) -> tuple[ev.AgentCancelled, ev.RunCancelled]:
    """An instant run, cancelled when its call stands at the end of these steps."""
    models = Scripted(judge=[*steps, Open("there"), Stall()])
    ctx, events = context(models)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(conduct, base.get("instant"), ctx)
        await models.gate("there").wait()
        ctx.cancel("enough")
    agent = next(event for event in events if isinstance(event, ev.AgentCancelled))
    assert isinstance(events[-1], ev.RunCancelled)
    return agent, events[-1]


async def test_a_call_cut_off_before_its_first_piece_is_unknown_and_not_free() -> None:
    agent, run = await cancelled()
    assert agent.usage == ev.Usage()
    assert (run.usage.input_tokens, run.usage.output_tokens, run.cost) == (None, None, None)


@pytest.mark.parametrize("step", [Waiting("a place"), Retrying(2, 9.0, LIMITED)])
async def test_a_call_that_was_not_sent_is_free(step: Waiting | Retrying) -> None:
    agent, run = await cancelled(step)
    assert (agent.usage, run.cost) == (ev.NO_USAGE, 0.0)
    agent, run = await cancelled(step, Sent())
    assert (agent.usage, run.cost) == (ev.Usage(), None)


async def test_what_was_seen_of_a_call_is_estimated_and_marked_to_the_table() -> None:
    agent, run = await cancelled(TextChunk("word " * 100))
    assert agent.usage.estimated
    assert run.usage.estimated
    assert agent.usage.output_tokens
    assert run.cost
    view = RunView()
    for event in (ev.RunStarted(run="r", at=0, mode="instant", prompt="", plan=ev.Plan(())),
                  ev.AgentStarted(run="r", at=0, agent="answer", role="answer", model=MODEL), agent, run):  # fmt: skip
        fold(view, event)
    assert tokens_of(view) == (agent.usage.output_tokens, True)


@pytest.mark.parametrize(
    ("kind", "usage"),
    [("rate_limit", ev.NO_USAGE), ("auth", ev.NO_USAGE), ("timeout", ev.Usage()), ("stream_cut", ev.Usage())],
)
async def test_a_call_that_failed_before_its_first_piece_is_free_only_where_nobody_read_it(
    kind: ev.ErrorKind, usage: ev.Usage
) -> None:
    ctx, events = context(Scripted(judge=[Fail(ev.Error(kind, "No."))]))
    end = await conduct(base.get("instant"), ctx)
    failed = next(event for event in events if isinstance(event, ev.AgentFailed))
    assert isinstance(end, ev.RunFailed)
    assert (failed.usage, end.cost) == (usage, 0.0 if usage == ev.NO_USAGE else None)


async def test_what_the_server_told_of_a_failed_call_counts() -> None:
    ctx, _ = context(Scripted(judge=[TextChunk("x"), Fail(ev.Error("stream_cut", "No."), ev.Usage(7, 9, 0, 0))]))
    end = await conduct(base.get("instant"), ctx)
    assert isinstance(end, ev.RunFailed)
    assert (end.usage.input_tokens, end.usage.output_tokens, end.usage.estimated) == (7, 9, False)
    assert end.cost == pytest.approx((7 * 1.0 + 9 * 2.0) / 1e6)


async def test_agents_stopped_by_the_vote_and_by_the_user_each_tell_their_reason() -> None:
    drafts = [say("ANSWER: 42"), say("ANSWER: 42"), say("ANSWER: 42"), [TextChunk("x"), Stall()], [Stall()]]
    ctx, events = context(Scripted(drafts=[drafts[-1], *drafts[:-1]]), panel(agents=5))
    await conduct(base.get("contemplating"), ctx)
    reasons = {event.reason for event in events if isinstance(event, ev.AgentCancelled)}
    assert reasons
    assert all("vote" in reason or "enough" in reason for reason in reasons)
    models = Scripted(drafts=[[Open("there"), Stall()]])
    ctx, events = context(models, panel(agents=2))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(conduct, base.get("contemplating"), ctx)
        await models.gate("there").wait()
        ctx.cancel("stopped by you")
    assert {event.reason for event in events if isinstance(event, ev.AgentCancelled)} == {"stopped by you"}


async def test_each_stop_tells_its_own_reason_and_the_outermost_counts() -> None:
    told: dict[str, str] = {}

    async def agent(name: str, stop: Stop) -> None:
        with stop:
            try:
                await anyio.sleep_forever()
            except anyio.get_cancelled_exc_class():
                told[name] = why()
                raise

    assert why() == FROM_OUTSIDE
    one, two, three = Stop(), Stop(), Stop()
    with Stop() as whole:
        async with anyio.create_task_group() as tasks:
            for name, stop in (("one", one), ("two", two), ("three", three)):
                tasks.start_soon(agent, name, stop)
            await anyio.wait_all_tasks_blocked()
            one.cancel("slow")
            one.cancel("a later reason")
            two.cancel("wrong")
            while len(told) < 2:
                await checkpoint()
            whole.cancel("all")
            three.cancel("at the same time")
    assert told == {"one": "slow", "two": "wrong", "three": "all"}
    with Stop("too late", seconds=0.0) as timed:
        await anyio.sleep_forever()
    assert timed.cancelled_caught
    assert timed.reason == "too late"


@pytest.mark.parametrize(
    ("mode", "first_token", "settings", "allowed"),
    [
        ("instant", None, Settings(), 300),
        ("instant", 900.0, Settings(), 300 + 780),
        ("instant", 60.0, Settings(), 300),
        ("instant", None, Settings(timeouts=Timeouts(first_token=600)), 300 + 480),
        ("contemplating", 900.0, Settings(contemplating=Contemplating(agents=2)), 300 + 2 * 780),
        ("instant", 900.0, Settings(timeouts=Timeouts(run=0)), float("inf")),
        ("instant", None, Settings(timeouts=Timeouts(first_token=0)), 300),
    ],
)
async def test_a_runs_time_holds_what_it_contains(
    mode: str, first_token: float | None, settings: Settings, allowed: float
) -> None:
    models = Scripted(infos={MODEL: ModelInfo(model=MODEL, first_token=first_token)})
    ctx, _ = context(models, settings)
    await conduct(base.get(mode), ctx)
    assert ctx.allowed == allowed
    assert ctx.deadline - anyio.current_time() <= allowed


async def test_a_profiles_own_patience_is_known_of_its_models(fake: Fake) -> None:
    async with open_gateway(load(), fake.url) as gateway:
        gateway.profiles["endpoint"] = replace(gateway.profiles["endpoint"], first_token=900.0)
        assert gateway.describe("endpoint/echo").first_token == 900.0


async def test_the_first_runs_clock_starts_when_what_makes_requests_is_imported() -> None:
    class Slow(Scripted):
        """Its importing takes as long as the test likes."""

        async def prepare(self, models: object) -> None:
            self.gate("preparing").set()
            await self.gate("prepared").wait()

    models = Slow(judge=[Gate("go"), *say("42")])
    ctx, events = context(models)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(conduct, base.get("instant"), ctx)
        await models.gate("preparing").wait()
        began = ctx.began
        models.gate("prepared").set()
        while not events:
            await checkpoint()
        assert ctx.began > began
        models.gate("go").set()
    assert isinstance(events[0], ev.RunStarted)
    assert [event.at for event in events] == sorted(event.at for event in events)


async def test_the_gateway_says_when_a_held_request_goes_out(fake: Fake) -> None:
    kinds: list[type] = []
    waiting = anyio.Event()
    async with open_gateway(load(), fake.url) as gateway, anyio.create_task_group() as tasks:
        gateway.profiles["endpoint"] = replace(gateway.profiles["endpoint"], concurrency=1)

        async def second() -> None:
            async with gateway.stream(Call(model="endpoint/echo", messages=(user("Hi"),))) as chunks:
                async for chunk in chunks:
                    kinds.append(type(chunk))
                    waiting.set()

        async with gateway.stream(Call(model="endpoint/hang:Hello", messages=(user("Hi"),))) as first:
            assert type(await anext(first)) is TextChunk, (
                "a request that waits for nothing is told of by its first piece"
            )
            tasks.start_soon(second)
            await waiting.wait()
    assert kinds[:2] == [Waiting, Sent]
    assert kinds[-1] is Finished
