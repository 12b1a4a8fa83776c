"""Conversations: found again, named, branched, put away."""

import gc
import threading
from functools import partial
from inspect import CORO_CLOSED, getcoroutinestate
from pathlib import Path
from typing import cast, get_args

import pytest
from textual.actions import parse
from textual.binding import Binding, BindingType
from textual.widgets import Input

from chatmodes.events import Error
from chatmodes.messages import assistant, user
from chatmodes.providers.calls import ModelInfo, ProviderError
from chatmodes.settings import home as home_of
from chatmodes.settings import private_folder
from chatmodes.store import StoreError, open_store
from chatmodes.tui.chat import conversations
from chatmodes.tui.chat.keys import BINDINGS
from chatmodes.tui.chat.message_actions import MessageAction
from chatmodes.tui.chat.sidebar import ConversationList, ListAction
from chatmodes.tui.dialogs.branches import tree_rows
from tests.tui.chatting import MODEL, Chatting, chatting
from tests.tui.scripted import Scripted, says

pytestmark = pytest.mark.anyio


def failing(*_: object, **__: object) -> None:
    raise StoreError("The disk is full.", "Free some space.")


def kept(*conversations: tuple[str, str, str]) -> list[str]:
    """Conversations of one exchange each, on disk before the program starts: (title, prompt, answer)."""
    ids: list[str] = []
    with open_store(private_folder(home_of("data")) / "chatmodes.db") as store:
        for title, prompt, answer in conversations:
            ids.append(store.new_conversation(title))
            parent = store.add_message(ids[-1], None, user(prompt))
            store.add_message(ids[-1], parent, assistant(answer))
    return ids


def title(chat: Chatting, conversation: str) -> str:
    found = chat.screen.engine.store.conversation(conversation)
    return found.title if found else ""


async def test_the_list_opens_a_conversation_and_keeps_what_was_typed_in_the_other() -> None:
    kept(("Pancakes", "How?", "With flour."))
    async with chatting() as chat:
        await chat.sees("Today", "Pancakes")
        await chat.type("half a thought")
        await chat.pilot.press("ctrl+b", "home", "down", "enter")
        await chat.sees("With flour.")
        await chat.until(lambda: chat.screen.composer.text == "")
        await chat.pilot.press("ctrl+n")
        await chat.sees("Contemplating  several agents")
        await chat.until(lambda: chat.screen.composer.text == "half a thought")


async def test_a_draft_comes_back_folded_and_a_file_pasted_in_it_is_not_sent(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("open sesame")
    pasted = f"see @{secret}"
    async with chatting() as chat:
        chat.screen.composer.insert("a log\n" * 30)
        chat.screen.composer.insert(pasted)
        await chat.pilot.press("ctrl+n")
        await chat.until(lambda: chat.screen.composer.text == "a log\n" * 30 + pasted)
        await chat.sees("[pasted 30 lines]see")
        await chat.pilot.press("enter")
        line = await chat.models.line()
        assert "open sesame" not in line.call.messages[-1].text
        await chat.sees("Not attached:")
        await line.end()


async def test_up_offers_the_prompts_of_other_conversations_behind_those_of_this_one() -> None:
    kept(("One", "first", "1"), ("Two", "second", "2"), ("Three", "first", "3"))
    async with chatting(Scripted({MODEL: [says("4")]}), flags={"store": {"titles": False}}) as chat:
        for shown in ("first", "second", "second"):
            await chat.pilot.press("up")
            assert chat.screen.composer.text == shown
        await chat.send("fourth")
        await chat.idle()
        for shown in ("fourth", "first", "second"):
            await chat.pilot.press("up")
            assert chat.screen.composer.text == shown


async def test_up_reads_nothing_from_disk_in_private() -> None:
    kept(("One", "first", "1"))
    async with chatting(Scripted({MODEL: [says("2")]})) as chat:
        await chat.screen.actions.choices.toggle_private()
        await chat.pilot.press("up")
        assert chat.screen.composer.text == ""
        await chat.send("second")
        await chat.idle()
        await chat.pilot.press("up", "up")
        assert chat.screen.composer.text == "second"


async def test_up_over_a_store_that_fails_says_so_and_knows_this_conversations_prompts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with chatting(Scripted({MODEL: [says("1")]}), flags={"store": {"titles": False}}) as chat:
        await chat.send("first")
        await chat.idle()
        monkeypatch.setattr(chat.screen.engine.store, "prompts", failing)
        await chat.pilot.press("up")
        await chat.sees("The disk is full.")
        assert chat.screen.composer.text == "first"


async def test_the_list_is_searched_by_name() -> None:
    kept(("Pancakes", "a", "b"), ("Bicycles", "c", "d"))
    async with chatting() as chat:
        await chat.sees("Pancakes", "Bicycles")
        chat.screen.sidebar.query_one("#sidebar-search", Input).focus()
        await chat.pilot.press(*"bicy")
        await chat.gone("Pancakes")
        await chat.sees("Bicycles")


async def test_pin_rename_archive_and_delete_from_the_list() -> None:
    first, second = kept(("Pancakes", "a", "b"), ("Bicycles", "c", "d"))
    async with chatting() as chat:
        await chat.sees("Pancakes")
        await chat.pilot.press("ctrl+b")
        listed = chat.screen.sidebar.query_one("#conversations")

        async def highlight(conversation: str) -> None:
            options = [option.id for option in listed.options]  # pyright: ignore
            listed.highlighted = options.index(conversation)  # pyright: ignore
            await chat.pilot.pause()

        await highlight(first)
        await chat.pilot.press("p")
        await chat.sees("Pinned")
        await highlight(first)
        await chat.pilot.press("r")
        await chat.sees("Rename the conversation")
        await chat.pilot.press(*"Crepes", "enter")
        await chat.sees("Crepes")
        await highlight(second)
        await chat.pilot.press("a")
        await chat.gone("Bicycles")
        await chat.pilot.press("t")
        await chat.sees("Archived", "Bicycles")
        await chat.pilot.press("t")
        await chat.gone("Bicycles")
        await highlight(first)
        await chat.pilot.press("d")
        await chat.sees("Delete this conversation?", "brings it back")
        await chat.pilot.press("y")
        await chat.gone("Crepes")
        assert chat.screen.engine.store.conversation(first) is None


async def test_archiving_says_how_to_see_it_again_and_goes_to_the_neighbour() -> None:
    kept(("Pancakes", "a", "b"), ("Bicycles", "c", "d"), ("Kites", "e", "f"))
    async with chatting() as chat:
        await chat.sees("Pancakes", "Bicycles", "Kites")
        await chat.pilot.press("ctrl+b", "home", "down", "a")
        await chat.sees("Archived; t in the list shows the archived ones.")
        options = chat.screen.sidebar.query_one(ConversationList)
        await chat.until(lambda: len([one for one in options.options if one.id]) == 2)
        await chat.until(lambda: options.highlighted_option is not None and options.highlighted_option.id)
        await chat.pilot.press("a")
        await chat.until(lambda: len([one for one in options.options if one.id]) == 1)


async def test_continue_opens_the_last_one_and_a_wrong_id_is_said() -> None:
    first, _ = kept(("Older", "a", "older answer"), ("Newer", "c", "newer answer"))
    async with chatting(resume=True) as chat:
        await chat.sees("newer answer")
    async with chatting(conversation=first) as chat:
        await chat.sees("older answer")
    async with chatting(conversation="nonesuch") as chat:
        await chat.sees("There is no conversation nonesuch")


async def test_the_model_names_a_conversation_after_its_first_answer() -> None:
    models = Scripted({MODEL: [says("With flour."), says('"Pancake **basics** in `batter`"')]})
    async with chatting(models) as chat:
        await chat.send("How do I make pancakes?")
        await chat.sees("Pancake basics in batter")
        assert len(models.calls) == 2
        await chat.send("And waffles?")
        await chat.idle()
        await chat.sees("Pancake basics in batter")
        assert len(models.calls) == 3


@pytest.mark.parametrize("why", ["switched off", "a small model", "a call that fails"])
async def test_a_conversation_keeps_its_first_words_as_name(why: str) -> None:
    failing = ProviderError(Error("server", "no"))
    models = Scripted({MODEL: [says("With flour."), [failing] if why == "a call that fails" else says("Named")]})
    if why == "a small model":
        models.infos[MODEL] = ModelInfo(model=MODEL, small=True)
    flags = {"store": {"titles": False}} if why == "switched off" else {}
    async with chatting(models, flags=flags) as chat:
        await chat.send("How do I make pancakes?")
        await chat.idle()
        await chat.sees("▸ How do I make pancakes?")
        assert len(models.calls) == (2 if why == "a call that fails" else 1)


async def test_a_mistake_while_naming_is_a_notice_and_the_chat_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> bool:
        raise RuntimeError("nobody foresaw this")

    models = Scripted({MODEL: [says("one"), says("two")]})
    async with chatting(models) as chat:
        monkeypatch.setattr(chat.screen.engine.chat, "name_conversation", broken)
        await chat.send("first")
        await chat.sees("This conversation could not be named.", "crash.log")
        await chat.send("second")
        await chat.sees("two")


async def test_a_conversation_that_cannot_be_read_leaves_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    kept(("Pancakes", "How?", "With flour."), ("Bicycles", "c", "Two wheels."))
    async with chatting(resume=True) as chat:
        await chat.sees("Two wheels.", "Pancakes")
        opened = chat.screen.session.conversation
        await chat.type("half a thought")
        monkeypatch.setattr(chat.screen.engine.store, "path", failing)
        await chat.pilot.press("ctrl+b", "end", "enter")
        await chat.sees("The disk is full.", "Two wheels.")
        assert chat.screen.session.conversation == opened
        assert chat.screen.composer.text == "half a thought"


@pytest.mark.parametrize("to", ["another", "new", "the same"])
async def test_what_is_typed_while_a_conversation_opens_is_not_lost(to: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = kept(("Pancakes", "How?", "With flour."), ("Bicycles", "c", "Two wheels."))
    async with chatting(resume=True) as chat:
        await chat.sees("Two wheels.", "Pancakes")
        await chat.type("half a thought")
        store, reading, go_on = chat.screen.engine.store, threading.Event(), threading.Event()
        reads = store.draft

        def slow(conversation: str) -> str:
            reading.set()
            go_on.wait(10)
            return reads(conversation)

        monkeypatch.setattr(store, "draft", slow)
        conversations = chat.screen.actions.conversations
        chat.screen.do(conversations.new() if to == "new" else conversations.open(ids[0 if to == "another" else 1]))
        await chat.until(reading.is_set)
        await chat.pilot.press("space", *"more")
        go_on.set()
        if to == "the same":
            await chat.until(lambda: chat.screen.composer.text == "half a thought more")
        else:
            await chat.until(lambda: chat.screen.composer.text == " more")
            monkeypatch.setattr(store, "draft", reads)
            chat.screen.do(conversations.open(ids[1]))
            await chat.until(lambda: chat.screen.composer.text == "half a thought")


async def test_search_over_a_store_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async with chatting() as chat:
        monkeypatch.setattr(chat.screen.engine.store, "conversations", failing)
        await chat.send("/history ")
        await chat.sees("Search all conversations", "The disk is full. Free some space.")


async def test_an_edited_prompt_is_a_branch_and_one_steps_between_them() -> None:
    models = Scripted({MODEL: [says("blue"), says("green")]})
    async with chatting(models, flags={"store": {"titles": False}}) as chat:
        await chat.send("Colour of the sky?")
        await chat.idle()
        await chat.pilot.press("alt+e")
        await chat.until(lambda: chat.screen.composer.text == "Colour of the sky?")
        await chat.send("Colour of grass?")
        await chat.idle()
        await chat.sees("You · 2/2", "Colour of grass?", "green")
        await chat.pilot.press("alt+left")
        await chat.sees("You · 1/2", "Colour of the sky?", "blue")
        await chat.pilot.press("alt+right")
        await chat.sees("You · 2/2", "green")


async def test_the_status_line_says_that_a_prompt_is_edited() -> None:
    async with chatting(Scripted({MODEL: [says("yes")]}), size=(120, 30)) as chat:
        await chat.send("first")
        await chat.idle()
        await chat.pilot.press("alt+e")
        await chat.sees("Editing: Enter sends another branch, Esc gives it up")
        await chat.pilot.press("escape")
        await chat.gone("Editing:")


async def test_escape_gives_an_edit_up() -> None:
    models = Scripted({MODEL: [says("blue")]})
    async with chatting(models) as chat:
        await chat.send("Colour of the sky?")
        await chat.idle()
        await chat.pilot.press("alt+e")
        await chat.until(lambda: chat.screen.composer.text != "")
        await chat.pilot.press("escape")
        await chat.until(lambda: chat.screen.composer.text == "")
        assert chat.screen.session.editing is None


@pytest.mark.parametrize("how", ["given up", "sent"])
async def test_what_was_being_typed_comes_back_after_an_edit(how: str) -> None:
    models = Scripted({MODEL: [says("blue"), says("green")]})
    async with chatting(models, flags={"store": {"titles": False}}) as chat:
        await chat.send("Colour of the sky?")
        await chat.idle()
        chat.screen.composer.insert("a log\n" * 30)
        await chat.pilot.press("alt+e")
        await chat.until(lambda: chat.screen.composer.text == "Colour of the sky?")
        await chat.pilot.press("alt+e", "escape" if how == "given up" else "enter")
        await chat.until(lambda: chat.screen.composer.text == "a log\n" * 30)
        await chat.sees("[pasted 30 lines]")
        assert chat.screen.session.editing is None


async def test_an_edit_that_was_begun_is_kept_with_its_conversation_below_what_was_typed_before() -> None:
    models = Scripted({MODEL: [says("blue")]})
    async with chatting(models, flags={"store": {"titles": False}}) as chat:
        await chat.send("Colour of the sky?")
        await chat.idle()
        await chat.type("half a thought")
        await chat.pilot.press("alt+e")
        await chat.until(lambda: chat.screen.composer.text == "Colour of the sky?")
        await chat.pilot.press("!", "ctrl+n")
        await chat.until(lambda: chat.screen.composer.text == "")
        assert chat.screen.session.editing is None
        await chat.pilot.press("ctrl+b", "home", "down", "enter")
        await chat.until(lambda: chat.screen.composer.text == "half a thought\n\nColour of the sky?!")


async def test_another_answer_in_another_mode_is_a_sibling() -> None:
    models = Scripted({MODEL: [says("quick one"), says("slow one", reasoning="hm")]})
    async with chatting(models, flags={"store": {"titles": False}}) as chat:
        await chat.send("What?")
        await chat.idle()
        await chat.send("/retry thinking")
        await chat.sees("slow one", "◇ Thinking · openai/gpt-5 · 2/2")
        await chat.idle()
        await chat.pilot.press("alt+left")
        await chat.sees("quick one", "1/2")


async def test_the_tree_shows_every_branch_and_goes_to_one() -> None:
    models = Scripted({MODEL: [says("one"), says("two"), says("other")]})
    async with chatting(models, flags={"store": {"titles": False}}) as chat:
        await chat.send("first")
        await chat.idle()
        await chat.send("second")
        await chat.idle()
        first = chat.screen.session.path[0]
        chat.screen.transcript.move_cursor(first.id)
        await chat.pilot.press("alt+e")
        await chat.send("first, put another way")
        await chat.sees("other")
        await chat.idle()
        await chat.type("half a thought")
        await chat.pilot.press("f5")
        await chat.sees("Branches of this conversation", "6 messages in 2 branches", "● other", "○ second")
        await chat.pilot.press(*"two", "enter")
        await chat.sees("second", "two")
        await chat.gone("Branches of this conversation")
        assert chat.screen.session.path[-1].message.text == "two"
        cursor = chat.screen.transcript.cursor
        assert cursor is not None
        assert chat.screen.session.find(cursor) == chat.screen.session.path[-1]
        assert chat.screen.composer.text == "half a thought"
        chat.screen.composer.load("")
        await chat.send("/tree")
        await chat.sees("● two", "○ other")


async def test_the_tree_of_no_conversation_says_so() -> None:
    async with chatting() as chat:
        await chat.send("/tree")
        await chat.sees("There is no conversation yet, and no branch of it.")


def test_a_long_conversation_is_as_a_tree_in_one_row_a_message() -> None:
    with open_store(None) as store:
        conversation, parent = store.new_conversation(), None
        for number in range(1500):
            parent = store.add_message(conversation, parent, user(f"message {number}"))
        rows = tree_rows(store.tree(conversation), [parent or ""])
    assert [row.title.split()[-1] for row in rows] == [str(number) for number in range(1500)]
    assert [row.title[0] for row in rows].count("●") == 1


async def test_tags_are_given_taken_away_and_searched_for() -> None:
    kept(("Pancakes", "How?", "With flour."), ("Bicycles", "c", "With two wheels."))
    async with chatting(resume=True) as chat:
        await chat.sees("With two wheels.", "Pancakes")
        await chat.send("/tag Work #100% later")
        await chat.sees("Tagged #work #100% #later.")
        await chat.send("/tag -later")
        await chat.sees("Tagged #work #100%.")
        await chat.pilot.press("ctrl+b", "slash", *"#wo")
        await chat.gone("Pancakes")
        await chat.sees("Bicycles")
        await chat.pilot.press("r")
        await chat.pilot.press("x")
        await chat.sees("No tag has that; Esc clears")
        await chat.pilot.press("escape", "escape")
        await chat.sees("Pancakes")
        await chat.send("/history with #work")
        await chat.sees("1 found")
        await chat.pilot.press("escape")
        await chat.send("/history #work")
        await chat.sees("The conversations tagged #work.")
        await chat.pilot.press("escape")
        await chat.send("/tag")
        await chat.sees("Tagged #work #100%.")


async def test_a_conversation_not_yet_begun_has_no_tags() -> None:
    async with chatting() as chat:
        await chat.send("/tag work")
        await chat.sees("There is no conversation to tag yet.")


async def test_deleting_a_message_takes_what_follows_after_asking() -> None:
    models = Scripted({MODEL: [says("one"), says("two")]})
    async with chatting(models, flags={"store": {"titles": False}}) as chat:
        await chat.send("first")
        await chat.idle()
        await chat.send("second")
        await chat.idle()
        await chat.pilot.press("alt+d")
        await chat.sees("Delete this message?")
        await chat.pilot.press("y")
        await chat.until(lambda: len(chat.screen.session.path) == 2)
        await chat.gone("second")
        await chat.sees("first", "one")


async def test_a_private_conversation_leaves_nothing_on_disk(home: Path) -> None:
    models = Scripted({MODEL: [says("whispered")]})
    async with chatting(models) as chat:
        await chat.send("/private ")
        await chat.sees("Private: nothing is written to disk")
        await chat.send("my secret")
        await chat.sees("whispered", "private")
        await chat.idle()
        await chat.send("/private ")
        await chat.gone("my secret")
    text = b"".join(path.read_bytes() for path in (home / "data").iterdir() if path.is_file())
    assert b"my secret" not in text
    assert b"whispered" not in text


async def test_a_run_goes_on_in_its_conversation_while_another_is_open() -> None:
    async with chatting(flags={"store": {"titles": False}}) as chat:
        await chat.send("long story")
        line = await chat.models.line()
        await line.say("once upon")
        await chat.sees("once upon", "● long story")
        await chat.pilot.press("ctrl+n")
        await chat.sees("1 more under way")
        await line.say(" a time")
        await line.end()
        await chat.idle()
        await chat.pilot.press("ctrl+b", "home", "down", "enter")
        await chat.sees("once upon a time")


async def test_a_conversation_opened_from_disk_shows_what_stood_behind_its_answers() -> None:
    models = Scripted({MODEL: [says("Because.", reasoning="let me think about it")]})
    flags = {"mode": "thinking", "store": {"titles": False}}
    async with chatting(models, flags=flags) as chat:
        await chat.send("why?")
        await chat.idle()
    async with chatting(models, flags=flags, resume=True) as chat:
        await chat.sees("Because.", "21 characters")
        await chat.pilot.press("alt+o")
        await chat.sees("let me think about it")


async def test_a_run_that_was_stopped_before_its_answer_is_opened_with_its_drafts() -> None:
    flags = {"mode": "contemplating", "contemplating": {"agents": 2}, "store": {"titles": False}}
    async with chatting(flags=flags, size=(140, 40)) as chat:
        await chat.send("why?")
        draft, _ = await chat.models.line(), await chat.models.line()
        await draft.say("half a draft")
        await chat.sees("half a draft")
        await chat.pilot.press("escape")
        await chat.idle()
    async with chatting(flags=flags, size=(140, 40), resume=True) as chat:
        await chat.sees("Stopped by you. Ctrl+R asks again.", "2 agents · stopped")
        await chat.pilot.press("alt+o")
        await chat.sees("half a draft")
        text = chat.text()
        assert text.index("half a draft") < text.index("Stopped by you")


async def test_a_run_that_failed_is_opened_with_its_cause_and_next_step() -> None:
    error = Error("not_found", "There is no model gpt-5.", "Name another.", 404)
    async with chatting(Scripted({MODEL: [[ProviderError(error)]]})) as chat:
        await chat.send("why?")
        await chat.idle()
    async with chatting(resume=True) as chat:
        await chat.sees(
            "There is no model gpt-5.", "Name another.", "F2 chooses another model, then Ctrl+R sends it again."
        )
        assert "cut short" not in chat.text()


async def test_a_failed_second_answer_says_that_there_is_another_and_how_to_get_there() -> None:
    error = Error("not_found", "There is no model gpt-5.", "Name another.", 404)
    async with chatting(Scripted({MODEL: [says("The good answer."), [ProviderError(error)]]})) as chat:
        await chat.send("why?")
        await chat.sees("The good answer.")
        await chat.pilot.press("ctrl+r")
        await chat.sees("There is no model gpt-5.", "Version 2/2; Alt+← shows the one before.")
        await chat.pilot.press("alt+left")
        await chat.sees("The good answer.", "1/2")
        await chat.pilot.press("alt+right")
        await chat.sees("Version 2/2; Alt+← shows the one before.")


async def test_what_stands_behind_an_older_answer_is_read_when_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    models = Scripted({MODEL: [says("Because.", reasoning="let me think"), says("So be it.", reasoning="hm")]})
    flags = {"mode": "thinking", "store": {"titles": False}}
    async with chatting(models, flags=flags) as chat:
        await chat.send("why?")
        await chat.idle()
        await chat.send("really?")
        await chat.idle()
    monkeypatch.setattr(conversations, "REPLAYED", 1)
    async with chatting(models, flags=flags, resume=True) as chat:
        await chat.sees("Because.", "So be it.", "2 characters")
        assert "12 characters" not in chat.text()
        older = next(one.id for one in chat.screen.session.path if one.message.text == "Because.")
        chat.screen.transcript.move_cursor(older)
        await chat.pilot.press("alt+o")
        await chat.sees("12 characters", "let me think")


async def test_search_of_all_conversations_goes_to_the_message() -> None:
    kept(("Pancakes", "How?", "With buckwheat flour."), ("Bicycles", "c", "Two wheels."))
    async with chatting() as chat:
        await chat.send("/history buckwheat")
        await chat.sees("Search all conversations", "1 found", "Pancakes")
        await chat.pilot.press("enter")
        await chat.sees("With buckwheat flour.")
        await chat.until(lambda: chat.screen.transcript.cursor is not None)


async def test_the_list_of_all_opens_a_conversation_that_was_emptied() -> None:
    with open_store(private_folder(home_of("data")) / "chatmodes.db") as store:
        emptied = store.new_conversation("Emptied")
    async with chatting() as chat:
        await chat.send("/history ")
        await chat.sees("Search all conversations", "Emptied")
        await chat.pilot.press("enter")
        await chat.until(lambda: chat.screen.session.conversation == emptied)
        assert "There is no message" not in chat.text()


async def test_export_writes_a_file_and_never_over_one(tmp_path: Path) -> None:
    kept(("Pancakes", "How?", "With flour."))
    async with chatting(resume=True) as chat:
        await chat.sees("With flour.")
        target = tmp_path / "out.md"
        await chat.send(f"/export md {target}")
        await chat.sees("Written to")
        assert "With flour." in target.read_text()
        assert target.stat().st_mode & 0o777 == 0o600
        await chat.send(f"/export md {target}")
        await chat.until(lambda: "another" in chat.text())
        read = partial(target.read_text)
        assert "With flour." in read()


async def test_what_the_list_does_not_know_deletes_nothing() -> None:
    kept(("One", "first", "1"))
    async with chatting(resume=True) as chat:
        await chat.sees("first")
        filing, opened = chat.screen.actions.filing, chat.screen.session.conversation
        assert opened is not None
        with pytest.raises(AssertionError):
            await filing.act(cast(ListAction, "Delete"), opened)
        assert chat.screen.engine.store.conversation(opened) is not None


@pytest.mark.parametrize(
    ("bindings", "action", "known"),
    [(ConversationList.BINDINGS, "act", ListAction), (BINDINGS, "message", MessageAction)],
)
def test_every_key_names_an_action_that_there_is(bindings: list[BindingType], action: str, known: object) -> None:
    called = [parse(one.action) for one in bindings if isinstance(one, Binding)]
    named = [arguments[0] for _, name, arguments in called if name == action]
    assert named
    assert set(named) <= set(get_args(known))


async def test_what_ends_with_the_program_before_it_began_is_closed() -> None:
    async with chatting() as chat:
        begun: list[str] = []

        async def work() -> None:
            begun.append("work")

        waiting = work()
        chat.screen.do(waiting, group="ending")
        chat.screen.workers.cancel_group(chat.screen, "ending")
        await chat.until(lambda: gc.collect() and getcoroutinestate(waiting) == CORO_CLOSED, "the work to be closed")
        assert not begun
