"""A text area whose document may hold chips: the cursor stops at their ends, and an edit takes them whole.

What a chip is and what it stands for is in `folds`; here is how one moves, deletes, cuts and opens them.
"""

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.widgets import TextArea
from textual.widgets.text_area import Edit, EditResult, Location, Selection

from chatmodes.sanitize import clean
from chatmodes.tui.composer import folds


class ChipArea(TextArea):
    """Asks `folds` for the pastes behind its chips."""

    DEFAULT_CSS = """
    ChipArea {
        & .composer--chip { background: $panel; color: $text-accent; text-style: bold; }
        &:ansi .composer--chip { text-style: bold reverse; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"composer--chip"}

    def __init__(self, placeholder: str) -> None:
        super().__init__(compact=True, highlight_cursor_line=False, placeholder=placeholder)
        self.folds = folds.Folds()

    @property
    def whole_text(self) -> str:
        """What is sent: every chip replaced by its paste."""
        return self.folds.unfold(self.text)

    @property
    def selected_text(self) -> str:
        """The selection, pastes in full."""
        return self.folds.unfold(super().selected_text)

    def type_over(self, text: str, start: Location, end: Location) -> EditResult:
        """Replace a span as the keyboard would: the cursor ends behind it."""
        return self.replace(text, start, end, maintain_selection_offset=False)

    def _recompute_cursor_offset(self) -> None:
        # Undoing an edit of many lines takes the scrollbar away before the cursor is put back, and the base class looks
        # for a cursor that is below the end of the text.
        if self.cursor_location[0] < self.document.line_count:
            super()._recompute_cursor_offset()

    def _chip_around(self, location: Location) -> tuple[int, int] | None:
        row, column = location
        if row >= self.document.line_count:
            return None
        inside = ((start, end) for start, end in folds.chips(self.document[row]) if start < column < end)
        return next(inside, None)

    def widen(self, edit: Edit) -> None:
        """Let an edit take the chips at its ends whole."""
        (top, bottom), first, last = (
            (edit.top, edit.bottom),
            self._chip_around(edit.top),
            self._chip_around(edit.bottom),
        )
        edit.from_location = (top[0], first[0]) if first else top
        edit.to_location = (bottom[0], last[1]) if last else bottom

    def validate_selection(self, selection: Selection) -> Selection:
        """Move an end that fell inside a chip to the side of it that lies in the direction of travel."""
        return Selection(
            self._beside(selection.start, self.selection.start), self._beside(selection.end, self.selection.end)
        )

    def _beside(self, location: Location, before: Location) -> Location:
        chip = self._chip_around(location)
        if chip is None:
            return location
        row, column = location
        start, end = chip
        if before == (row, end):
            return row, start
        if before == (row, start):
            return row, end
        return row, (start if column - start <= end - column else end)

    def get_line(self, line_index: int) -> Text:
        line = self.document.get_line(line_index)
        text = Text(folds.label_shown(line), end="", no_wrap=True)
        for start, end in folds.chips(line):
            text.stylize(self.get_component_rich_style("composer--chip"), start, end)
        return text

    def action_expand_paste(self) -> None:
        """Put the paste at the cursor, else the last one before it, in its chip's place."""
        row, column = self.cursor_location
        places = [
            (r, span) for r in range(row + 1) for span in folds.chips(self.document[r]) if (r, span[0]) <= (row, column)
        ]
        if not places:
            return
        at, (start, end) = places[-1]
        chip = self.document[at][start:end]
        self.history.checkpoint()
        self.edit(Edit(clean(self.folds.content(chip)), (at, start), (at, end), False))

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and folds.chips(self.document[self.cursor_location[0]]):
            event.stop()
            self.action_expand_paste()

    def action_cut(self) -> None:
        """Cut the selection, or the line; the clipboard gets pastes in full."""
        cut = self.selected_text or self.folds.unfold(self.document[self.cursor_location[0]])
        if self.selection.is_empty:
            self.action_delete_line()
        else:
            self.type_over("", *self.selection)
        self.app.copy_to_clipboard(cut)
