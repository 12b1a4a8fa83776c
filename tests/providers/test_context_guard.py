"""A conversation too long for its model is stopped before it is sent, and an answer's cap stays inside the window."""

from pathlib import Path

import pytest

from chatmodes.messages import Message, assistant, user
from chatmodes.providers.calls import Call, Finished, ProviderError
from chatmodes.providers.gateway import Gateway, open_gateway
from chatmodes.settings import load
from tests.fake import Fake

MODEL = "acme/echo"


@pytest.fixture
def acme(fake: Fake, home: Path) -> Fake:
    """A provider whose models have a window of 1000 tokens."""
    (home / "config").mkdir()
    (home / "config" / "providers.toml").write_text(
        f'[acme]\nbase_url = "{fake.url}"\nkey_needed = false\ndefaults = {{ context_window = 1000 }}\n'
    )
    return fake


def long(tokens: int) -> tuple[Message, ...]:
    """A conversation of about so many tokens, in turns of 100."""
    turn = "five " * 80
    return (*(role(turn) for _ in range(tokens // 200) for role in (user, assistant)), user("And now?"))


async def ask(gateway: Gateway, messages: tuple[Message, ...], max_tokens: int | None = 100) -> Finished:
    async with gateway.stream(Call(model=MODEL, messages=messages, max_tokens=max_tokens)) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Finished):
                return chunk
    raise AssertionError("no end")


async def test_what_cannot_fit_is_not_sent(acme: Fake) -> None:
    async with open_gateway(load()) as gateway:
        with pytest.raises(ProviderError) as caught:
            await ask(gateway, long(3000))
    error = caught.value.error
    assert error.kind == "context_length"
    assert "too long for acme/echo" in error.message
    assert "oldest" in error.hint
    assert acme.chats == []


async def test_what_fits_is_sent_with_a_cap_that_fits_too(acme: Fake) -> None:
    async with open_gateway(load()) as gateway:
        await ask(gateway, long(600), max_tokens=8192)
    [sent] = acme.chats
    assert 100 <= sent.fields["max_tokens"] < 500


async def test_the_servers_count_corrects_the_estimate(acme: Fake) -> None:
    async with open_gateway(load()) as gateway:
        before = gateway.gauge.estimate(MODEL, long(600))
        done = await ask(gateway, long(600))
        assert done.usage.input_tokens
        assert gateway.gauge.estimate(MODEL, long(600)) == pytest.approx(done.usage.input_tokens, rel=0.05)
        assert gateway.gauge.estimate(MODEL, long(600)) != before


async def test_a_window_nobody_knows_stops_nothing(fake: Fake) -> None:
    call = Call(model="endpoint/echo", messages=long(50_000))
    async with open_gateway(load(), base_url=fake.url) as gateway, gateway.stream(call) as chunks:
        assert [chunk async for chunk in chunks]
