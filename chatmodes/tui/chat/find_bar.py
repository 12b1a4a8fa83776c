"""The line for searching in the open conversation."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Static

from chatmodes.tui.transcript import Transcript

KEYS_FROM = 70
"""Cells from which on there is room to say what the keys do."""


class FindBar(Horizontal):
    """Hidden until it is opened. Enter and arrows go from match to match, Escape puts it away."""

    DEFAULT_CSS = """
    FindBar {
        display: none;
        height: 1;
        background: $panel;
        & .find-label { width: auto; padding: 0 1; color: $text-muted; }
        & .find-count { width: auto; min-width: 10; padding: 0 1; color: $text-muted; text-align: right; }
        & Input { width: 1fr; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "Close", show=False),
        Binding("down", "step(1)", "Next match", show=False),
        Binding("up,shift+enter", "step(-1)", "Match before", show=False),
    ]

    def compose(self) -> ComposeResult:
        """A label, the line, and the count."""
        yield Static(Content("Find"), classes="find-label")
        yield Input(select_on_focus=True, compact=True)
        yield Static(Content(""), classes="find-count")

    def open(self, query: str = "") -> None:
        """Show it, with these words or those from last time."""
        self.display = True
        line = self.query_one(Input)
        if query:
            line.value = query
        line.focus()
        self._find(line.value)

    def close(self) -> None:
        """Put it away with its marks."""
        self.display = False
        self._transcript.find("")
        self.screen.query_one("#composer").focus()

    def action_close(self) -> None:
        """The key for it."""
        self.close()

    def action_step(self, by: int) -> None:
        """The next match, or the one before."""
        self._transcript.find_next(by)

    def show(self, current: int, total: int) -> None:
        """Where one is among the matches."""
        typed = bool(self.query_one(Input).value.strip())
        text = f"{current} of {total}" if total else "no match" if typed else ""
        if total and self.size.width >= KEYS_FROM:
            text += " · ↑ ↓ go on · Esc closes"
        self.query_one(".find-count", Static).update(Content(text))

    @property
    def _transcript(self) -> Transcript:
        return self.screen.query_one(Transcript)

    def _find(self, query: str) -> None:
        self._transcript.find(query)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._find(event.value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._transcript.find_next(1)
