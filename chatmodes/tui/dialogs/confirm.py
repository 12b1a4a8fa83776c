"""A question with yes or no."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from chatmodes.tui.dialogs.style import DIALOG_CSS


class Confirm(ModalScreen[bool]):
    """Ask before something that is not wanted by mistake. The harmless answer has the focus."""

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
