"""What is chosen is remembered: by each conversation, and by the program from one start to the next."""

from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any

from chatmodes.messages import assistant, user
from chatmodes.settings.remembered import Remembered, recall
from chatmodes.store import Store
from tests.tui.chatting import MODEL, Chatting
from tests.tui.chatting import chatting as opened
from tests.tui.scripted import Scripted, says


def chatting(models: Scripted | None = None, **start: Any) -> AbstractAsyncContextManager[Chatting]:
    """A chat whose models answer by themselves, and in which no call is made for a name."""
    flags = {"store": {"titles": False}, **start.pop("flags", {})}
    names = (MODEL, "openai/gpt-5-mini")
    return opened(models or Scripted({name: [says("Yes.")] for name in names}), flags=flags, **start)


def stored() -> Store:
    """The user's database, as another program finds it."""
    from chatmodes.opening import open_database

    return open_database()


async def test_each_conversation_goes_on_with_its_own_mode_and_system_prompt() -> None:
    async with chatting() as chat:
        session = chat.screen.session
        await chat.send("/system Answer in Latin.")
        await chat.pilot.press("ctrl+t")
        await chat.send("first")
        await chat.idle()
        first, mode = session.conversation, session.mode
        assert first is not None
        assert mode != "instant"
        await chat.pilot.press("ctrl+n")
        await chat.until(lambda: session.conversation is None, "an empty conversation")
        assert session.settings.system == ""
        assert session.mode == mode, "a new one begins with the last choice"
        await chat.send("/instant")
        await chat.send("second")
        await chat.idle()
        second = session.conversation
        assert second not in (None, first)
        await chat.screen.actions.conversations.open(first)
        assert (session.mode, session.settings.system) == (mode, "Answer in Latin.")
        await chat.send("third")
        await chat.idle()
        assert chat.models.calls[-1].messages[0].text == "Answer in Latin."
    with stored() as store:
        found = [store.conversation(each) for each in (first, second)]
        assert [(each.mode, each.settings) for each in found if each] == [
            (mode, {"system": "Answer in Latin."}),
            ("instant", {}),
        ]


async def test_what_was_chosen_is_taken_up_by_the_next_start() -> None:
    async with chatting() as chat:
        await chat.send("/thinking")
        await chat.send("/theme light")
        await chat.send("/model openai/gpt-5-mini")
        await chat.until(lambda: chat.screen.session.model == "openai/gpt-5-mini", "the model")
        await chat.until(lambda: recall().choices.model, "the choice on disk")
    remembered = recall().choices
    assert remembered == Remembered(mode="thinking", model="openai/gpt-5-mini", theme="chatmodes-light")
    async with chatting(recalled=remembered) as chat:
        session = chat.screen.session
        assert (session.mode, session.model, chat.app.theme) == ("thinking", "openai/gpt-5-mini", "chatmodes-light")


async def test_what_the_settings_say_wins_over_what_is_remembered() -> None:
    remembered = Remembered(mode="thinking", model="openai/gpt-5-mini", theme="chatmodes-light")
    origins = {"mode": "user", "thinking.model": "user", "tui.theme": "project"}
    async with chatting(recalled=remembered, origins=origins) as chat:
        session = chat.screen.session
        assert (session.mode, session.model, chat.app.theme) == ("instant", "", "chatmodes")


async def test_a_private_chat_leaves_no_choice_behind() -> None:
    async with chatting(private=True) as chat:
        await chat.send("/thinking")
        await chat.send("hello")
        await chat.idle()
        assert chat.screen.session.mode == "thinking"
    assert recall().choices == Remembered()


async def test_a_line_wins_over_the_conversation_that_it_opens() -> None:
    async with chatting() as chat:
        await chat.send("/thinking")
        await chat.send("hello")
        await chat.idle()
    async with chatting(resume=True) as chat:
        await chat.until(lambda: chat.screen.session.path, "the conversation")
        assert chat.screen.session.mode == "thinking"
    async with chatting(resume=True, flags={"mode": "instant"}, origins={"mode": "flag"}) as chat:
        await chat.until(lambda: chat.screen.session.path, "the conversation")
        assert chat.screen.session.mode == "instant"


async def test_a_prompt_that_waits_is_sent_as_its_conversation_is_whatever_is_opened() -> None:
    async with chatting(Scripted()) as chat:
        session = chat.screen.session
        await chat.send("/thinking")
        await chat.send("first")
        line = await chat.models.line()
        await chat.send("second")
        await chat.until(lambda: session.queue, "the prompt that waits")
        await chat.pilot.press("ctrl+n")
        await chat.send("/instant")
        await line.say("one")
        await line.end()
        line = await chat.models.line()
        await line.say("two")
        await line.end()
        await chat.idle()
    assert _runs() == ["thinking", "thinking"]


def _runs() -> list[str]:
    with stored() as store:
        latest = store.latest()
        assert latest is not None
        assert latest.leaf is not None
        return [message.mode for message in store.path(latest.leaf) if message.message.role == "assistant"]


async def test_a_draft_that_was_sent_never_comes_back() -> None:
    async with chatting() as chat:
        await chat.type("half a thought")
        await chat.until(partial(_drafted, "", "half a thought"), "the draft on disk")
        await chat.pilot.press("enter")
        await chat.idle()
        await chat.pilot.press("ctrl+n")
        await chat.until(lambda: chat.screen.session.conversation is None, "an empty conversation")
        assert chat.screen.composer.text == ""
    async with chatting() as chat:
        assert chat.screen.composer.text == ""
        await chat.type("not sent")
        await chat.until(partial(_drafted, "", "not sent"), "the draft on disk")
    async with chatting() as chat:
        await chat.until(lambda: chat.screen.composer.text == "not sent", "the draft")


def _drafted(conversation: str, text: str) -> bool:
    with stored() as store, store.reading() as db:
        query = "SELECT 1 FROM drafts WHERE conversation = ? AND text = ?"
        return db.execute(query, (conversation, text)).fetchone() is not None


async def _compared(chat: Chatting) -> str:
    from chatmodes.tui.compare.screen import CompareScreen

    await chat.until(lambda: isinstance(chat.app.screen, CompareScreen), "the comparison")
    screen = chat.app.screen
    assert isinstance(screen, CompareScreen)
    return screen.contest.text


async def test_the_key_for_comparing_takes_what_is_typed() -> None:
    async with chatting() as chat:
        await chat.send("asked before")
        await chat.idle()
        await chat.type("typed now")
        await chat.pilot.press("alt+s")
        assert await _compared(chat) == "typed now"
        assert chat.screen.composer.text == ""


async def test_the_key_for_comparing_takes_the_prompt_before_where_nothing_is_typed() -> None:
    async with chatting() as chat:
        await chat.send("asked before")
        await chat.idle()
        await chat.pilot.press("alt+s")
        assert await _compared(chat) == "asked before"


async def test_settings_of_a_project_stay_told() -> None:
    async with chatting(size=(120, 30), brief="system prompt from .chatmodes.toml") as chat:
        await chat.sees("system prompt from .chatmodes.toml")


async def test_what_another_window_adds_is_shown() -> None:
    async with chatting() as chat:
        await chat.send("asked here")
        await chat.idle()
        session = chat.screen.session
        conversation, leaf = session.conversation, session.leaf
        assert conversation is not None
        with stored() as other:
            asked = other.add_message(conversation, leaf, user("asked elsewhere"))
            other.add_message(conversation, asked, assistant("answered elsewhere"))
        await chat.sees("asked elsewhere", "answered elsewhere")
        await chat.send("and here again")
        await chat.idle()
        assert [message.text for message in chat.models.calls[-1].messages][-2:] == [
            "answered elsewhere",
            "and here again",
        ]
