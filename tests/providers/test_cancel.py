"""Cancelling: the connection is closed at once, wherever the call stands."""

import anyio
import pytest

from chatmodes.messages import user
from chatmodes.providers.calls import Call, Retrying
from tests.fake import Fake
from tests.providers.calls import ask, endpoint

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("model", ["hang", "hang:Hello", "endless", "fault:keep-alive-forever"])
async def test_a_cancel_closes_the_connection(fake: Fake, model: str) -> None:
    async with endpoint(fake) as gateway:
        await gateway.warm()
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(ask, gateway, f"endpoint/{model}")
            await anyio.to_thread.run_sync(fake.wait_until, lambda: len(fake.chats) == 3)
            tasks.cancel_scope.cancel()
        await anyio.to_thread.run_sync(fake.wait_until, lambda: fake.open_connections == 0)
    assert all(request.cut for request in fake.chats)


async def test_leaving_early_closes_the_connection(fake: Fake) -> None:
    async with endpoint(fake) as gateway:
        async with gateway.stream(Call(model="endpoint/endless", messages=(user("Go on."),))) as chunks:
            async for _ in chunks:
                break
        await anyio.to_thread.run_sync(fake.wait_until, lambda: fake.open_connections == 0)


async def test_a_cancel_ends_the_wait_before_another_attempt(fake: Fake) -> None:
    async with endpoint(fake) as gateway:
        call = Call(model="endpoint/fault:429-after-1", messages=(user("Hello"),))
        with anyio.fail_after(60):
            async with gateway.stream(call) as chunks:
                async for chunk in chunks:
                    assert isinstance(chunk, Retrying)
                    break
    assert len(fake.chats) == 1


async def test_a_finished_call_leaves_its_connection_for_the_next(fake: Fake) -> None:
    async with endpoint(fake) as gateway:
        before = fake.connections
        for _ in range(3):
            assert (await ask(gateway, "endpoint/echo")).outcome == "stop"
        assert fake.connections == before + 1
