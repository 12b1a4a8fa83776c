"""Files attached with `@path`: they go out with the prompt and stay apart from what was typed."""

import os
from pathlib import Path

import pytest

from chatmodes.messages import user
from chatmodes.settings import home as home_of
from chatmodes.settings import private_folder
from chatmodes.store import open_store
from tests.tui.chatting import MODEL, Chatting, chatting
from tests.tui.scripted import Scripted, says

pytestmark = pytest.mark.anyio

FLAGS = {"store": {"titles": False}}
CONTENT = "the first line\nthe second line\n"
SENT = f"see @notes.txt \n\nnotes.txt:\n```txt\n{CONTENT}```"


@pytest.fixture(autouse=True)
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    notes = tmp_path / "notes.txt"
    notes.write_text(CONTENT)
    return notes


def rewrite(notes: Path) -> None:
    notes.write_text("something else\n")


def replies() -> Scripted:
    return Scripted({MODEL: [says("I have read it.")]})


async def sent_with_its_file(chat: Chatting) -> None:
    await chat.pilot.press(*"see @notes.txt ", "enter")
    await chat.sees("I have read it.")
    await chat.idle()
    assert asked(chat) == SENT


def asked(chat: Chatting) -> str:
    return chat.models.calls[-1].messages[-1].text


@pytest.mark.parametrize("command", ["/instant", "/new", "/once temperature=0.2"])
async def test_a_prompt_behind_a_command_takes_its_files_along(command: str) -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        await chat.pilot.press(*f"{command} see @notes.txt ", "enter")
        await chat.sees("I have read it.")
        await chat.idle()
        assert asked(chat) == SENT.replace("txt \n", "txt\n", 1)


async def test_a_file_is_one_line_that_opens_to_it() -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        await sent_with_its_file(chat)
        await chat.sees("see @notes.txt", "▸ notes.txt, 2 lines")
        assert "the first line" not in chat.text()
        row = next(y for y, line in enumerate(chat.lines()) if "▸ notes.txt" in line)
        await chat.pilot.click(offset=(chat.lines()[row].index("notes.txt"), row))
        await chat.sees("▾ notes.txt, 2 lines", "the first line", "the second line")


@pytest.mark.parametrize("key", ["alt+e", "up"])
async def test_a_prompt_comes_back_as_it_was_typed_and_takes_its_file_along_once_as_it_is_then(
    key: str, notes: Path
) -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        await sent_with_its_file(chat)
        await chat.pilot.press(key)
        await chat.until(lambda: chat.screen.composer.text == "see @notes.txt ", "the prompt")
        rewrite(notes)
        await chat.pilot.press("!", "enter")
        await chat.until(lambda: len(chat.models.calls) == 2, "the second request")
        await chat.idle()
        assert asked(chat) == "see @notes.txt !\n\nnotes.txt:\n```txt\nsomething else\n```"


async def test_a_file_typed_before_an_edit_goes_out_when_its_prompt_is_sent_after_it() -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        await chat.send("first")
        await chat.idle()
        await chat.pilot.press(*"see @notes.txt ", "alt+e")
        await chat.until(lambda: chat.screen.composer.text == "first", "the edit")
        await chat.pilot.press("enter")
        await chat.until(lambda: chat.screen.composer.text == "see @notes.txt ", "what was typed before")
        await chat.idle()
        await chat.pilot.press("enter")
        await chat.until(lambda: len(chat.models.calls) == 3, "the request")
        await chat.idle()
        assert asked(chat) == SENT


async def test_in_a_folder_that_was_deleted_no_files_are_offered_and_one_can_chat(
    tmp_path: Path, notes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    try:
        async with chatting(replies(), flags=FLAGS) as chat:
            await chat.pilot.press(*"see @no")
            assert not chat.screen.composer.popup.is_open
            await chat.pilot.press(*f"tes.txt @{notes} ", "enter")
            await chat.sees("notes.txt is no file here.")
            await chat.pilot.press("enter")
            await chat.sees("I have read it.")
            await chat.idle()
            assert asked(chat) == f"see @notes.txt @{notes} \n\n{notes}:\n```txt\n{CONTENT}```"
    finally:
        os.chdir(tmp_path)  # what is undone after the test wants a working directory


async def test_what_was_kept_with_its_file_in_the_text_is_shown_as_it_is() -> None:
    with open_store(private_folder(home_of("data")) / "chatmodes.db") as store:
        conversation = store.new_conversation("Old")
        store.add_message(conversation, None, user(SENT))
    async with chatting(replies(), flags=FLAGS, conversation=conversation) as chat:
        await chat.sees("see @notes.txt", "the second line")


async def test_the_file_is_still_apart_when_the_conversation_is_opened_again() -> None:
    async with chatting(replies(), flags=FLAGS) as chat:
        await sent_with_its_file(chat)
        conversation = chat.screen.session.conversation
    async with chatting(replies(), flags=FLAGS, conversation=conversation) as chat:
        await chat.sees("▸ notes.txt, 2 lines")
        await chat.send("go on")
        await chat.until(lambda: chat.models.calls, "the request")
        await chat.idle()
        assert chat.models.calls[0].messages[0].text == SENT
