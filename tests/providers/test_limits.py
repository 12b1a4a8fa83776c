"""Calls at one endpoint: no more at once than it takes, fewer after a 429, more again while it goes well."""

import anyio
import anyio.to_thread
import msgspec
import pytest

from chatmodes.providers.gateway import open_gateway
from chatmodes.providers.limits import Places
from chatmodes.providers.spreading import WIDTH
from chatmodes.settings import load
from tests.fake import Fake, Wire
from tests.fake.chunks import chunk
from tests.providers.calls import ask, endpoint

pytestmark = pytest.mark.anyio


async def test_no_more_calls_at_once_than_places_and_the_others_say_so(fake: Fake) -> None:
    under_way = most = 0

    async def busy(wire: Wire) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await wire.event(chunk({"content": "Hello"}))
        await anyio.sleep(0.02)
        under_way -= 1
        await wire.event(chunk({}, finish="stop"))

    fake.scripts["busy"] = busy
    async with endpoint(fake) as gateway:
        gateway.profiles["endpoint"] = msgspec.structs.replace(gateway.profiles["endpoint"], concurrency=2)
        told: list[str] = []
        waits = 0

        async def one() -> None:
            nonlocal waits
            result = await ask(gateway, "endpoint/busy")
            told.append(result.outcome)
            waits += len(result.waits)

        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(one)
    assert told == ["stop"] * 6
    assert most <= 2
    assert waits == 4


async def test_a_server_has_as_many_calls_at_once_as_askers_and_keeps_few_connections(fake: Fake) -> None:
    """Over several pools of connections, all but one of which are closed again."""
    together = anyio.to_thread.run_sync
    async with open_gateway(load(), fake.url, places=100) as gateway, anyio.create_task_group() as tasks:
        for _ in range(100):
            tasks.start_soon(ask, gateway, "endpoint/hang:So far")
        await together(fake.wait_until, lambda: len(fake.chats) == 100, 60)
        tasks.cancel_scope.cancel()
    await together(fake.wait_until, lambda: fake.open_connections == 0, 60)
    fake.forget()
    async with open_gateway(load(), fake.url, places=100) as gateway:
        async with anyio.create_task_group() as tasks:
            for _ in range(100):
                tasks.start_soon(ask, gateway, "endpoint/slow:tps=100,tokens=20")
        await together(fake.wait_until, lambda: fake.open_connections <= WIDTH, 60)
        assert (await ask(gateway, "endpoint/echo")).outcome == "stop"


async def test_after_a_429_agents_settle_at_what_the_endpoint_takes(fake: Fake) -> None:
    under_way = 0

    async def two_at_once(wire: Wire) -> None:
        nonlocal under_way
        if under_way >= 2:
            await wire.reply(429, {"error": {"message": "Too many requests"}}, {"retry-after": "0"})
            return
        under_way += 1
        try:
            await wire.event(chunk({"content": "Hello"}))
            await anyio.sleep(0.02)
            await wire.event(chunk({}, finish="stop"))
        finally:
            under_way -= 1

    fake.scripts["two"] = two_at_once
    async with endpoint(fake) as gateway:
        outcomes: list[str] = []

        async def one() -> None:
            outcomes.append((await ask(gateway, "endpoint/two")).outcome)

        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(one)
    assert outcomes == ["stop"] * 5


async def test_the_limit_falls_by_half_and_rises_by_one() -> None:
    places = Places(8)
    places.throttled(began=1.0)
    assert places.limit == 4
    places.throttled(began=1.0)
    assert places.limit == 4, "a burst counts once"
    for _ in range(5):
        places.succeeded()
    assert places.limit == 5
    for _ in range(100):
        places.succeeded()
    assert places.limit == 8


async def test_it_never_falls_below_one() -> None:
    import time

    places = Places(3)
    for _ in range(5):
        places.throttled(began=time.monotonic() + 1)
    assert places.limit == 1
    holder = object()
    assert places.try_take(holder)
    assert not places.try_take(object())
    places.give_back(holder)
