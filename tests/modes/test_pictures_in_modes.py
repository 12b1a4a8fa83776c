"""Every agent of a run sees the picture, the reconciler too; one that is refused is named once in the whole run."""

import json

import pytest

from chatmodes import events as ev
from chatmodes.messages import Image, user
from chatmodes.modes import base
from chatmodes.modes.context import RunContext
from chatmodes.modes.run import conduct
from chatmodes.providers.dialects.media import base64_of
from chatmodes.providers.gateway import open_gateway
from chatmodes.settings import Settings
from tests.fake import Fake, Wire
from tests.fake.scenarios import Name, stream

pytestmark = pytest.mark.anyio
CONTENT = b"\x89PNG\r\n\x1a\n and more"
PICTURE = Image("photo.png", "image/png", "hash", 300, 200, len(CONTENT), CONTENT)
SAID = (
    "A red bicycle leans against a wall of old bricks, and its bell shines.",
    "Two dogs are running over wet sand towards the evening light.",
    "The plate holds three pears, one of which has been bitten into.",
    "Snow lies on the roofs of a village with a single lit window.",
    "A woman reads a newspaper on a bench below a lime tree.",
)


async def run(fake: Fake, mode: str) -> ev.RunFinished:
    events: list[ev.AnyEvent] = []
    settings = Settings()
    async with open_gateway(settings, fake.url) as gateway:
        ctx = RunContext(
            run="r1",
            models=gateway,
            settings=settings,
            model="endpoint/m",
            path=(user("Describe what you see, in one sentence.", [PICTURE]),),
            system="",
            sink=events.append,
            seed=1,
        )
        await conduct(base.get(mode), ctx)
    assert not [event for event in events if isinstance(event, ev.AgentFailed)], "no agent beside others is lost to it"
    (end,) = [event for event in events if isinstance(event, ev.RunFinished)]
    return end


def shown(body: object) -> bool:
    return base64_of(CONTENT) in json.dumps(body)


@pytest.mark.parametrize("mode", ["instant", "thinking", "contemplating"])
async def test_every_call_of_a_run_shows_it(fake: Fake, mode: str) -> None:
    calls = iter(range(1000))

    async def script(wire: Wire) -> None:
        await stream(wire, Name("m"), SAID[next(calls) % len(SAID)])

    fake.scripts["m"] = script
    end = await run(fake, mode)
    assert end.answer
    assert not end.degraded
    least = 4 if mode == "contemplating" else 1  # three drafts are enough where others are late, and a reconciler
    assert len(fake.chats) >= least
    assert all(shown(chat.fields) for chat in fake.chats)


@pytest.mark.parametrize("mode", ["instant", "thinking", "contemplating"])
async def test_a_refused_one_is_named_once_and_the_run_goes_on(fake: Fake, mode: str) -> None:
    calls = iter(range(1000))

    async def script(wire: Wire) -> None:
        if shown(wire.request.fields):
            await wire.reply(400, {"error": {"message": "Image is too large."}})
        else:
            await stream(wire, Name("m"), SAID[next(calls) % len(SAID)])

    fake.scripts["m"] = script
    end = await run(fake, mode)
    assert end.answer
    assert end.degraded
    assert end.degraded.count("photo.png was left out") == 1
