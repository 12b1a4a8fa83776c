"""What is said and asked before a prompt goes out: what a repository decides, and what it may cost."""

from chatmodes.providers.calls import ModelInfo
from tests.tui.chatting import MODEL, chatting
from tests.tui.scripted import Scripted


def priced(dollars: float) -> Scripted:
    """Models that cost so many US dollars a million tokens and answer when the test says so."""
    return Scripted(prices={MODEL: ModelInfo(model=MODEL, input_price=dollars, output_price=dollars)})


async def test_a_prompt_that_may_cost_more_than_the_limit_is_asked_about_and_given_back() -> None:
    async with chatting(priced(1000), flags={"mode": "contemplating"}) as chat:
        await chat.send("Why is the sky blue?")
        await chat.sees("Send this to the models?", "(cost_limit)")
        await chat.pilot.press("escape")
        await chat.gone("Send this to the models?")
        await chat.until(lambda: chat.screen.composer.text == "Why is the sky blue?", "the prompt to come back")
        assert not chat.models.calls
        await chat.pilot.press("enter")
        await chat.sees("Send this to the models?")
        await chat.pilot.press("y")
        await chat.until(lambda: chat.models.calls, "the call")


async def test_a_prompt_below_the_limit_and_one_of_unknown_price_are_not_asked_about() -> None:
    for models in (priced(1), Scripted()):
        async with chatting(models, flags={"mode": "instant"}) as chat:
            await chat.send("Why is the sky blue?")
            await chat.until(lambda: chat.models.calls, "the call")


async def test_what_a_repository_decides_is_said_at_once() -> None:
    async with chatting(note=".chatmodes.toml of this folder sets the model.") as chat:
        await chat.sees(".chatmodes.toml of this folder sets the model.")
