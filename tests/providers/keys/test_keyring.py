"""A keyring that takes its time holds up nobody, and one that was locked is asked again with the next prompt."""

from collections.abc import Iterator

import anyio
import keyring
import pytest
from keyring.backend import KeyringBackend

from chatmodes import events as ev
from chatmodes.chat import open_chat
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.gateway import Gateway, open_gateway
from chatmodes.providers.keys import lookup as keys
from chatmodes.providers.keys import stores as key_stores
from chatmodes.settings import load
from chatmodes.store import open_store
from tests.fake import Fake
from tests.providers.keys.test_keys import Hung, Locked, Ring

pytestmark = pytest.mark.anyio
MODEL = "openai/gpt-6-luna"


@pytest.fixture(autouse=True)
def own_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No memory of what another test's keyring said, and the machine's own put back."""
    monkeypatch.setattr(keys, "_keyring", key_stores.Keyring())
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def use(ring: KeyringBackend) -> None:
    keyring.set_keyring(ring)


def refusal(gateway: Gateway) -> str:
    """Why the model cannot be called; empty where it can, as far as is known."""
    try:
        gateway.describe(MODEL)
    except ProviderError as error:
        return error.error.message
    return ""


async def test_describing_a_model_never_waits_for_the_keyring() -> None:
    ring = Hung()
    use(ring)
    async with open_gateway(load()) as gateway:
        assert refusal(gateway) == ""
        assert ring.asked == 0


async def test_the_loop_goes_on_while_the_keyring_is_asked() -> None:
    """The keyring answers only once the loop lets it: asked on the loop it would be given up on after 10 s."""
    ring = Hung()
    use(ring)
    async with open_gateway(load()) as gateway, anyio.create_task_group() as tasks:
        tasks.start_soon(gateway.prepare, [MODEL])
        with anyio.fail_after(30):
            while not ring.asked:
                await anyio.lowlevel.checkpoint()
        ring.release.set()
    assert "no key" in refusal(gateway).lower()


async def test_a_missing_key_is_said_before_a_panel_spends_anything(fake: Fake) -> None:
    use(Ring())
    settings = load({"contemplating": {"agents": 2, "panel": ["endpoint/echo", MODEL]}})
    with open_store(None) as store:
        async with (
            open_gateway(settings, fake.url) as gateway,
            open_chat(settings, gateway, store, choose=gateway.default_model) as chat,
        ):
            run = await chat.answer(await chat.add_prompt("Well?"), mode="contemplating")
            last = [event async for event in run.events][-1]
    assert isinstance(last, ev.RunFailed)
    assert last.error.kind == "auth"
    assert fake.chats == []


async def test_a_keyring_that_was_unlocked_is_asked_again_with_the_next_prompt() -> None:
    use(Locked())
    async with open_gateway(load()) as gateway:
        await gateway.prepare([MODEL])
        assert refusal(gateway)
        unlocked = Ring()
        unlocked.stored["chatmodes", "openai"] = "sk-1"
        use(unlocked)
        assert refusal(gateway), "five agents would wait five times"
        await gateway.prepare([MODEL])
        assert refusal(gateway) == ""
