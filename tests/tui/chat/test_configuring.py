"""Settings in the chat: the screen of all, and those of one conversation."""

import pytest

from chatmodes.settings import load, user_file
from chatmodes.tui.dialogs.ask import AskText
from chatmodes.tui.dialogs.settings import SettingsScreen
from tests.tui.chatting import MODEL, chatting
from tests.tui.scripted import Scripted, says

QUIET = {"store": {"titles": False}}


async def test_a_setting_is_changed_on_its_screen_and_comments_stay() -> None:
    path = user_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("# mine\n[contemplating]\nagents = 3 # few\n")
    async with chatting(origins={"contemplating.agents": "user"}, flags={"contemplating": {"agents": 3}}) as chat:
        await chat.pilot.press("f4")
        await chat.until(lambda: isinstance(chat.app.screen, SettingsScreen), "the settings")
        await chat.pilot.press(*"agents")
        await chat.sees("contemplating.agents = 3", "your settings.toml", "from 1 to 64")
        await chat.pilot.press("enter")
        await chat.until(lambda: isinstance(chat.app.screen, AskText), "the question")
        await chat.pilot.press(*"99", "enter")
        await chat.sees("contemplating.agents is 99; it must be from 1", "The default is 5.")
        assert "agents = 3" in path.read_text(), "nothing is written"
        await chat.pilot.press("backspace", "backspace", "7", "enter")
        await chat.sees("contemplating.agents = 7")
        assert chat.screen.session.settings.contemplating.agents == 7
        await chat.pilot.press("escape")
    assert path.read_text().splitlines()[0] == "# mine"
    assert "# few" in path.read_text()
    assert load().contemplating.agents == 7


async def test_a_value_that_a_line_overrides_is_written_and_not_used() -> None:
    async with chatting(origins={"mode": "flag"}) as chat:
        await chat.send("/settings mode thinking")
        await chat.until(lambda: load().mode == "thinking", "the line in the file")
        assert chat.screen.session.base.mode == "instant"


async def test_a_conversation_has_settings_of_its_own() -> None:
    async with chatting(Scripted({MODEL: [says("Yes.")]}), flags=QUIET, size=(120, 30)) as chat:
        session = chat.screen.session
        await chat.send("/set temperature 0.2")
        await chat.send("/set stop END, STOP")
        await chat.send("hello")
        await chat.idle()
        call = chat.models.calls[-1]
        assert (call.temperature, call.stop) == (0.2, ("END", "STOP"))
        await chat.send("/set temperature 9")
        await chat.sees("sampling.temperature is 9.0; it must be from")
        await chat.send("/set colour red")
        await chat.sees("A conversation has no colour of its own.")
        assert session.own == {"temperature": 0.2, "stop": ["END", "STOP"]}
        await chat.send("/set temperature default")
        await chat.until(lambda: session.own == {"stop": ["END", "STOP"]}, "the default again")
        assert session.settings.sampling.temperature is None


async def test_settings_of_one_prompt_are_not_those_of_the_next() -> None:
    async with chatting(flags={"store": {"titles": False}}) as chat:
        await chat.send('/once temperature=0.2 stop="THE END" system="Be brief." What is temperature=0.9?')
        line = await chat.models.line()
        assert (line.call.temperature, line.call.stop) == (0.2, ("THE END",))
        assert [one.text for one in line.call.messages] == ["Be brief.", "What is temperature=0.9?"]
        await chat.send("/once max_tokens 77 and one that waits")
        await chat.sees("1 queued")
        await line.end()
        line = await chat.models.line()
        assert (line.call.temperature, line.call.max_tokens) == (None, 77)
        assert line.call.messages[-1].text.endswith("and one that waits")
        await line.end()
        await chat.idle()
        await chat.send("as ever")
        line = await chat.models.line()
        assert line.call.temperature is None
        assert [one.role for one in line.call.messages] == ["user"]
        await line.end()
        assert chat.screen.session.own == {}


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/once temperature=9 Hello", "sampling.temperature is 9.0; it must be from"),
        ("/once colour=red Hello", "A prompt has no colour of its own."),
        ("/once temperature=0.2", "/once NAME=VALUE… PROMPT takes"),
        ("/once Hello", "/once NAME=VALUE… PROMPT takes"),
    ],
)
async def test_settings_of_one_prompt_that_cannot_be_are_said_and_nothing_is_sent(typed: str, said: str) -> None:
    async with chatting() as chat:
        await chat.send(typed)
        await chat.sees(said)
        assert not chat.models.calls
        assert chat.screen.composer.text == typed


async def test_a_prompt_with_settings_of_its_own_comes_back_with_them() -> None:
    async with chatting() as chat:
        await chat.send("first")
        await chat.models.line()
        await chat.send("/once temperature=0.2 and then?")
        await chat.sees("1 queued")
        await chat.pilot.press("escape")
        await chat.until(lambda: chat.screen.composer.text == "/once temperature=0.2 and then?")
