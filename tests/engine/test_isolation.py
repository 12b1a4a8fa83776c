"""A key goes to its own provider and nowhere else, whatever else the environment holds."""

import pytest

from chatmodes.providers.known.profiles import load_profiles
from tests.engine.calls import ask, endpoint, providers
from tests.fake import Fake
from tests.fake.dialects import DIALECTS

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
        assert {part for part in whole.split("'") if "key-of-" in part} <= {f"Bearer key-of-{provider}"}
        assert not [name for name in request.headers if name.startswith(("x-stainless", "openai-"))]


async def test_an_endpoint_without_a_key_is_sent_none(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHATMODES_API_KEY")
    from chatmodes.providers.gateway import open_gateway
    from chatmodes.settings import load

    async with open_gateway(load(), fake.url) as gateway:
        told = await ask(gateway, "endpoint/echo")
    assert told.outcome == "stop"
    assert "authorization" not in fake.chats[0].headers


async def test_a_redirect_to_another_host_gets_no_key(fake: Fake) -> None:
    from tests.fake import Wire

    with Fake() as elsewhere:

        async def away(wire: Wire) -> None:
            await wire.reply(307, "", {"location": f"{elsewhere.url}/chat/completions"})

        fake.scripts["moved"] = away
        async with endpoint(fake) as gateway:
            await ask(gateway, "endpoint/moved", retry=False)
        assert fake.chats[0].headers["authorization"] == "Bearer key-of-the-endpoint"
        assert all("authorization" not in request.headers for request in elsewhere.requests)
