"""A list that narrows as one types: what the model picker, the palette and the search of past messages share."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, Literal, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatmodes.sanitize import one_line
from chatmodes.tui.dialogs.field import Field
from chatmodes.tui.dialogs.rows import DrivenRows
from chatmodes.tui.hanging import TitledRow

FEWEST = 3
"""Rows of the list that stay, however low the terminal is."""


class Row(NamedTuple):
    """One thing to pick."""

    id: str
    title: str
    about: str = ""
    """Beside or below the title, in a quieter colour."""
    usable: bool = True
    place: Literal["beside", "below", "right"] = "beside"
    """Where `about` stands: after the title, on a line of its own, at the right edge."""


class PickScreen(ModalScreen[str | None]):
    """Type, arrows, Enter. Gives the picked row's id, None after Esc.

    A list that is known when it is opened is given to the constructor; others give `rows` and `note` of their own, or
    `search` where it is not enough to look which rows hold the words.
    """

    DEFAULT_CSS = """
    PickScreen {
        align: center top;
        & .pick {
            width: 90;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            margin: 2 2 0 2;
            padding: 1 2;
            background: $surface;
            border: round $border;
        }
        & .pick-title { text-style: bold; width: 1fr; height: 1; }
        & Input { background: $panel; padding: 0 1; margin: 1 0; }
        & OptionList {
            border: none; padding: 0; height: auto; max-height: 40vh; background: $surface;
            scrollbar-size-vertical: 1;
        }
        & OptionList:focus { border: none; }
        & .pick-note { color: $text-muted; width: 1fr; height: auto; margin: 1 0 0 0; }
        &.-short .pick { margin: 0; padding: 0 1; border: none; }
        &.-short Input { margin: 0; }
        &.-short .pick-note { margin: 0; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close"),
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
        Binding("pagedown", "move(10)", "Page down", show=False, priority=True),
        Binding("pageup", "move(-10)", "Page up", show=False, priority=True),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (22, "-tall")]  # noqa: RUF012 - an instance variable of Textual's
    TITLE_TEXT = ""
    PLACEHOLDER = ""
    NOTHING = "Nothing here has these words."

    _searched = ""
    """What the list shows, or will."""

    def __init__(self, rows: Sequence[Row] = (), note: str = "") -> None:
        """`note` stands below the list: what Enter does, or what there is to know."""
        super().__init__()
        self._given, self._below = rows, note

    def compose(self) -> ComposeResult:
        """A search line, the list, and a note below."""
        with Vertical(classes="pick"):
            yield Static(Content(self.TITLE_TEXT), classes="pick-title")
            yield Field(placeholder=self.PLACEHOLDER, entered=self._pick)
            yield DrivenRows(markup=False)
            yield Static(Content(""), classes="pick-note")

    def on_mount(self) -> None:
        """Typing starts at once, with everything listed."""
        self.query_one(Input).focus()
        self.search("")

    def search(self, query: str) -> None:
        """Show what fits the query; called at each key press."""
        found = narrowed(list(self.rows()), query)
        self.show(found, self.note() if found or not query.strip() else self.NOTHING)

    def rows(self) -> Iterable[Row]:
        """All there is to pick from, at this moment."""
        return self._given

    def note(self) -> str:
        """What stands below the list."""
        return self._below

    def show(self, rows: Sequence[Row], note: str = "") -> None:
        """Replace the list. The highlighted row stays so where it is still there."""
        options, below = self.query_one_optional(OptionList), self.query_one_optional(".pick-note", Static)
        if options is None or below is None:  # closed, or half closed, while an answer of the servers was on its way
            return
        kept = options.highlighted_option.id if options.highlighted_option else None
        options.clear_options()
        words = [word for each in self._searched.split() if (word := each.strip('"*#'))]
        options.add_options([Option(_laid(row, words), id=row.id, disabled=not row.usable) for row in rows])
        usable = [index for index, row in enumerate(rows) if row.usable]
        same = [index for index in usable if rows[index].id == kept]
        options.highlighted = (same or usable or [None])[0]
        below.update(Content(one_line(note, 400)))
        self.call_after_refresh(self._fit)

    def on_resize(self) -> None:
        """Another height leaves the list another part of it."""
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        """Give the list what the lines around it leave, so that the note below is seen on every terminal."""
        box, options = self.query_one_optional(".pick"), self.query_one_optional(OptionList)
        if box is None or options is None:
            return
        around = box.gutter.height + box.styles.margin.height
        around += sum(one.outer_size.height + one.styles.margin.height for one in box.children if one is not options)
        options.styles.max_height = max(FEWEST, self.size.height - around)
        options.scroll_to_highlight()

    def narrow_to(self, query: str) -> None:
        """Begin with a query, as if it had been typed."""
        field = self.query_one(Input)
        field.value = query
        field.cursor_position = len(query)

    def highlight(self, id: str) -> None:
        """Begin at a row, where it is listed."""
        options = self.query_one(OptionList)
        at = next((n for n in range(options.option_count) if options.get_option_at_index(n).id == id), None)
        options.highlighted = options.highlighted if at is None else at

    def action_cancel(self) -> None:
        """Close without a choice."""
        self.dismiss(None)

    def action_move(self, by: int) -> None:
        """Move the highlight while the focus stays where one types."""
        options = self.query_one_optional(OptionList)
        if options is None:  # a key that came while the list closed
            return
        step = options.action_cursor_down if by > 0 else options.action_cursor_up
        for _ in range(abs(by)):
            step()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self._changed_to(event.value)

    def _changed_to(self, query: str) -> None:
        self._searched = query
        self.search(query)

    def _pick(self, query: str) -> None:
        if query != self._searched:  # the news of the last key is still on its way
            self._changed_to(query)
        options = self.query_one_optional(OptionList)
        option = options.highlighted_option if options else None
        if option is not None and not option.disabled:
            self.dismiss(option.id)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


def _laid(row: Row, words: Iterable[str]) -> TitledRow:
    title, about = one_line(row.title, 200), one_line(row.about, 300)
    return TitledRow(title, about, below=row.place == "below", right=row.place == "right", words=words)


def narrowed(rows: Sequence[Row], query: str) -> list[Row]:
    """The rows that hold every word of the query, those whose title begins with it first."""
    words = query.lower().split()
    fitting = [row for row in rows if all(word in f"{row.title} {row.about}".lower() for word in words)]
    return sorted(fitting, key=lambda row: not row.title.lower().startswith(query.lower())) if words else fitting
