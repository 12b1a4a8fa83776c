"""A question answered by a line of text."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chatmodes.sanitize import one_line
from chatmodes.tui.dialogs.field import Field
from chatmodes.tui.dialogs.style import DIALOG_CSS


class AskText(ModalScreen[str | None]):
    """Ask for a line of text. None where it was given up; an empty line is an answer."""

    DEFAULT_CSS = DIALOG_CSS + "AskText { align: center middle; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(
        self,
        title: str,
        text: str = "",
        value: str = "",
        *,
        secret: bool = False,
        check: Callable[[str], str] | None = None,
    ) -> None:
        """`check` says what is wrong with an answer, which is then shown and not taken; empty where nothing is."""
        super().__init__()
        self._check = check
        self._title, self._text, self._value, self._secret = title, text, value, secret

    def compose(self) -> ComposeResult:
        """Title, explanation and the line."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            if self._text:
                yield Static(Content(self._text), classes="dialog-text")
            yield Field(self._value, entered=self._answer, password=self._secret, select_on_focus=True)
            yield Static("", classes="dialog-problem")
            yield Static(Content("Enter to accept, Esc to leave it as it is"), classes="dialog-text")

    def on_mount(self) -> None:
        """Typing starts at once."""
        self.query_one(Field).focus()

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def _answer(self, value: str) -> None:
        problem = self._check(value) if self._check else ""
        if problem:
            self.query_one(".dialog-problem", Static).update(Content(one_line(problem, 400)))
        else:
            self.dismiss(value)
