"""Keys and commands, made from the live bindings: a key that was rebound shows as it is."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chatmodes.tui.hanging import Hanging, Line, terms
from chatmodes.tui.host import keymap

Section = tuple[str, Sequence[tuple[str, str]]]
"""A heading, and pairs of what one types and what it does."""


class Help(ModalScreen[None]):
    """All of it on one page that scrolls."""

    DEFAULT_CSS = """
    Help {
        align: center middle;
        & VerticalScroll {
            width: 90; max-width: 100%; height: auto; max-height: 100%;
            padding: 1 2; background: $surface; border: round $border;
            scrollbar-size-vertical: 1;
        }
        & Static { width: 1fr; height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,f1", "close", "Close")]

    def __init__(self, sections: Iterable[Section], at: str = "") -> None:
        """`at` is the heading of the section to open at; empty begins at the top."""
        super().__init__()
        self._sections, self._at = list(sections), at

    def compose(self) -> ComposeResult:
        """The page."""
        with VerticalScroll():
            for title, rows in self._sections:
                yield Static(_section(title, rows), classes="here" if title == self._at else "")
            about = "Rebind under [keys] in settings.toml, by the name in brackets. Esc closes this page."
            yield Static(Content.styled(about, "$text-muted"))

    def on_mount(self) -> None:
        """Open where one is."""
        for here in self.query(".here"):
            self.call_after_refresh(here.scroll_visible, animate=False, top=True)

    def action_close(self) -> None:
        """Back to the chat."""
        self.dismiss(None)


def _section(title: str, rows: Sequence[tuple[str, str]]) -> Hanging:
    return Hanging([Line(Content.styled(title, "bold $primary")), *terms(rows, "bold", indent=2), Line(Content(""))])


def sections(commands: Sequence[tuple[str, str]]) -> list[Section]:
    """Commands and keys, the keys as they are bound at this moment."""
    found: list[Section] = [("Commands", commands)]
    for place, bindings in keymap.shipped():
        rows: dict[str, tuple[str, str]] = {}
        for binding in bindings:
            id = binding.id or ""
            rows[id] = (", ".join(map(keymap.display, keymap.keys(id))), f"{binding.description} [{id}]")
        found.append((keymap.PLACES[place], list(rows.values())))
    return found
