"""Tools, rules and servers chosen in the chat: what a conversation is offered, and what it remembers."""

import json
import sys
from pathlib import Path

import pytest
from textual.widgets import OptionList

from chatmodes.settings import load, user_file
from chatmodes.tools.approval import kept_rules
from chatmodes.tools.projects import answer, named_here
from chatmodes.tui.dialogs.tools import ServersAsked, ServersScreen, ToolsScreen
from tests.tui.chatting import MODEL, Chatting, chatting
from tests.tui.scripted import Scripted, says

pytestmark = pytest.mark.anyio
QUIET = {"store": {"titles": False}}
ODD = str(Path(__file__).parents[2] / "tools" / "odd_server.py")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the chat is opened."""
    made = tmp_path / "work"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


async def opened(chat: Chatting, command: str, screen: type[ToolsScreen | ServersScreen]) -> OptionList:
    await chat.send(command)
    await chat.until(lambda: isinstance(chat.app.screen, screen) and chat.app.screen.query(OptionList), "the screen")
    return chat.app.screen.query_one(OptionList)


async def test_a_tool_is_turned_on_for_one_conversation_which_remembers_it() -> None:
    models = Scripted({MODEL: [says("Yes.")]})
    async with chatting(models, flags=QUIET) as chat:
        await opened(chat, "/tools", ToolsScreen)
        await chat.sees("○ calculate", "off · touches nothing", "○ run", "may change things")
        await chat.pilot.press(*"calc", "enter")
        await chat.sees("● calculate", "calculate is on in this conversation.")
        await chat.pilot.press("escape")
        await chat.send("/tools now")
        await chat.until(lambda: chat.screen.session.own.get("tools") == ["calculate", "now"], "both")
        await chat.send("How much?")
        await chat.idle()
        assert [spec.name for spec in models.calls[-1].tools] == ["calculate", "now", "read_result"]
        await chat.send("/tools now")
        await chat.until(lambda: chat.screen.session.own.get("tools") == ["calculate"], "one")
        await chat.send("/tools saw")
        await chat.sees("There is no tool 'saw'.")
        await chat.send("/new And now?")
        await chat.until(lambda: len(models.calls) == 2 and not chat.screen.session.live, "another conversation")
        assert models.calls[-1].tools == ()
    async with chatting(models, flags=QUIET) as chat:
        store = chat.screen.engine.store
        first = next(each for each in store.conversations() if each.name.startswith("How much"))
        await chat.screen.actions.conversations.open(first.id)
        assert chat.screen.session.settings.tools.use == ("calculate",)


async def test_what_the_line_says_of_tools_wins_over_what_the_conversation_had() -> None:
    models = Scripted({MODEL: [says("Yes.")]})
    async with chatting(models, flags=QUIET) as chat:
        await chat.send("/tools calculate")
        await chat.until(lambda: chat.screen.session.own.get("tools"), "the tool")
        await chat.send("How much?")
        await chat.idle()
    flags = {**QUIET, "tools": {"use": ["now"]}}
    async with chatting(models, flags=flags, origins={"tools.use": "flag"}, resume=True) as chat:
        await chat.until(lambda: chat.screen.session.conversation, "the conversation")
        assert chat.screen.session.settings.tools.use == ("now",)


async def test_rules_are_shown_and_taken_back() -> None:
    user_file().parent.mkdir(parents=True, exist_ok=True)
    user_file().write_text('[tools]\nallow = ["run:git status"]\ndeny = ["run:rm *"]\n')
    async with chatting(flags=QUIET) as chat:
        await opened(chat, "/tools", ToolsScreen)
        await chat.pilot.press(*"run:git")
        await chat.sees("may run  run:git status", "Enter takes it back")
        await chat.pilot.press("enter")
        await chat.until(lambda: kept_rules() == [], "the file")
        await chat.sees("never  run:rm *")
        await chat.until(lambda: chat.screen.session.base.tools.allow == (), "the session")
    assert load().tools.deny == ("run:rm *",)


async def test_servers_start_behind_the_first_frame_and_show_what_they_offer() -> None:
    servers = {"odd": {"command": sys.executable, "args": [ODD, ""]}, "bad": {"command": "no-such-program-here"}}
    flags = {**QUIET, "mcp": servers, "tools": {"use": ["mcp:odd"]}}
    async with chatting(flags=flags, size=(120, 30)) as chat:
        workshop = await chat.screen.engine.chat.running.workshop()
        await chat.until(lambda: workshop.server("odd") is not None, "a start that nobody asked for")
        await opened(chat, "/mcp", ServersScreen)
        await chat.sees("● mcp:odd", "on · 1 tool, started in", "tokens of each request", "odd/echo")
        await chat.sees("○ mcp:bad", "not started")
        await chat.pilot.press(*"bad", "enter")
        await chat.sees("● mcp:bad", "The server bad cannot be used")
        await chat.pilot.press("escape")


async def test_a_folders_servers_are_shown_and_asked_for_before_anything_starts(folder: Path, tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def write(name: str) -> None:
        server = {"command": sys.executable, "args": [ODD, "", str(note), "\u202e"], "env": {"TOKEN": "sesame"}}
        (folder / ".mcp.json").write_text(json.dumps({"mcpServers": {name: server, "bad name!": {}}}))

    write("garden")
    async with chatting(flags=QUIET, size=(120, 30)) as chat:
        await chat.sees("names servers of tools: garden")
        assert "garden" not in chat.screen.session.settings.mcp
        await chat.send("/mcp")
        await chat.until(lambda: isinstance(chat.app.screen, ServersAsked), "the question")
        await chat.sees("Use this folder's servers?", "garden: TOKEN=…", "\\u202e")
        assert "sesame" not in chat.text()
        await chat.pilot.press("enter")
        await chat.until(lambda: isinstance(chat.app.screen, ServersScreen), "the servers")
        await chat.sees("There is none.")
        await chat.pilot.press("escape")
        named = named_here()
        assert named is not None
        assert answer(named) is False
    write("shed")
    async with chatting(flags=QUIET, size=(120, 30)) as chat:
        await chat.send("/mcp")
        await chat.until(lambda: isinstance(chat.app.screen, ServersAsked), "the question about another content")
        await chat.pilot.press("right", "enter")
        await chat.sees("○ mcp:shed", "not started")
        assert not note.exists()
        await chat.pilot.press("escape")
