"""The official SDK at the same fakes: what it reads the gateway reads, and where it is silent the gateway is not."""

import openai
import pytest

from tests.fake import Fake
from tests.fake.dialects import DIALECTS
from tests.providers.calls import ask, endpoint, providers

pytestmark = pytest.mark.anyio


async def control(url: str, model: str) -> tuple[str, str | None]:
    """The text and the finish reason that the SDK's own stream gives."""
    text, finish = "", None
    async with openai.AsyncOpenAI(base_url=url, api_key="a-key", max_retries=0) as client:
        stream = await client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "What is 2+2?"}], stream=True
        )
        async with stream:
            async for chunk in stream:
                for choice in chunk.choices or []:
                    text += choice.delta.content or ""
                    finish = choice.finish_reason or finish
    return text, finish


@pytest.mark.parametrize("provider", [name for name in DIALECTS if name not in ("mistral",)])
async def test_both_read_the_same_text(fake: Fake, provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, finish = await control(fake.like(provider), "some-model")
    async with providers(fake) as gateway:
        variables = gateway.profiles[provider].key_variables
        if variables:
            monkeypatch.setenv(variables[0], "a-key")
        told = await ask(gateway, f"{provider}/some-model")
    assert finish
    assert (told.text, told.outcome) == (text, "stop")


@pytest.mark.parametrize("fault", ["cut", "cut-with-done", "html-with-200"])
async def test_the_sdk_takes_for_an_answer_what_the_gateway_does_not(fake: Fake, fault: str) -> None:
    _, finish = await control(fake.url, f"fault:{fault}")
    assert finish is None
    async with endpoint(fake) as gateway:
        told = await ask(gateway, f"endpoint/fault:{fault}")
    assert told.error


async def test_the_sdk_drops_a_last_event_without_a_blank_line(fake: Fake) -> None:
    _, finish = await control(fake.url, "fault:no-last-blank-line")
    assert finish is None
    async with endpoint(fake) as gateway:
        assert (await ask(gateway, "endpoint/fault:no-last-blank-line")).outcome == "stop"


async def test_both_see_a_reset(fake: Fake) -> None:
    with pytest.raises(openai.APIConnectionError):
        await control(fake.url, "fault:reset-mid-stream")
