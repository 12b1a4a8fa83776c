"""Each provider as it is on the wire: what it is sent suits it, and what it sends comes out the same."""

import msgspec
import pytest

from chatmodes.messages import assistant, system, user
from tests.fake import Fake
from tests.fake.chunks import tokens_of
from tests.fake.dialects import DIALECTS, THOUGHT
from tests.providers.calls import ask, endpoint, providers

pytestmark = pytest.mark.anyio
HOSTED = [name for name, dialect in DIALECTS.items() if dialect.key]
SHOWN = {name for name, dialect in DIALECTS.items() if dialect.field != "hidden" and dialect.reasons != "never"}


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every provider has a key of its own."""
    from chatmodes.providers.known.profiles import load_profiles

    for name, profile in load_profiles().items():
        if profile.key_variables:
            monkeypatch.setenv(profile.key_variables[0], f"key-of-{name}")


def model_of(provider: str) -> str:
    from chatmodes.providers.known.profiles import load_profiles

    profile = load_profiles()[provider]
    return f"{provider}/{profile.reasoning or profile.fast or 'some-model'}"


@pytest.mark.parametrize("provider", DIALECTS)
async def test_a_plain_call_needs_one_request(fake: Fake, provider: str) -> None:
    conversation = (system("Be brief."), user("Hello"), assistant("Hello."), user("What is 2+2?"))
    async with providers(fake) as gateway:
        told = await ask(gateway, model_of(provider), conversation, max_tokens=500, temperature=0.7)
    assert (told.outcome, told.text) == ("stop", f"Hello from {provider}.")
    assert len(fake.chats) == 1
    sent = fake.chats[0]
    assert [m["content"] for m in sent.messages] == ["Be brief.", "Hello", "Hello.", "What is 2+2?"]
    assert {"n", "top_p"}.isdisjoint(sent.fields)


@pytest.mark.parametrize("provider", DIALECTS)
async def test_asked_to_reason_it_reasons_where_it_can_be_told(fake: Fake, provider: str) -> None:
    async with providers(fake) as gateway:
        told = await ask(gateway, model_of(provider), reason=True)
        info = gateway.describe(model_of(provider))
    assert (told.outcome, told.text) == ("stop", f"Hello from {provider}.")
    assert len(fake.chats) == 1
    if provider in SHOWN and info.reasons:
        assert told.reasoning == THOUGHT


@pytest.mark.parametrize("provider", DIALECTS)
async def test_asked_not_to_reason_it_is_still_one_request(fake: Fake, provider: str) -> None:
    async with providers(fake) as gateway:
        told = await ask(gateway, model_of(provider), reason=False)
        profile, name = gateway.profile(model_of(provider))
    assert told.outcome == "stop"
    assert len(fake.chats) == 1
    if not profile.traits(name).always_reasons:
        assert told.reasoning == ""


@pytest.mark.parametrize("provider", DIALECTS)
async def test_usage_counts_reasoning_as_output(fake: Fake, provider: str) -> None:
    async with providers(fake) as gateway:
        told = await ask(gateway, model_of(provider), "What is 2+2?", reason=True)
    assert told.finished
    usage = told.finished.usage
    assert usage.input_tokens == 3
    assert usage.output_tokens is not None
    if provider == "anthropic":  # which counts its thinking as output and does not tell it apart
        assert usage.reasoning_tokens is None
        assert usage.output_tokens == tokens_of(f"Hello from {provider}.") + tokens_of(THOUGHT)
    else:
        assert usage.reasoning_tokens is not None
        assert usage.output_tokens == tokens_of(f"Hello from {provider}.") + usage.reasoning_tokens


@pytest.mark.parametrize("provider", HOSTED)
async def test_a_wrong_key_is_said_in_every_shape(fake: Fake, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from chatmodes.providers.known.profiles import load_profiles

    variable = load_profiles()[provider].key_variables[0]
    monkeypatch.setenv(variable, "wrong")
    async with providers(fake) as gateway:
        told = await ask(gateway, model_of(provider))
    assert told.outcome == "auth"
    assert told.error
    assert "Incorrect API key provided" in told.error.message
    assert variable in told.error.hint


@pytest.mark.parametrize("provider", DIALECTS)
async def test_an_endpoint_without_a_profile_gets_what_everybody_takes(fake: Fake, provider: str) -> None:
    """The safe defaults at each provider's address: at most a request more than with its profile."""
    async with endpoint(fake) as gateway:
        at = msgspec.structs.replace(gateway.profiles["endpoint"], base_url=fake.like(provider))
        gateway.profiles["endpoint"] = at
        first = await ask(gateway, "endpoint/some-model", (system("Be brief."), user("Hello")), max_tokens=500)
        requests = len(fake.chats)
        second = await ask(gateway, "endpoint/some-model", (system("Be brief."), user("Hello")), max_tokens=500)
    assert (first.outcome, second.outcome) == ("stop", "stop")
    assert requests <= 2
    assert len(fake.chats) == requests + 1, "what an endpoint does not take is remembered"


async def test_an_effort_is_sent_where_the_model_has_it(fake: Fake) -> None:
    async with providers(fake) as gateway:
        await ask(gateway, "openai/gpt-6.1-sol", effort="low")
        await ask(gateway, "openai/gpt-6.1-sol", effort="enormous")
        await ask(gateway, "openrouter/openai/gpt-6.1-sol", effort="low")
    low, none, nested = fake.chats
    assert low.fields["reasoning"] == {"effort": "low", "summary": "auto"}
    assert none.fields["reasoning"] == {"summary": "auto"}
    assert nested.fields["reasoning"] == {"enabled": True, "effort": "low"}


async def test_a_field_that_is_turned_down_is_left_out_and_stays_out(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with providers(fake) as gateway:
        # A model newer than its profile: it refuses what the profile believes in.
        profile = gateway.profiles["openai"]
        old = msgspec.structs.replace(profile.defaults, dialect="chat", max_tokens_field="max_tokens", sampling=True)
        gateway.profiles["openai"] = msgspec.structs.replace(profile, defaults=old, models={})
        first = await ask(gateway, "openai/gpt-9", max_tokens=50, temperature=0.5)
        count = len(fake.chats)
        second = await ask(gateway, "openai/gpt-9", max_tokens=50, temperature=0.5)
    assert first.outcome == second.outcome == "stop"
    assert len(fake.chats) == count + 1
    last = fake.chats[-1].fields
    assert last["max_completion_tokens"] == 50
    assert {"max_tokens", "temperature"}.isdisjoint(last)


async def test_a_complaint_about_nothing_optional_is_not_tried_again(fake: Fake) -> None:
    async with endpoint(fake) as gateway:
        told = await ask(gateway, "endpoint/fault:400", max_tokens=50)
    assert told.outcome == "bad_request"
    assert len(fake.chats) == 1


async def test_a_price_is_known_zero_or_unknown_and_never_a_guess(fake: Fake) -> None:
    async with providers(fake) as gateway:
        billed = await ask(gateway, "openai/gpt-6-luna")
        own = await ask(gateway, "ollama/qwen3")
        unheard_of = await ask(gateway, "openai/gpt-nobody-knows")
    assert billed.finished
    assert billed.finished.cost
    assert own.finished
    assert own.finished.cost == 0
    assert unheard_of.finished
    assert unheard_of.finished.cost is None
