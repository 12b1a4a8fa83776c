"""Tools and servers on screen: what is on in this conversation, what may run unasked, how each server stands."""

from collections.abc import Collection, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError, Settings
from chatmodes.settings.schema import SEARCH
from chatmodes.tools import registry
from chatmodes.tools.base import touching
from chatmodes.tui.dialogs.picking import PickScreen, Row
from chatmodes.tui.dialogs.style import DIALOG_CSS

if TYPE_CHECKING:
    from chatmodes.tools.projects import Named
    from chatmodes.tools.workshop import Workshop

RULE = "rule "
"""What the id of a rule's row begins with."""
LOOK = 0.5
"""Seconds between two looks at how servers stand."""


def _mark(name: str, offered: Collection[str]) -> str:
    return f"{'●' if name in offered else '○'} {name}"


def _state(name: str, offered: Collection[str]) -> str:
    return "on" if name in offered else "off"


def _first(description: str) -> str:
    """The beginning of a description, which is written for models and may be long."""
    return one_line(description, 50)


class _Looking(PickScreen):
    """Rows that change by themselves, as servers start: looked at again and again."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self._at, self._query = at, ""
        self._shown: list[Row] = []

    def on_mount(self) -> None:
        """At the row that was turned last."""
        super().on_mount()
        self.highlight(self._at)
        self.set_interval(LOOK, self._look)

    def search(self, query: str) -> None:
        """The rows that fit."""
        self._query, self._shown = query, list(self.rows())
        super().search(query)

    def _look(self) -> None:
        if list(self.rows()) != self._shown:
            self.search(self._query)


class ToolsScreen(_Looking):
    """Every tool and every rule. Gives the name of a tool to turn on or off, or `RULE` and a rule to take back."""

    TITLE_TEXT = "Tools of this conversation"
    PLACEHOLDER = "Type a part of a name or a rule"

    def __init__(
        self, settings: Settings, offered: Collection[str], kept: Collection[str], workshop: "Workshop", at: str = ""
    ) -> None:
        """`kept` are the rules of the user's own file, `at` is the row to begin at."""
        super().__init__(at)
        self._settings, self._offered, self._kept, self._workshop = settings, offered, kept, workshop

    def rows(self) -> Iterator[Row]:
        """The tools, the servers, then the rules."""
        yield from self._tools
        about = f"{_state(SEARCH, self._offered)} · the provider's own, where it has one"
        yield Row(SEARCH, _mark(SEARCH, self._offered), about, place="below")
        for server in self._settings.mcp:
            yield server_row(server, self._offered, self._workshop)
        yield from self._rules()

    def note(self) -> str:
        """What Enter does."""
        return "Enter turns a tool on or off here, or takes a rule back. What no rule allows is asked about."

    @cached_property
    def _tools(self) -> list[Row]:
        return list(self._tool_rows())

    def _tool_rows(self) -> Iterator[Row]:
        for name in registry.names():
            try:
                offer = registry.get(name)
            except ConfigError as error:
                yield Row(name, name, f"{error}", usable=False, place="below")
            else:
                told = f"{_state(name, self._offered)} · {touching(offer.touches)} · {_first(offer.spec.description)}"
                yield Row(name, _mark(name, self._offered), told, place="below")

    def _rules(self) -> Iterator[Row]:
        tools = self._settings.tools
        for rule in tools.deny:
            yield Row(f"deny {rule}", f"never  {rule}", "your settings", usable=False)
        for rule in dict.fromkeys((*self._kept, *tools.allow)):
            own = rule in self._kept
            where = "your settings; Enter takes it back" if own else "the command line"
            yield Row(f"{RULE}{rule}", f"may run  {rule}", where, usable=own)


def server_row(name: str, offered: Collection[str], workshop: "Workshop") -> Row:
    """How a server stands."""
    id = f"{registry.SERVER}{name}"
    owner = workshop.server(name)
    told = owner.told if owner is not None else "not started: it is when it is on"
    return Row(id, _mark(id, offered), f"{_state(id, offered)} · {told}", place="below")


class ServersScreen(_Looking):
    """The servers with their tools. Gives the name of one to turn on or off."""

    TITLE_TEXT = "Servers of tools"
    PLACEHOLDER = "Type a part of a name"

    def __init__(self, settings: Settings, offered: Collection[str], workshop: "Workshop", at: str = "") -> None:
        super().__init__(at)
        self._settings, self._offered, self._workshop = settings, offered, workshop

    def note(self) -> str:
        """What Enter does, or how there come to be servers."""
        if not self._settings.mcp:
            return "There is none. `chatmodes mcp add NAME -- COMMAND` adds one."
        return "Enter turns a server's tools on or off in this conversation."

    def rows(self) -> Iterator[Row]:
        """The servers, each with its tools below it."""
        for server in self._settings.mcp:
            yield server_row(server, self._offered, self._workshop)
            owner = self._workshop.server(server)
            for offer in owner.offers if owner is not None else ():
                about = one_line(f"{touching(offer.touches)} · {_first(offer.spec.description)}", 200)
                yield Row(f"tool {offer.name}", f"    {offer.name}", about, usable=False)


class ServersAsked(ModalScreen[bool | None]):
    """What this folder's file would start: may it? None where that was left open."""

    DEFAULT_CSS = DIALOG_CSS + "ServersAsked { align: center middle; & .dialog { width: 90; } }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Decide later"),
        Binding("left,right", "app.focus_next", "Other button", show=False),
    ]

    def __init__(self, named: "Named") -> None:
        super().__init__()
        self._named = named

    def compose(self) -> ComposeResult:
        """The programs and addresses word for word, and three answers."""
        about = f"{self._named.path} names these servers of tools. They run as you, with all that you may do."
        with Vertical(classes="dialog"):
            yield Static(Content("Use this folder's servers?"), classes="dialog-title")
            yield Static(Content(one_line(about, 600)), classes="dialog-text")
            yield Static(Content("\n".join(self._named.lines)), classes="dialog-text")
            yield Static(Content("The answer holds for this file as it is; Esc leaves it open."), classes="dialog-text")
            with Horizontal(classes="dialog-buttons"):
                yield Button(Content("No, and do not ask"), id="no", compact=True)
                yield Button(Content("Use them"), id="yes", variant="warning", compact=True)

    def on_mount(self) -> None:
        """The harmless button first."""
        self.query_one("#no").focus()

    def action_leave(self) -> None:
        """Neither."""
        self.dismiss(None)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")
