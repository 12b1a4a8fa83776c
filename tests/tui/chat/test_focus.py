"""Typing goes into the composer, wherever the focus has been led."""

import pytest
from textual import events

from tests.tui.chatting import MODEL, Chatting, chatting
from tests.tui.scripted import Scripted, says

pytestmark = pytest.mark.anyio

PANES = {"mode": "contemplating", "contemplating": {"agents": 3}, "store": {"titles": False}}


async def answered(chat: Chatting) -> None:
    await chat.send("hello")
    await chat.sees("some code")
    await chat.idle()


def coding() -> Scripted:
    return Scripted({MODEL: [says("Here:\n```python\nsome code\n```\n")]})


async def test_a_click_in_the_transcript_leaves_the_keyboard_to_the_composer() -> None:
    async with chatting(coding()) as chat:
        await answered(chat)
        for focused in ("composer", "list"):
            if focused == "list":
                await chat.pilot.press("ctrl+b")
            await chat.pilot.click("#transcript", offset=(4, 3))
            await chat.pilot.press(*"can")
            await chat.until(lambda: chat.screen.composer.text.endswith("can"), "the letters in the composer")
        assert chat.screen.composer.text == "cancan"


async def test_a_selection_is_made_and_copied_while_the_composer_keeps_the_keyboard(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with chatting(coding()) as chat:
        await answered(chat)
        copied: list[str] = []
        monkeypatch.setattr(chat.screen.actions.copying, "copy", copied.append)
        row = next(y for y, line in enumerate(chat.lines()) if "some code" in line)
        column = chat.lines()[row].index("some code")
        await chat.pilot.mouse_down(offset=(column, row))
        await chat.pilot.hover(offset=(column + 4, row))
        await chat.pilot.mouse_up(offset=(column + 4, row))
        await chat.until(lambda: "some" in (chat.screen.get_selected_text() or ""), "the selection")
        await chat.pilot.press("ctrl+c")
        await chat.until(lambda: copied, "the copy")
        assert copied[0].startswith("some")
        await chat.pilot.press("x")
        assert chat.screen.composer.text == "x"


async def test_the_transcripts_own_keys_stay_with_it_and_other_letters_lead_back() -> None:
    async with chatting(coding()) as chat:
        await answered(chat)
        chat.screen.transcript.focus()
        await chat.pilot.press("k")
        assert chat.screen.transcript.cursor is not None
        await chat.pilot.press(*"What c")
        assert chat.screen.composer.text == "What c"


async def test_the_panes_keep_their_keys_and_hand_the_others_to_the_composer() -> None:
    async with chatting(flags=PANES, size=(140, 40)) as chat:
        await chat.send("What is 6*7?")
        for _ in range(3):
            await chat.models.line()
        await chat.until(lambda: chat.screen.panes.focusable, "the panes")
        await chat.pilot.press("f6", "n")
        assert chat.screen.panes.has_focus
        assert chat.screen.panes.selected == 1
        await chat.pilot.press(*"and then")
        assert chat.screen.composer.text == "and then"
        assert chat.screen.panes.selected == 1
        await chat.pilot.press("escape")
        await chat.idle()


async def test_panes_that_go_away_give_the_keyboard_back() -> None:
    async with chatting(flags=PANES, size=(140, 40)) as chat:
        await chat.send("What is 6*7?")
        drafts = [await chat.models.line() for _ in range(3)]
        await chat.until(lambda: chat.screen.panes.focusable, "the panes")
        await chat.pilot.press("f6")
        assert chat.screen.panes.has_focus
        for draft, answer in zip(drafts, ("42", "41", "42"), strict=True):
            await draft.say(f"Answer: {answer}")
            await draft.end()
        await chat.until(lambda: not chat.screen.session.running or len(chat.models.calls) > 3)
        if chat.screen.session.running:
            final = await chat.models.line()
            await final.say("It is 42.")
            await final.end()
        await chat.idle()
        await chat.until(lambda: chat.screen.composer.editor.has_focus, "the focus in the composer")


async def test_f6_without_agents_says_so_and_typing_goes_on() -> None:
    async with chatting() as chat:
        await chat.pilot.press("f6", "x")
        await chat.sees("No agents are at work here.")
        assert chat.screen.composer.text == "x"


async def test_a_paste_goes_where_typing_goes() -> None:
    async with chatting(coding()) as chat:
        await answered(chat)
        chat.screen.transcript.focus()
        await chat.pilot.pause()
        chat.app.post_message(events.Paste("from elsewhere"))
        await chat.until(lambda: chat.screen.composer.text == "from elsewhere", "the paste")


async def test_letters_in_one_read_stay_in_order_when_they_lead_back() -> None:
    async with chatting(coding()) as chat:
        await answered(chat)
        chat.screen.transcript.focus()
        await chat.pilot.pause()
        for letter in "What":
            chat.app.post_message(events.Key(letter, letter))
        await chat.until(lambda: chat.screen.composer.text == "What", "the letters")
