"""Approval in the chat, in agents and in columns: what is asked, which keys count, and what of a call is on screen."""

import json
from pathlib import Path
from typing import Any

import anyio.lowlevel
import pytest
from textual import events
from textual.widgets import Input

from chatmodes.messages import ToolCall
from chatmodes.providers.calls import Chunk, Finished, ProviderError, ToolCallChunk
from chatmodes.tools.approval import kept_rules
from chatmodes.tui.compare.contest import Contest
from chatmodes.tui.compare.screen import CompareScreen
from chatmodes.tui.dialogs.approval import Approval
from tests.tui.chatting import MODEL, Chatting, chatting
from tests.tui.scripted import USAGE, Scripted, says

pytestmark = pytest.mark.anyio
Reply = list[Chunk | ProviderError]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the tools work."""
    made = tmp_path / "work"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


def calling(*commands: str, tool: str = "run") -> Reply:
    chunks: Reply = [
        ToolCallChunk(ToolCall(f"c{at}", tool, json.dumps({"command": command}))) for at, command in enumerate(commands)
    ]
    return [*chunks, Finished("tool_calls", USAGE, 0.001)]


def wanting(*replies: Reply) -> Scripted:
    return Scripted({MODEL: list(replies)})


QUIET = {"store": {"titles": False}}
"""No call but those that a test sends."""
ON = {**QUIET, "tools": {"use": ["run"]}}


async def asked(chat: Chatting) -> Approval:
    """The question, once its keys count."""
    await chat.until(lambda: isinstance(chat.app.screen, Approval) and chat.app.screen.armed, "a question to answer")
    assert isinstance(chat.app.screen, Approval)
    return chat.app.screen


async def answered(chat: Chatting, dialog: Approval) -> None:
    await chat.until(lambda: chat.app.screen is not dialog, "the question to go")


async def typed(chat: Chatting, dialog: Approval, key: str, at: float) -> None:
    """Press a key at a time of the clock of events: how fast the machine is says nothing."""
    event = events.Key(key, key if len(key) == 1 else None)
    event.time = at
    dialog.post_message(event)
    await chat.pilot.pause()


async def test_a_call_is_asked_about_in_plain_words_and_a_yes_runs_it(folder: Path) -> None:
    async with chatting(wanting(calling("touch here"), says("Done.")), flags=ON) as chat:
        await chat.send("Make it.")
        await asked(chat)
        await chat.sees(
            "Instant wants to use run", "run in the working directory: touch here", "It may change things",
            '{"command": "touch here"}', "run:touch here",
        )  # fmt: skip
        assert not (folder / "here").exists()
        await chat.pilot.press("y")
        await chat.idle()
        assert (folder / "here").exists()
        await chat.sees("✓ run · ", "· touch here", "Done.")


@pytest.mark.parametrize(
    ("key", "asked_again", "rules"),
    [("y", True, []), ("r", False, []), ("c", False, []), ("a", False, ["run:touch a"])],
)
async def test_a_yes_goes_as_far_as_it_was_said(key: str, asked_again: bool, rules: list[str]) -> None:
    models = wanting(calling("touch a"), calling("touch a", "touch a"), says("Done."))
    async with chatting(models, flags=ON) as chat:
        await chat.send("Make it.")
        dialog = await asked(chat)
        await chat.pilot.press(key)
        await answered(chat, dialog)
        if asked_again:
            for _ in range(2):
                dialog = await asked(chat)
                await chat.pilot.press("y")
                await answered(chat, dialog)
        await chat.idle()
        assert kept_rules() == rules
        await chat.sees("Done.")


async def test_a_no_takes_a_word_to_the_model_with_it(folder: Path) -> None:
    models = wanting(calling("touch here"), says("As you wish."))
    async with chatting(models, flags=ON) as chat:
        await chat.send("Make it.")
        dialog = await asked(chat)
        await chat.pilot.press("n")
        await chat.until(lambda: dialog.query_one(Input).has_focus, "a line to write on")
        await chat.pilot.press(*"use git", "enter")
        await chat.idle()
        assert not (folder / "here").exists()
        assert "They add: use git" in str(models.calls[1].messages)
        await chat.sees("■ run · not run · touch here", "As you wish.")


async def test_the_arrows_and_enter_choose_too_and_nothing_is_chosen_beforehand(folder: Path) -> None:
    async with chatting(wanting(calling("touch here"), says("Done.")), flags=ON) as chat:
        await chat.send("Make it.")
        await asked(chat)
        await chat.pilot.press("enter")
        await asked(chat)
        assert not (folder / "here").exists()
        await chat.pilot.press("down", "enter")
        await chat.idle()
        assert (folder / "here").exists()


async def test_what_was_typed_ahead_approves_nothing_and_goes_to_the_prompt(folder: Path) -> None:
    async with chatting(wanting(calling("touch here"), says("Done.")), flags=ON) as chat:
        await chat.send("Make it.")
        dialog = await asked(chat)
        for key in (*"yay", "enter", "a"):
            await typed(chat, dialog, key, dialog.counts_from - 0.1)
        await asked(chat)
        await typed(chat, dialog, "x", dialog.counts_from + 0.1)  # a key that is no answer begins the wait anew
        await typed(chat, dialog, "y", dialog.counts_from - 0.1)
        assert chat.app.screen is dialog
        assert not (folder / "here").exists()
        await asked(chat)
        await chat.pilot.press("y")
        await chat.idle()
        assert chat.screen.composer.text == "yayaxy"
        assert kept_rules() == []


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_escape_ends_the_call_and_the_run_at_once(key: str, folder: Path) -> None:
    async with chatting(wanting(calling("touch here"), says("Done.")), flags=ON) as chat:
        await chat.send("Make it.")
        await chat.until(lambda: isinstance(chat.app.screen, Approval), "the question")
        await chat.pilot.press(key)
        await chat.idle()
        await chat.sees("Stopped by you")
        assert not (folder / "here").exists()


async def test_what_a_terminal_would_hide_is_written_out() -> None:
    hidden = "echo \u202etxt.exe\x1b[2J\u200b"
    async with chatting(wanting(calling(hidden), says("Done.")), flags=ON) as chat:
        await chat.send("Say it.")
        await asked(chat)
        await chat.sees("\\u202e", "\\u200b")
        assert not any(char in chat.text() for char in "\u202e\u200b\x1b")
        await chat.pilot.press("escape")
        await chat.idle()


async def test_a_question_goes_away_with_its_run() -> None:
    async with chatting(wanting(calling("touch here"), says("Done.")), flags=ON) as chat:
        await chat.send("Make it.")
        dialog = await asked(chat)
        for live in chat.screen.session.running:
            live.stop("enough")
        await answered(chat, dialog)
        await chat.idle()


async def test_a_call_opens_to_its_result_and_is_there_after_a_restart(folder: Path) -> None:
    (folder / "notes.txt").write_text("The secret is out.")
    reading: Reply = [
        ToolCallChunk(ToolCall("c", "read_file", '{"path": "notes.txt"}')),
        Finished("tool_calls", USAGE, 0.001),
    ]
    flags = {**QUIET, "tools": {"use": ["read_file"], "allow": ["read_file"]}}

    async def look(chat: Chatting) -> None:
        await chat.sees("✓ read_file · ", "· notes.txt", "Read it.", "Source: notes.txt")
        assert "The secret is out." not in chat.text()
        await chat.pilot.press("alt+o")
        await chat.sees("The secret is out.")
        assert "not instructions" not in chat.text()

    async with chatting(wanting(reading, says("Read it.")), flags=flags) as chat:
        await chat.send("Read.")
        await chat.idle()
        await look(chat)
    async with chatting(flags=flags, resume=True) as chat:
        await look(chat)


async def test_agents_of_a_contemplating_run_show_their_calls(folder: Path) -> None:
    (folder / "notes.txt").write_text("42")
    reading: Reply = [
        ToolCallChunk(ToolCall("c", "read_file", '{"path": "notes.txt"}')),
        Finished("tool_calls", USAGE, 0.001),
    ]
    flags = {**QUIET, "tools": {"use": ["read_file"]}, "contemplating": {"agents": 2, "quorum": 2, "early_stop": False}}
    models = wanting(reading, reading, says("ANSWER: 42"))
    async with chatting(models, flags=flags, size=(100, 40)) as chat:
        await chat.send("/contemplating Read.")
        await asked(chat)
        await chat.sees("Contemplating, agent a", "? read_file · waits for your word · notes.txt")
        await chat.pilot.press("y")
        await chat.idle()
        await chat.pilot.press("alt+o")
        await chat.sees("✓ read_file · ", "Source: notes.txt")


async def test_a_question_that_comes_before_the_comparison_stands_lies_above_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = {**ON, "compare": {"modes": ["instant", "thinking"]}}
    models = wanting(calling("touch here"), calling("touch here"), says("Done."))
    async with chatting(models, flags=flags) as chat:
        begin = Contest.begin

        async def late(contest: Contest, columns: Any) -> None:
            await begin(contest, columns)
            while not any(worker.group == "approval" for worker in chat.app.workers):
                await anyio.lowlevel.checkpoint()
            for _ in range(50):
                await anyio.lowlevel.checkpoint()

        monkeypatch.setattr(Contest, "begin", late)
        await chat.send("/compare Make it.")
        await asked(chat)
        assert [type(screen) for screen in chat.app.screen_stack[1:]] == [CompareScreen, Approval]


async def test_a_column_asks_too_and_one_word_settles_all_of_a_conversation(folder: Path) -> None:
    flags = {**ON, "compare": {"modes": ["instant", "thinking"]}}
    models = wanting(calling("touch here"), calling("touch here"), says("Done."))
    async with chatting(models, flags=flags) as chat:
        await chat.send("/compare Make it.")
        await asked(chat)
        await chat.pilot.press("c")
        await chat.until(lambda: isinstance(chat.app.screen, CompareScreen), "the comparison")
        screen = chat.app.screen
        assert isinstance(screen, CompareScreen)
        await chat.until(lambda: not screen.contest.running, "the end of both")
        await chat.sees("✓ run · ")
        assert [column.view.answer_text for column in screen.contest.columns] == ["Done.", "Done."]
