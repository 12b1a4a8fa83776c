"""Text from outside is data on every surface, and no size of terminal is too small."""

import pytest

from chatmodes.events import Error
from chatmodes.providers.calls import ProviderError
from tests.tui.chatting import MODEL, chatting
from tests.tui.scripted import Scripted, says

pytestmark = pytest.mark.anyio

HOSTILE = "[bold]x[/bold] [@click=app.quit]go[/] [/nope] \x1b]52;c;aGk=\x07\x1b[31m \u202eevil\u200b a[/]b"


async def test_prompts_answers_titles_and_errors_are_shown_as_they_are() -> None:
    wrong = ProviderError(Error("server", HOSTILE, HOSTILE))
    models = Scripted({MODEL: [says(HOSTILE, reasoning=HOSTILE), says(HOSTILE), [wrong]]})
    async with chatting(models, size=(160, 40)) as chat:
        await chat.send(HOSTILE)
        await chat.idle()
        await chat.pilot.press("alt+o")
        await chat.sees("[bold]x[/bold]")
        await chat.send("again")
        await chat.idle()
        await chat.sees("[@click=app.quit]go[/]")
        text = chat.text()
        assert not any(char in text for char in "\x1b\x07\u202e\u200b")
        for key in ("ctrl+b", "f3", "escape", "f1", "escape"):
            await chat.pilot.press(key)
            await chat.pilot.pause()
        await chat.pilot.hover("#conversations", offset=(5, 3))
        await chat.pilot.pause()
        assert chat.app.is_running


async def test_a_hostile_model_name_and_command_are_told_as_text() -> None:
    async with chatting() as chat:
        await chat.send("/model [/x]/[@click=app.quit]y")
        await chat.send("/theme [/bold]")
        await chat.pilot.pause()
        await chat.sees("[/bold]")


@pytest.mark.parametrize("size", [(20, 5), (10, 3), (60, 20), (300, 90)])
async def test_every_size_of_terminal_takes_a_prompt_and_shows_an_answer(size: tuple[int, int]) -> None:
    models = Scripted({MODEL: [says("yes")]})
    async with chatting(models, size=size, flags={"store": {"titles": False}}) as chat:
        await chat.send("fits?")
        await chat.idle()
        if size[0] >= 20:
            await chat.sees("yes")
        for key in ("ctrl+b", "escape", "f2", "escape", "f1", "escape", "ctrl+p", "escape"):
            await chat.pilot.press(key)
            await chat.pilot.pause()
        assert chat.app.is_running


async def test_a_window_resized_while_an_answer_streams() -> None:
    async with chatting(size=(120, 30)) as chat:
        await chat.send("go")
        line = await chat.models.line()
        for width, height in ((60, 20), (20, 5), (200, 50), (100, 30)):
            await line.say(f"at {width} by {height}\n\n")
            await chat.pilot.resize_terminal(width, height)
            await chat.pilot.pause()
        await line.end()
        await chat.idle()
        await chat.sees("at 100 by 30", "at 20 by 5")
