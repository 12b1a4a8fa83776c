"""A text area that takes vim's keys where that is wanted: what they come to is `vim`'s to say, and done here."""

from typing import TYPE_CHECKING

from textual import events
from textual.reactive import reactive
from textual.widgets.text_area import Edit, Location

from chatmodes.tui.composer import folds
from chatmodes.tui.composer.chips import ChipArea

if TYPE_CHECKING:  # most do without, in the first frame above all
    from chatmodes.tui.composer.vim import Step, Vim

_AS_TYPED = {"space": "l", "backspace": "h", "delete": "x"}
"""Keys that are no letters, by the one that does the same."""
KEPT = 200
"""Changes that `u` takes back one by one; the area's own history ends before."""


class VimArea(ChipArea):
    """`vim` is None where keys are as everywhere else."""

    vim_label: reactive[str] = reactive("")
    """What is shown of the mode; empty while one types."""

    def __init__(self, placeholder: str, *, vim: bool = False) -> None:
        super().__init__(placeholder)
        self.vim = _vim() if vim else None
        self._before: list[tuple[str, Location]] = []
        """The text and the cursor ahead of each change, an insertion being one."""

    def forget_changes(self) -> None:
        """Another text takes the place of this one."""
        self._before.clear()
        if self.vim is not None:
            self.vim.forget()
            self.vim_label = self.vim.label

    def insert_again(self) -> None:
        """The text was sent: the next one is typed."""
        if self.vim is not None:
            self.vim.inserting, self.vim_label = True, ""

    def leaves_inserting(self, event: events.Key) -> bool:
        """Whether this is the Escape that ends an insertion. In an empty text there is nothing to leave: it stops what
        is under way, as without vim."""
        return self.vim is not None and self.vim.inserting and event.key == "escape" and bool(self.text)

    def vim_took(self, event: events.Key) -> bool:
        """Do what a key means in vim; False where it means nothing there."""
        vim = self.vim
        if vim is None or (vim.inserting and not self.leaves_inserting(event)):
            return False
        if event.key == "escape":
            step = vim.escape(self.cursor_location)
        else:
            key = _AS_TYPED.get(event.key) or (event.character if event.is_printable else None)
            step = self._pressed(key, vim) if key else None
        if step is not None:
            self._do(step, vim)
        self.vim_label = vim.label
        return step is not None

    def _pressed(self, key: str, vim: "Vim") -> "Step":
        from chatmodes.tui.composer.motions import FIRST_HELD, SECOND_HELD

        text = self.document.lines
        lines = [folds.held(line, (FIRST_HELD, SECOND_HELD)) for line in text]
        return vim.press(key, lines, self.cursor_location, text)

    def _do(self, step: "Step", vim: "Vim") -> None:
        if step.undo:
            self._take_back()
            return
        if step.change is not None or vim.inserting:
            self._before = [*self._before[1 - KEPT :], (self.text, self.cursor_location)]
            self.history.checkpoint()
        if step.change is not None:
            start, end, text = step.change
            self.edit(Edit(text, start, end, False))
        if step.cursor is not None:
            self.move_cursor(step.cursor)

    def _take_back(self) -> None:
        """Undo to where the last change began: the area's own history has an insertion in several pieces."""
        while self._before and self._before[-1][0] == self.text:
            self._before.pop()
        text, cursor = self._before.pop() if self._before else (None, self.cursor_location)
        now = None
        while self.text not in (text, now):
            now = self.text
            self.undo()
            if text is None:
                break
        row = min(cursor[0], self.document.line_count - 1)
        self.move_cursor((row, max(0, min(cursor[1], len(self.document[row]) - 1))))


def _vim() -> "Vim":
    from chatmodes.tui.composer.vim import Vim

    return Vim()
