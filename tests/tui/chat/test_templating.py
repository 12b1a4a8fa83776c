"""Templates in the chat: filled in by questions, put where one types, and held by the conversation."""

from chatmodes.settings import Sampling
from chatmodes.settings.templates import Template, save_template
from chatmodes.tui.dialogs.ask import AskText
from chatmodes.tui.dialogs.templates import TemplatePicker
from tests.tui.chatting import MODEL, chatting
from tests.tui.scripted import Scripted, says

QUIET = {"store": {"titles": False}}


async def test_a_template_asks_for_its_variables_and_sends_nothing_by_itself() -> None:
    save_template(
        "translate",
        Template(prompt="Into $language: $input", system="You translate.", sampling=Sampling(temperature=0.1)),
    )
    async with chatting(Scripted({MODEL: [says("Bonjour.")]}), flags=QUIET) as chat:
        await chat.send("/template translate good morning")
        await chat.until(lambda: isinstance(chat.app.screen, AskText), "the question")
        await chat.pilot.press(*"French", "enter")
        await chat.until(lambda: chat.screen.composer.text == "Into French: good morning", "the prompt")
        assert not chat.models.calls
        await chat.pilot.press("enter")
        await chat.idle()
        call = chat.models.calls[-1]
        assert [message.text for message in call.messages] == ["You translate.", "Into French: good morning"]
        assert call.temperature == 0.1


async def test_a_persona_is_picked_from_the_list_and_holds_for_the_conversation() -> None:
    save_template("pirate", Template(system="Talk like a pirate.", about="arr"))
    async with chatting(flags=QUIET) as chat:
        await chat.send("/template")
        await chat.until(lambda: isinstance(chat.app.screen, TemplatePicker), "the list")
        await chat.sees("pirate")
        await chat.pilot.press("enter")
        await chat.until(lambda: chat.screen.session.own == {"system": "Talk like a pirate."}, "the persona")


async def test_a_template_that_there_is_not_is_said_and_what_was_typed_comes_back() -> None:
    async with chatting(flags=QUIET) as chat:
        await chat.send("/template nothing some text")
        await chat.sees('There is no template "nothing".')
        assert chat.screen.composer.text == "/template nothing some text"
