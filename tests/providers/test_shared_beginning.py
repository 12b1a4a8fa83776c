"""Agents that share a beginning: one has it kept, the others read it, and nobody waits for what never comes."""

import anyio
import msgspec
import pytest

from chatmodes.messages import Message, Text, system, user
from chatmodes.providers.beginnings import Beginnings
from chatmodes.providers.gateway import Gateway
from tests.fake import Fake, caching
from tests.fake.chunks import prose
from tests.providers.calls import Told, ask, providers

pytestmark = pytest.mark.anyio
LONG = prose(6000)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key")
    caching.reset()


def asked(agent: int, text: str = LONG) -> tuple[Message, ...]:
    return (system("Be brief."), user(text), Message("user", (Text("Why?"), Text(f"\n\nTry way {agent}."))))


async def together(gateway: Gateway, count: int, model: str = "cached:ttft=0.2", text: str = LONG) -> list[Told]:
    told: list[Told] = []

    async def one(agent: int) -> None:
        told.append(await ask(gateway, f"anthropic/{model}", asked(agent, text), cache_key="run"))

    async with anyio.create_task_group() as agents:
        for agent in range(count):
            agents.start_soon(one, agent)
    return told


async def test_one_agent_writes_and_the_others_read(fake: Fake) -> None:
    async with providers(fake) as gateway:
        told = await together(gateway, 4)
    counts = [each.finished.usage for each in told if each.finished]
    assert len(counts) == 4
    assert sorted((usage.cached_tokens or 0) > 6000 for usage in counts) == [False, True, True, True]
    assert sum((usage.cache_write_tokens or 0) > 6000 for usage in counts) == 1
    assert sum(bool(each.waits) for each in told) == 3
    assert all("beginning" in wait.cause for each in told for wait in each.waits)


async def test_short_prompts_and_cheap_caches_wait_for_nobody(fake: Fake) -> None:
    async with providers(fake) as gateway:
        short = await together(gateway, 3, text="Hi.")
        profile = gateway.profiles["anthropic"]
        cheap = msgspec.structs.replace(profile.defaults, cache_write=1.0)
        gateway.profiles["anthropic"] = msgspec.structs.replace(profile, defaults=cheap, models={})
        free = await together(gateway, 3)
    assert not [wait for each in (*short, *free) for wait in each.waits]


async def test_a_first_agent_that_fails_keeps_nobody_waiting(fake: Fake) -> None:
    async with providers(fake) as gateway:
        told = await together(gateway, 3, "fault:401")
    assert [each.outcome for each in told] == ["auth"] * 3


async def test_a_first_agent_that_hangs_is_waited_for_a_little(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmodes.providers.beginnings.PATIENCE", 0.1)
    async with providers(fake) as gateway:
        profile = msgspec.structs.replace(gateway.profiles["anthropic"], first_token=0.5)
        gateway.profiles["anthropic"] = profile
        told = await together(gateway, 3, "hang")
    assert [each.outcome for each in told] == ["timeout"] * 3
    assert len(fake.chats) == 3


async def test_what_is_remembered_is_bounded() -> None:
    beginnings = Beginnings()
    for number in range(1000):
        async with beginnings.writing(("url", "model", str(number))) as mine:
            assert mine
            mine.written.set()
    assert not beginnings.is_writing(("url", "model", "999"))
    assert len(beginnings._known) <= 256  # pyright: ignore[reportPrivateUsage]
