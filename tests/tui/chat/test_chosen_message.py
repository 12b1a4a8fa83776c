"""The message that keys act on: seen before anything is done to it, quoted before it goes, brought back afterwards."""

import pytest

from tests.tui.chatting import MODEL, Chatting, chatting
from tests.tui.scripted import Scripted, says

pytestmark = pytest.mark.anyio
FLAGS = {"store": {"titles": False}}
LONG = "\n\n".join(f"row {number}" for number in range(60))


def marked(chat: Chatting) -> list[str]:
    """The rows of the screen that the cursor's bar stands before."""
    return [line.partition("█")[2].strip() for line in chat.lines() if "█" in line]


def grounds(chat: Chatting, words: str) -> set[object]:
    """The backgrounds that these words are drawn on."""
    strips = chat.app.screen._compositor.render_strips(chat.app.size)  # pyright: ignore[reportPrivateUsage] - no public way
    return {part.style.bgcolor for strip in strips for part in strip if words in part.text and part.style}


async def test_the_chosen_message_is_marked_and_brought_into_sight_while_one_types_elsewhere() -> None:
    async with chatting(Scripted({MODEL: [says("one answer"), says(LONG)]}), flags=FLAGS) as chat:
        await chat.send("the first prompt")
        await chat.idle()
        await chat.send("the second prompt")
        await chat.idle()
        await chat.sees("row 59")
        assert not marked(chat)
        await chat.pilot.press("alt+up", "alt+up", "alt+up")
        await chat.until(lambda: any("one answer" in row for row in marked(chat)))
        assert chat.app.focused is chat.screen.composer.editor
        before = grounds(chat, "one answer")
        await chat.pilot.press("alt+up")
        await chat.until(lambda: any("the first prompt" in row for row in marked(chat)))
        assert not any("one answer" in row for row in marked(chat))
        assert grounds(chat, "one answer") != before
        await chat.pilot.press("escape")
        await chat.until(lambda: not marked(chat))


async def test_a_deletion_quotes_what_goes_shows_it_and_can_be_taken_back() -> None:
    async with chatting(Scripted({MODEL: [says("one"), says(LONG)]}), flags=FLAGS) as chat:
        await chat.send("Why is the sky blue?")
        await chat.idle()
        await chat.send("And at night?")
        await chat.idle()
        await chat.pilot.press("alt+up", "alt+up", "alt+up", "alt+up")
        await chat.until(lambda: any("Why is the sky" in row for row in marked(chat)))
        await chat.pilot.press("ctrl+end")  # out of sight, and still what the key acts on
        await chat.sees("row 59")
        await chat.pilot.press("alt+d")
        await chat.sees(
            "“Why is the sky blue?” is deleted. The 3", "messages that follow it, in all branches", "brings it back"
        )
        await chat.pilot.press("y")
        await chat.until(lambda: chat.screen.session.path == [])
        await chat.pilot.press("ctrl+z")
        await chat.until(lambda: len(chat.screen.session.path) == 4)
        await chat.sees("row 59")


async def test_a_deletion_given_up_changes_nothing_and_marks_nothing() -> None:
    async with chatting(Scripted({MODEL: [says("one")]}), flags=FLAGS) as chat:
        await chat.send("first")
        await chat.idle()
        await chat.pilot.press("alt+d")
        await chat.sees("“first” is deleted. The message that follows", "brings it back")
        await chat.pilot.press("n")
        await chat.until(lambda: chat.app.screen is chat.screen and not marked(chat))
        assert len(chat.screen.session.path) == 2


async def test_the_key_of_undo_takes_back_what_was_typed_since_and_the_command_the_deletion() -> None:
    async with chatting(Scripted({MODEL: [says("one")]}), flags=FLAGS) as chat:
        await chat.send("first")
        await chat.idle()
        await chat.pilot.press("alt+d")
        await chat.sees("Delete this message?")
        await chat.pilot.press("y")
        await chat.until(lambda: chat.screen.session.path == [])
        await chat.pilot.press("a", "b")
        await chat.until(lambda: chat.screen.composer.text == "ab")
        await chat.pilot.press("ctrl+z")
        await chat.until(lambda: chat.screen.composer.text != "ab")
        assert chat.screen.session.path == []
        await chat.send("/undo ")
        await chat.until(lambda: len(chat.screen.session.path) == 2)
        await chat.send("/undo ")
        await chat.sees("Nothing was deleted that could be brought back")


async def test_a_deleted_conversation_comes_back_and_is_opened() -> None:
    async with chatting(Scripted({MODEL: [says("one")]}), flags=FLAGS) as chat:
        await chat.send("first")
        await chat.idle()
        opened = chat.screen.session.conversation
        assert opened is not None
        chat.screen.do(chat.screen.actions.filing.act("delete", opened))
        await chat.sees("Delete this conversation?", "brings it back")
        await chat.pilot.press("y")
        await chat.until(lambda: chat.screen.session.conversation is None)
        await chat.pilot.press("ctrl+z")
        await chat.until(lambda: chat.screen.session.conversation == opened)
        await chat.sees("first", "one")


async def test_what_was_purged_meanwhile_is_said_to_be_gone() -> None:
    async with chatting(Scripted({MODEL: [says("one")]}), flags=FLAGS) as chat:
        await chat.send("first")
        await chat.idle()
        await chat.pilot.press("alt+d")
        await chat.sees("Delete this message?")
        await chat.pilot.press("y")
        await chat.until(lambda: chat.screen.session.path == [])
        chat.screen.engine.store.purge()
        await chat.pilot.press("ctrl+z")
        await chat.sees("gone for good")


async def test_an_answer_is_edited_into_another_version_that_the_next_prompt_follows() -> None:
    models = Scripted({MODEL: [says("It is 41."), says("Yes.")]})
    async with chatting(models, flags=FLAGS) as chat:
        await chat.send("What is 6*7?")
        await chat.idle()
        await chat.type("a thought")
        await chat.pilot.press("alt+up", "alt+e")
        await chat.until(lambda: chat.screen.composer.text == "It is 41.")
        await chat.send("It is 42.")
        await chat.sees("It is 42.", "2/2")
        assert chat.screen.composer.text == "a thought"
        assert len(models.calls) == 1  # an answer is answered by nobody
        await chat.send("Sure?")
        await chat.idle()
        assert [message.text for message in models.calls[-1].messages][-2:] == ["It is 42.", "Sure?"]
        await chat.pilot.press("alt+up", "alt+up", "alt+up", "alt+left")
        await chat.sees("It is 41.", "1/2")
