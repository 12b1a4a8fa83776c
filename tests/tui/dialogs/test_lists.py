"""Lists one picks from, on every terminal: the note below is seen, and so is the row that Enter takes."""

import pytest
from rich.segment import Segment
from textual.widgets import OptionList

from chatmodes.tui.chat.sidebar import ConversationList
from chatmodes.tui.dialogs.picking import PickScreen, Row
from tests.tui.chatting import MODEL, Chatting, chatting
from tests.tui.scripted import Scripted, says

pytestmark = pytest.mark.anyio

NOTES = {
    "ctrl+p": "Esc closes.",
    "f2": "providers have no key here",
    "f3": "Type to search in what was said.",
    "f4": "Esc closes.",
    "f5": "Esc closes.",
}
"""What a list says below itself, by the key that opens it."""


@pytest.mark.parametrize("size", [(80, 24), (44, 12)])
@pytest.mark.parametrize("key", NOTES)
async def test_the_note_below_a_list_is_seen_however_low_the_terminal_is(key: str, size: tuple[int, int]) -> None:
    async with chatting(Scripted({MODEL: [says("Six.")]}), size=size, flags={"store": {"titles": False}}) as chat:
        await chat.send("How many?")
        await chat.idle()
        await chat.pilot.press(key)
        await chat.sees(NOTES[key])
        options, box = chat.app.screen.query_one(OptionList), chat.app.screen.query_one(".pick")
        await chat.until(lambda: box.region.bottom <= size[1] and options.size.height >= min(3, options.option_count))


async def test_the_list_follows_the_terminals_height() -> None:
    async with chatting(size=(80, 24)) as chat:
        await chat.pilot.press("f4")
        await chat.sees("Esc closes.")
        await chat.pilot.resize_terminal(80, 40)
        await chat.until(lambda: chat.app.screen.query_one(OptionList).size.height > 20, "the room it has")
        await chat.pilot.resize_terminal(80, 18)
        await chat.until(lambda: chat.app.screen.query_one(OptionList).size.height < 16, "the room it has")
        await chat.sees("Esc closes.")


def reversed_rows(chat: Chatting) -> list[str]:
    """The text of the rows that are drawn reversed from their first cell on, as the highlight is."""
    strips = chat.app.screen._compositor.render_strips()  # pyright: ignore[reportPrivateUsage] - no public way
    return ["".join(part.text for part in strip if _reversed(part)) for strip in strips if any(map(_reversed, strip))]


def _reversed(segment: Segment) -> bool:
    return bool(segment.style and segment.style.reverse and len(segment.text.strip()) > 1)


@pytest.mark.parametrize("no_color", [True, False])
async def test_the_row_that_enter_takes_is_seen_without_colours_of_our_own(
    no_color: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1" if no_color else "")
    flags = {"tui": {"theme": "chatmodes-terminal"}, "store": {"titles": False}}
    async with chatting(Scripted({MODEL: [says("Six.")]}), size=(120, 30), flags=flags) as chat:
        await chat.send("How many?")
        await chat.idle()
        for key in ("ctrl+p", "f4", "f5"):
            await chat.pilot.press(key)
            await chat.until(lambda: chat.app.screen.query(OptionList) and not chat.app.chat.is_active, key)
            await chat.until(lambda: len(reversed_rows(chat)) >= 1, f"the highlight after {key}")
            await chat.pilot.press("escape")
            await chat.until(lambda: chat.app.chat.is_active, "the chat")
        await chat.pilot.press("ctrl+b")
        await chat.until(lambda: any("How many?" in row for row in reversed_rows(chat)), "the list's highlight")
        await chat.pilot.press("escape")
        await chat.until(lambda: not any("How many?" in row for row in reversed_rows(chat)), "no highlight")


async def test_the_lists_keys_begin_at_the_open_conversation_never_at_a_heading() -> None:
    models = Scripted({MODEL: [says("one"), says("two")]})
    async with chatting(models, size=(140, 30), flags={"store": {"titles": False}}) as chat:
        options = chat.screen.sidebar.query_one(ConversationList)
        for prompt in ("first", "second"):
            await chat.pilot.press("ctrl+n")
            await chat.send(prompt)
            await chat.idle()
        opened = chat.screen.session.conversation
        await chat.until(lambda: options.highlighted_option and options.highlighted_option.id == opened, "the open one")
        await chat.pilot.press("ctrl+b")
        await chat.sees("Enter open · p pin · r rename · a archive · d delete")
        assert options.highlighted_option is not None
        assert options.highlighted_option.id == opened
        await chat.pilot.press("escape")
        await chat.gone("p pin")
        await chat.pilot.press("ctrl+n")
        await chat.until(lambda: options.highlighted is None, "no row to look like the open one")


async def test_the_model_in_use_is_listed_first_and_what_fits_nothing_is_said() -> None:
    async with chatting(flags={"model": "openai/of-my-own"}) as chat:
        await chat.pilot.press("f2")
        await chat.sees("openai/of-my-own  current")
        await chat.pilot.press(*"qqq")
        await chat.sees("No model has these words", "provider/model is taken as it is")


async def test_a_theme_is_picked_from_a_list_that_begins_at_the_one_in_use() -> None:
    async with chatting(flags={"tui": {"theme": "chatmodes-light"}}) as chat:
        await chat.send("/theme")
        await chat.sees("Which colours?", "chatmodes-light  in use")
        await chat.pilot.press(*"terminal", "enter")
        await chat.until(lambda: chat.app.theme == "chatmodes-terminal", "the theme")


async def test_the_palette_closes_by_the_key_that_opens_it() -> None:
    async with chatting() as chat:
        await chat.pilot.press("ctrl+p")
        await chat.sees("Everything by name")
        await chat.pilot.press(*"zzz")
        await chat.sees("Nothing is called so.")
        await chat.pilot.press("ctrl+p")
        await chat.gone("Everything by name")


@pytest.mark.parametrize("gone", ["OptionList", ".pick-note", ".pick"])
async def test_what_arrives_while_a_list_closes_is_for_nobody(gone: str) -> None:
    async with chatting() as chat:
        await chat.pilot.press("f2")
        await chat.sees("providers have no key here")
        picker = chat.app.screen
        assert isinstance(picker, PickScreen)
        await picker.query_one(gone).remove()  # a screen that closes loses its parts one after the other
        picker.show([Row("a/b", "a/b")], "one more")
        await chat.pilot.resize_terminal(80, 20)
        picker.action_move(1)
        await chat.pilot.press("enter", "escape")
        await chat.gone("a/b")
