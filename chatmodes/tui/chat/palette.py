"""The palette: everything the chat can do, by name, with the key that does it at this moment.

Made from the table of commands and the tables of keys, so that a new command or key is found without a line here. A
title holds the words that people look for: Textual matches titles only.
"""

from collections.abc import Callable, Iterator
from functools import partial

from textual.app import App, SystemCommand
from textual.binding import Binding

from chatmodes.modes import base
from chatmodes.tui.chat.commands import COMMANDS
from chatmodes.tui.chat.keys import BINDINGS
from chatmodes.tui.chat.screen import ChatScreen
from chatmodes.tui.composer.editor import Editor
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


def entries(app: App[None], chat: ChatScreen) -> Iterator[SystemCommand]:
    """All of it, commands first."""
    actions = {one.id: one for one in (*BINDINGS, *Editor.BINDINGS) if isinstance(one, Binding) and one.id}
    for name, command in COMMANDS.items():
        action = _KEYS.get(name, name)
        key = keymap.shown(action) if action in actions or name == "quit" else ""
        if command.palette:
            about = command.about if name in _TELLING or base.exists(name) else ""
            yield SystemCommand(command.palette, _line(key, f"/{name}", about), partial(chat.action_slash, name))
            actions.pop(action, None)
    for id, binding in actions.items():
        if id in ("composer.send", "composer.newline", "composer.before", "composer.after"):
            continue
        owner = chat.composer.editor if id.startswith("composer.") else chat
        run = partial(app.run_action, binding.action, owner)
        yield SystemCommand(_TITLES.get(id, binding.description), keymap.shown(id), run)
    yield from _others(app, chat)


def _others(app: App[None], chat: ChatScreen) -> Iterator[SystemCommand]:
    def delete() -> None:
        chat.do(chat.actions.filing.act_on_open("delete"))

    lists: list[tuple[str, str, Callable[[], object]]] = [
        ("Search the names of conversations", "list.search", lambda: chat.sidebar.query_one("#sidebar-search").focus()),
        ("Archived conversations: show, or the others", "list.archived", lambda: chat.sidebar.toggle_archived()),
        ("Delete this conversation", "list.delete", delete),
    ]
    for title, action, run in lists:
        yield SystemCommand(title, f"{keymap.shown(action)} in the list", run)
    yield SystemCommand("Number of agents", "/agents N", partial(chat.ask_for, "/agents "))
    yield SystemCommand("Theme", "/theme · change the colours", app.search_themes)
    yield SystemCommand("Screenshot", "save the screen as SVG", lambda: app.deliver_screenshot())


def _line(*parts: str) -> str:
    return " · ".join(filter(None, parts))
