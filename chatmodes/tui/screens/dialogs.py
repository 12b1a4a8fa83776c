"""Small questions: yes or no, and a line of text."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

DIALOG_CSS = """
.dialog {
    width: 64;
    max-width: 100%;
    height: auto;
    max-height: 100%;
    padding: 1 2;
    background: $surface;
    border: round $border;
    & .dialog-title { text-style: bold; width: 1fr; }
    & .dialog-text { color: $text-muted; width: 1fr; margin: 0 0 1 0; }
    & Input { background: $panel; padding: 0 1; margin: 0 0 1 0; }
    & .dialog-buttons { height: 1; align-horizontal: right; }
    & Button { margin: 0 0 0 2; }
}
"""


class Confirm(ModalScreen[bool]):
    """Ask before something that cannot be undone. The harmless answer has the focus."""

    DEFAULT_CSS = DIALOG_CSS + "Confirm { align: center middle; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n", "answer(False)", "No"),
        Binding("y", "answer(True)", "Yes"),
        Binding("left,right", "app.focus_next", "Other button", show=False),
    ]

    def __init__(self, title: str, text: str, yes: str) -> None:
        super().__init__()
        self._texts = (title, text, yes)

    def compose(self) -> ComposeResult:
        """Title, explanation and two buttons."""
        title, text, yes = self._texts
        with Vertical(classes="dialog"):
            yield Static(Content(title), classes="dialog-title")
            yield Static(Content(text), classes="dialog-text")
            with Horizontal(classes="dialog-buttons"):
                yield Button(Content("Cancel"), id="no", compact=True)
                yield Button(Content(yes), id="yes", variant="error", compact=True)

    def on_mount(self) -> None:
        """The harmless button first."""
        self.query_one("#no").focus()

    def action_answer(self, answer: bool) -> None:
        """Close with an answer."""
        self.dismiss(answer)

    @on(Button.Pressed)
    def _pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")


class AskText(ModalScreen[str | None]):
    """Ask for a line of text. None where it was given up; an empty line is an answer."""

    DEFAULT_CSS = DIALOG_CSS + "AskText { align: center middle; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(self, title: str, text: str = "", value: str = "", *, secret: bool = False) -> None:
        super().__init__()
        self._title, self._text, self._value, self._secret = title, text, value, secret

    def compose(self) -> ComposeResult:
        """Title, explanation and the line."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            if self._text:
                yield Static(Content(self._text), classes="dialog-text")
            yield Input(self._value, password=self._secret, select_on_focus=True, compact=True)
            yield Static(Content("Enter to accept, Esc to leave it as it is"), classes="dialog-text")

    def on_mount(self) -> None:
        """Typing starts at once."""
        self.query_one(Input).focus()

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)
