"""A list that narrows as one types: what the model picker and the search of past messages share."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

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


class Row(NamedTuple):
    """One thing to pick."""

    id: str
    title: str
    about: str = ""
    """Beside or below the title, in a quieter colour."""
    usable: bool = True
    below: bool = False
    """`about` takes a line of its own."""


class PickScreen(ModalScreen[str | None]):
    """Type, arrows, Enter. Gives the picked row's id, None after Esc."""

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
            border: none; padding: 0; height: auto; max-height: 20; background: $surface;
            scrollbar-size-vertical: 1;
        }
        & OptionList:focus { border: none; }
        & .pick-note { color: $text-muted; width: 1fr; height: auto; margin: 1 0 0 0; }
        &.-short .pick { margin: 0; padding: 0 1; border: none; }
        &.-short Input { margin: 0; }
        &.-short OptionList { max-height: 100%; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Close"),
        Binding("down", "move(1)", "Down", show=False, priority=True),
        Binding("up", "move(-1)", "Up", show=False, priority=True),
        Binding("pagedown", "move(10)", "Page down", show=False, priority=True),
        Binding("pageup", "move(-10)", "Page up", show=False, priority=True),
    ]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (16, "-tall")]  # noqa: RUF012 - an instance variable of Textual's
    TITLE_TEXT = ""
    PLACEHOLDER = ""

    _searched = ""
    """What the list shows, or will."""

    def compose(self) -> ComposeResult:
        """A search line, the list, and a note below."""
        with Vertical(classes="pick"):
            yield Static(Content(self.TITLE_TEXT), classes="pick-title")
            yield Field(placeholder=self.PLACEHOLDER, entered=self._pick)
            yield OptionList(markup=False)
            yield Static(Content(""), classes="pick-note")

    def on_mount(self) -> None:
        """Typing starts at once, with everything listed."""
        self.query_one(Input).focus()
        self.search("")

    def search(self, query: str) -> None:
        """Show what fits the query; called at each key press."""
        raise NotImplementedError

    def show(self, rows: Sequence[Row], note: str = "") -> None:
        """Replace the list. The highlighted row stays so where it is still there."""
        options = self.query_one_optional(OptionList)
        if options is None:  # closed while an answer of the servers was on its way
            return
        kept = options.highlighted_option.id if options.highlighted_option else None
        options.clear_options()
        options.add_options([Option(_line(row), id=row.id, disabled=not row.usable) for row in rows])
        usable = [index for index, row in enumerate(rows) if row.usable]
        same = [index for index in usable if rows[index].id == kept]
        options.highlighted = (same or usable or [None])[0]
        self.query_one(".pick-note", Static).update(Content(one_line(note, 400)))

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
        options = self.query_one(OptionList)
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
        option = self.query_one(OptionList).highlighted_option
        if option is not None and not option.disabled:
            self.dismiss(option.id)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


def _line(row: Row) -> Content:
    title = Content(one_line(row.title, 200))
    if not row.about:
        return title
    about = Content.styled(one_line(row.about, 300), "$text-muted")
    return Content("\n  " if row.below else "  ").join([title, about])


def narrowed(rows: Sequence[Row], query: str) -> list[Row]:
    """The rows that hold every word of the query, those whose title begins with it first."""
    words = query.lower().split()
    fitting = [row for row in rows if all(word in f"{row.title} {row.about}".lower() for word in words)]
    return sorted(fitting, key=lambda row: not row.title.lower().startswith(query.lower())) if words else fitting
