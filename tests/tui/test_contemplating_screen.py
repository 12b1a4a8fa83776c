"""Contemplating on screen: live panes, the agreement line, one line afterwards that opens to everything."""

import pytest

from chatmodes.events import Error
from tests.tui.chatting import Chatting, chatting
from tests.tui.scripted import Line

pytestmark = pytest.mark.anyio
FLAGS = {"mode": "contemplating", "contemplating": {"agents": 3}, "store": {"titles": False}}


async def lines(chat: Chatting, count: int = 3) -> list[Line]:
    return [await chat.models.line() for _ in range(count)]


async def test_panes_show_each_agent_live_then_the_run_folds_to_a_line_that_opens() -> None:
    async with chatting(flags=FLAGS, size=(140, 40)) as chat:
        await chat.send("What is 6*7?")
        drafts = await lines(chat)
        await drafts[0].say("Six times seven, counting")
        await drafts[1].say("I think it is forty-one")
        await chat.sees("a1", "a2", "a3", "Six times seven, counting", "I think it is forty-one", "0 of 3 drafts in")
        await drafts[0].say(" up.\n\nAnswer: 42")
        await drafts[0].end()
        await drafts[1].say("\n\nAnswer: 41")
        await drafts[1].end()
        await drafts[2].say("Answer: 42")
        await drafts[2].end()
        await chat.until(lambda: chat.screen.session.running == [] or len(chat.models.calls) > 3)
        if chat.screen.session.running:
            final = await chat.models.line()
            await final.say("It is 42.")
            await final.end()
        await chat.idle()
        await chat.sees("3 agents")
        await chat.gone("I think it is forty-one")
        await chat.pilot.press("alt+o")
        await chat.sees("I think it is forty-one", "Answers:")


async def test_a_failed_agent_is_said_before_the_answer_that_came_without_it() -> None:
    async with chatting(flags=FLAGS, size=(140, 40)) as chat:
        await chat.send("What is 6*7?")
        drafts = await lines(chat)
        await drafts[0].fail(Error("rate_limit", "Too many requests.", "Wait.", 429))
        for draft in drafts[1:]:
            await draft.say("Answer: 42")
            await draft.end()
        await chat.until(lambda: chat.screen.session.running == [] or len(chat.models.calls) > 3)
        if chat.screen.session.running:
            final = await chat.models.line()
            await final.say("It is 42.")
            await final.end()
        await chat.idle()
        text = chat.text()
        assert "▲" in text
        assert text.index("▲") < text.index("◈ Contemplating")


async def test_escape_stops_every_agent_and_keeps_their_drafts() -> None:
    async with chatting(flags=FLAGS, size=(140, 40)) as chat:
        await chat.send("What is 6*7?")
        drafts = await lines(chat)
        await drafts[0].say("half a draft")
        await chat.sees("half a draft")
        await chat.pilot.press("escape")
        await chat.idle()
        await chat.sees("Stopped by you", "stopped")
        await chat.pilot.press("alt+o")
        await chat.sees("half a draft")


async def test_a_pane_is_maximised_by_key_and_escape_first_gives_the_others_back() -> None:
    async with chatting(flags=FLAGS, size=(140, 40)) as chat:
        await chat.send("What is 6*7?")
        drafts = await lines(chat)
        await drafts[1].say("the second's words")
        await chat.sees("the second's words")
        await chat.pilot.press("f6", "n", "enter")
        await chat.until(lambda: chat.screen.panes.maximised)
        await chat.pilot.press("escape")
        await chat.until(lambda: not chat.screen.panes.maximised)
        assert chat.screen.session.running
        await chat.pilot.press("escape")
        await chat.idle()


async def test_panes_use_what_stands_blank_in_a_new_conversation_until_the_answer_needs_it() -> None:
    async with chatting(flags=FLAGS, size=(120, 40)) as chat:
        await chat.send("What is 6*7?")
        drafts = await lines(chat)
        await chat.until(lambda: chat.screen.panes.size.height > 20)
        await drafts[0].say("\n".join(f"row {n}" for n in range(40)))
        await chat.sees("row 33", "row 39", "What is 6*7?")
        assert chat.screen.transcript.blank_rows > 0
        for number, draft in enumerate(drafts):
            await draft.say(f"\n\nAnswer: {number}")
            await draft.end()
        distil = await chat.models.line()
        await distil.say("{}")
        await distil.end()
        final = await chat.models.line()
        await final.say("\n\n".join(f"line {n}" for n in range(30)))
        await chat.until(lambda: chat.screen.panes.size.height == 4)
        await final.end()
        await chat.idle()
