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


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36), (200, 60)])
async def test_in_a_conversation_under_way_five_agents_are_live_and_legible(size: tuple[int, int]) -> None:
    flags = {"mode": "instant", "contemplating": {"agents": 5}, "store": {"titles": False}}
    async with chatting(flags=flags, size=size) as chat:
        await chat.send("Tell me a lot.")
        first = await chat.models.line()
        await first.say("\n\n".join(f"paragraph {n}" for n in range(40)))
        await first.end()
        await chat.idle()
        await chat.send("/contemplating What is 6*7?")
        drafts = await lines(chat, 5)
        for number, draft in enumerate(drafts, 1):
            await draft.say(f"Words before the newest, for which no narrow pane has room. Draft {number} counts")
        await chat.sees(*(f"Draft {number} counts" for number in range(1, 6)), "0 of 5 drafts in")
        for number in range(1, 6):
            assert any(f"a{number} writing" in line and "tok" in line for line in chat.lines())
        await chat.sees("What is 6*7?")  # and what they answer
        for number, draft in enumerate(drafts):
            await draft.say(f"\n\nAnswer: {number}")
            await draft.end()
        distil = await chat.models.line()
        await distil.say("{}")
        await distil.end()
        final = await chat.models.line()
        await final.say("\n\n".join(f"line {n}" for n in range(30)))
        await chat.sees("line 29")
        for number in range(1, 6):
            assert any(f"a{number} finished: {number - 1}" in line for line in chat.lines())
        assert chat.screen.transcript.size.height >= size[1] // 3
        await final.end()
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
        await chat.until(lambda: chat.screen.panes.size.height == 13)
        await final.end()
        await chat.idle()
