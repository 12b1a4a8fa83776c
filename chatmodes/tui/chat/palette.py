"""The palette: everything the chat can do, by name, with the key that does it at this moment.

Made from the table of commands and the tables of keys, so that a new command or key is found without a line here. A
title holds the words that people look for.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from textual.app import App
from textual.binding import Binding

from chatmodes.modes import base
from chatmodes.tui.chat.commands import COMMANDS
from chatmodes.tui.chat.keys import BINDINGS
from chatmodes.tui.chat.screen import ChatScreen
from chatmodes.tui.composer.editor import Editor
from chatmodes.tui.dialogs.picking import PickScreen, Row
from chatmodes.tui.host import keymap

_TITLES = {
    "conversations": "Sidebar: conversations, shown or hidden",
    "older": "Branch: older version",
    "newer": "Branch: newer version",
    "details": "Details: reasoning and drafts behind the answer",
    "end": "To the end of the conversation",
    "agents": "Agents' panes: choose and maximise",
    "stop": "Stop everything under way",
    "composer.editor": "Write in $EDITOR",
}
_KEYS = {"retry": "regenerate", "code": "copy_code"}
"""The actions of commands that are called otherwise."""
_TELLING = frozenset({"compare", "blind", "private", "system", "code", "quit"})
"""Commands about which there is more to say than their title does."""


class Entry(NamedTuple):
    """One thing that can be done."""

    title: str
    keys: str
    """The key, the command, or both."""
    act: Callable[[], object]
    about: str = ""
    """What the title leaves open."""


class Palette(PickScreen):
    """Type a word, Enter does it. Gives the number of the entry, as text."""

    TITLE_TEXT = "Everything by name"
    PLACEHOLDER = "Search for commands"
    NOTHING = "Nothing is called so."

    def __init__(self, listed: Iterable[Entry]) -> None:
        rows = [
            Row(f"{number}", _line(one.title, one.about), one.keys, place="right") for number, one in enumerate(listed)
        ]
        super().__init__(rows, "Enter does it; its key does so at any time. Esc closes.")


def entries(app: App[None], chat: ChatScreen) -> Iterator[Entry]:
    """All of it, commands first."""
    actions = {one.id: one for one in (*BINDINGS, *Editor.BINDINGS) if isinstance(one, Binding) and one.id}
    for name, command in COMMANDS.items():
        action = _KEYS.get(name, name)
        key = keymap.shown(action) if action in actions or name == "quit" else ""
        if command.palette:
            about = command.about if name in _TELLING or base.exists(name) else ""
            yield Entry(command.palette, _line(key, f"/{name}"), partial(chat.action_slash, name), about)
            actions.pop(action, None)
    for id, binding in actions.items():
        if id in ("composer.send", "composer.newline", "composer.before", "composer.after"):
            continue
        owner = chat.composer.editor if id.startswith("composer.") else chat
        run = partial(app.run_action, binding.action, owner)
        yield Entry(_TITLES.get(id, binding.description), keymap.shown(id), run)
    yield from _others(app, chat)


def _others(app: App[None], chat: ChatScreen) -> Iterator[Entry]:
    def delete() -> None:
        chat.do(chat.actions.filing.act_on_open("delete"))

    lists: list[tuple[str, str, Callable[[], object]]] = [
        ("Search the names of conversations", "list.search", lambda: chat.sidebar.query_one("#sidebar-search").focus()),
        ("Archived conversations: show, or the others", "list.archived", lambda: chat.sidebar.toggle_archived()),
        ("Delete this conversation", "list.delete", delete),
    ]
    for title, action, run in lists:
        yield Entry(title, f"{keymap.shown(action)} in the list", run)
    yield Entry("Number of agents", "/agents N", partial(chat.ask_for, "/agents "))
    yield Entry("Theme", "/theme", partial(chat.action_slash, "theme"), "change the colours")
    yield Entry("Screenshot", "", lambda: app.deliver_screenshot(), "save the screen as SVG")


def _line(*parts: str) -> str:
    return " · ".join(filter(None, parts))
