"""A key goes to its own provider and nowhere else, whatever else the environment holds."""

import pytest

from chatmodes.providers.known.profiles import load_profiles
from tests.fake import Fake, Wire
from tests.fake.dialects import DIALECTS
from tests.fake.scenarios import parse, stream
from tests.providers.calls import ask, endpoint, providers

pytestmark = pytest.mark.anyio

SECRETS = {
    "OPENAI_ORG_ID": "secret-organisation",
    "OPENAI_PROJECT_ID": "secret-project",
    "OPENAI_ADMIN_KEY": "secret-admin",
    "OPENAI_WEBHOOK_SECRET": "secret-webhook",
    "OPENAI_BASE_URL": "http://127.0.0.1:9/secret-address",
    "OPENAI_CUSTOM_HEADERS": "X-Secret: secret-header\nAuthorization: Bearer secret-bearer\nx-stainless-lang: secret",
}


@pytest.fixture(autouse=True)
def everything_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    for name, profile in load_profiles().items():
        for variable in profile.key_variables:
            monkeypatch.setenv(variable, f"key-of-{name}")


@pytest.mark.parametrize("provider", DIALECTS)
async def test_a_provider_sees_its_own_key_and_no_other_secret(fake: Fake, provider: str) -> None:
    async with providers(fake) as gateway:
        await ask(gateway, f"{provider}/some-model", max_tokens=5)
    assert fake.chats
    for request in fake.chats:
        whole = str(sorted(request.headers.items())) + request.body.decode()
        assert "secret" not in whole
        own = {f"Bearer key-of-{provider}", f"key-of-{provider}"}
        assert {part for part in whole.split("'") if "key-of-" in part} <= own
        assert not [name for name in request.headers if name.startswith(("x-stainless", "openai-"))]


async def test_an_endpoint_without_a_key_is_sent_none(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHATMODES_API_KEY")
    from chatmodes.providers.gateway import open_gateway
    from chatmodes.settings import load

    async with open_gateway(load(), fake.url) as gateway:
        told = await ask(gateway, "endpoint/echo")
    assert told.outcome == "stop"
    assert "authorization" not in fake.chats[0].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("provider", ["openai", "anthropic", "mistral"])
async def test_a_redirect_to_another_host_gets_nothing_at_all(fake: Fake, provider: str, status: int) -> None:
    with Fake() as elsewhere:

        async def away(wire: Wire) -> None:
            await wire.reply(status, "", {"location": f"{elsewhere.url}/chat/completions"})

        fake.scripts["moved"] = away
        async with providers(fake) as gateway:
            told = await ask(gateway, f"{provider}/moved", retry=False)
        assert len(fake.chats) == 1
        assert elsewhere.requests == []
    assert told.outcome == "bad_response"
    assert told.error
    assert elsewhere.url.removesuffix("/v1") in told.error.message
    assert "base_url" in told.error.hint


async def test_a_redirect_within_the_origin_is_followed_with_what_was_sent(fake: Fake) -> None:
    async def within(wire: Wire) -> None:
        await wire.reply(308, "", {"location": "/v1/elsewhere/chat/completions"})

    fake.scripts["echo"] = lambda wire: within(wire) if "elsewhere" not in wire.request.path else answer(wire)

    async def answer(wire: Wire) -> None:
        await stream(wire, parse("echo"), wire.request.question)

    async with endpoint(fake) as gateway:
        told = await ask(gateway, "endpoint/echo", "Hello there")
    assert (told.outcome, told.text) == ("stop", "Hello there")
    assert [request.method for request in fake.requests] == ["POST", "POST"]


async def test_redirects_in_a_circle_come_to_an_end(fake: Fake) -> None:
    async def within(wire: Wire) -> None:
        await wire.reply(307, "", {"location": wire.request.path})

    fake.scripts["round"] = within
    async with endpoint(fake) as gateway:
        told = await ask(gateway, "endpoint/round", retry=False)
    assert told.outcome == "bad_response"
    assert len(fake.chats) == 4


@pytest.mark.parametrize("location", ["http://[elsewhere/", "http://elsewhere:99999999/", "//["])
async def test_a_redirect_to_what_is_no_address_is_told(fake: Fake, location: str) -> None:
    async def nowhere(wire: Wire) -> None:
        await wire.reply(302, "", {"location": location})

    fake.scripts["nowhere"] = nowhere
    async with endpoint(fake) as gateway:
        told = await ask(gateway, "endpoint/nowhere")
    assert told.error
    assert (told.outcome, told.error.message.count("does not say where")) == ("bad_response", 1)
    assert len(fake.chats) == 1


async def test_a_redirect_to_nowhere_and_a_body_that_cannot_be_unpacked_are_told_once(fake: Fake) -> None:
    async def nowhere(wire: Wire) -> None:
        await wire.reply(302, "")

    async def packed(wire: Wire) -> None:
        await wire.reply(200, b"nothing that gzip made", {"content-encoding": "gzip"})

    fake.scripts |= {"nowhere": nowhere, "packed": packed}
    for name, words in (("nowhere", "does not say where"), ("packed", "cannot be unpacked")):
        async with endpoint(fake) as gateway:
            told = await ask(gateway, f"endpoint/{name}")
        assert told.error
        assert (told.outcome, told.error.message.count(words)) == ("bad_response", 1)
    assert len(fake.chats) == 2, "what cannot go better is not tried again"
