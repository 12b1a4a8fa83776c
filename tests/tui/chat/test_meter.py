"""The context meter: how much of the model's window the next prompt takes, before it is too much."""

from chatmodes.providers.calls import ModelInfo
from tests.tui.chatting import MODEL, chatting
from tests.tui.scripted import Scripted, says


async def test_the_status_line_says_how_full_the_window_is() -> None:
    infos = {MODEL: ModelInfo(model=MODEL, context_window=8000)}
    async with chatting(
        Scripted({MODEL: [says("word " * 800)]}, infos), size=(120, 30), flags={"store": {"titles": False}}
    ) as chat:
        assert " of 8.0k" not in chat.text()
        await chat.send("count " * 100)
        await chat.idle()
        await chat.sees("1.2k of 8.0k")
        before = chat.screen.status.meter
        assert not before[1]
        await chat.type("x" * 28_000)
        await chat.sees("8.2k of 8.0k")
        assert chat.screen.status.meter[1], "nearly full is a warning"
        await chat.type("")
        await chat.until(lambda: chat.screen.status.meter == before, "the meter as before")


async def test_an_unknown_window_is_not_guessed() -> None:
    async with chatting(Scripted({MODEL: [says("Yes.")]}), flags={"store": {"titles": False}}) as chat:
        await chat.send("hello")
        await chat.idle()
        assert chat.screen.status.meter == ("", False)
