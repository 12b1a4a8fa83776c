"""The transcript as Textual sees it: scrolling, layout and drawing over the headless `Document`.

What the blocks are and what the reader does with them is in `widget`, which builds on this.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, ClassVar

from textual.cache import LRUCache
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from chatmodes.tui.markdown.lines import Hit, characters
from chatmodes.tui.transcript import messages, theme
from chatmodes.tui.transcript.copying import selected_text
from chatmodes.tui.transcript.document import Document, Place
from chatmodes.tui.transcript.drawing import GUTTER, RIGHT, Overlay, strip_of
from chatmodes.tui.transcript.places import packed
from chatmodes.tui.transcript.search import Search, Span

MEASURE = 120
"""Cells of the widest line. Prose that runs over 300 columns cannot be read; what is left stays free at the right."""
STRIPS = 1_024
"""Strips kept, some screens full."""


class TranscriptView(ScrollView, can_focus=True):
    """A document on screen: it settles before it paints, so every row it draws is rendered and stays in its place."""

    DEFAULT_CSS = theme.CSS
    COMPONENT_CLASSES: ClassVar[set[str]] = set(theme.COMPONENTS)
    ALLOW_SELECT = True

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.document = Document()
        self.following = True
        """Whether the end is kept in sight."""
        self.cursor: str | None = None
        """The block that the keyboard is on."""
        self.search: Search | None = None
        self._strips: LRUCache[object, Strip] = LRUCache(STRIPS)
        self._moving = False
        self._inked = False
        self._hover: tuple[Place, Hit] | None = None
        self._current: Place | None = None
        """Where the present match is."""
        self._found: dict[int, list[list[Span]]] = {}
        """The matches in a unit, by its packed place."""

    # -- layout

    @property
    def blank_rows(self) -> int:
        """Rows of the window below the text; negative by as many as the text has more."""
        return self.scrollable_content_region.height - self.document.height

    def settle(self, row: int | None = None) -> None:
        """Render what is on screen from the row on (by default where it is), and put the window where the text has
        moved."""
        if self._moving or not self._inked:
            return
        self._moving = True
        try:
            rows = self.scrollable_content_region.height
            start = self.scroll_offset.y if row is None else row
            wanted = self.document.settle(start, rows, follow=self.following)
            size = Size(self.document.width, self.document.height)
            if size != self.virtual_size:
                self.virtual_size = size
                self._scroll_update(size)
            wanted = min(wanted, self.max_scroll_y)
            if wanted != self.scroll_y:
                self.scroll_to(y=wanted, animate=False, force=True)
                self.scroll_target_y = wanted
        finally:
            self._moving = False
        if self.scroll_offset.y >= self.max_scroll_y:  # also where the window grew, or what stood below went away
            self.set_following(True)
        self.refresh()

    @contextmanager
    def kept(self) -> Generator[None]:
        """Change the blocks; the row at the top of the window stays there, unless the end is followed."""
        anchor: tuple[str, Place] | None = None
        if not self.following and (place := self.document.locate(self.scroll_offset.y)) is not None:
            anchor = self.document.entries[place.entry].block.id, place
        yield
        row: int | None = None
        if anchor is not None and anchor[0] in self.document:
            index = self.document.index(anchor[0])
            row = self.document.row(anchor[1]._replace(entry=index))
            row = min(row, self.document.stack.top(index + 1) - 1)
        self._found.clear()
        self.settle(row)

    def deselect(self) -> None:
        """End the selection before its places come to mean other text."""
        if self.is_attached and self in self.screen.selections:
            self.screen.clear_selection()

    def go_to(self, row: int) -> None:
        """Put the row at the top of the window, as far as the end allows."""
        self.set_following(False)
        self.settle(row)
        if self.following:
            self.settle()

    def set_following(self, following: bool) -> None:
        """Follow the end or not, and say so."""
        if following != self.following:
            self.following = following
            self.post_message(messages.FollowChanged(following))

    # -- what Textual calls

    def on_mount(self) -> None:
        """Read the theme once there is one."""
        self._restyle()

    def notify_style_update(self) -> None:
        """The styles have changed, so may the colours have.

        Textual says so before it has worked out the component classes: read at once, they would be the theme's before.
        """
        super().notify_style_update()
        if self._inked and self.is_attached:
            self.call_next(self._restyle)

    def _restyle(self) -> None:
        if not self.is_attached:  # taken away meanwhile
            return
        inks = theme.inks_of(self)
        if self._inked and inks == self.document.inks:
            return
        self._inked = True
        self.document.restyle(inks)
        self._strips.clear()
        self.settle()

    def on_resize(self) -> None:
        """Another width lays out again, from the row that is read."""
        width = min(MEASURE, max(10, self.scrollable_content_region.width - GUTTER - RIGHT))
        row = self.scroll_offset.y
        if width != self.document.width:
            self.deselect()
            self._strips.clear()
            self._found.clear()
            row = self.document.resize(width, row)
        self.settle(row)

    def _scroll_to(
        self,
        x: float | None = None,
        y: float | None = None,
        *,
        animate: bool = True,  # noqa: ARG002 - Textual's signature
        **options: Any,
    ) -> bool:
        # Never animated: a correction of the heights above, halfway through, would end the animation where it is.
        return super()._scroll_to(x, y, animate=False, **options)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The reader has scrolled, or `settle` has."""
        super().watch_scroll_y(old_value, new_value)
        if self._moving:
            return
        self.set_following(round(new_value) >= self.max_scroll_y)
        self.settle()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, and what ends it."""
        text = selected_text(self.document, selection)
        return (text, "\n") if text else None

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002 - Textual's signature
        """Another selection is drawn."""
        self.refresh()

    # -- drawing

    def render_line(self, y: int) -> Strip:
        """The row `y` of the window."""
        width = self.scrollable_content_region.width
        place = self.document.locate(self.scroll_offset.y + y)
        if place is None:
            return Strip.blank(width, self.document.inks.answer.base)
        entry = self.document.entries[place.entry]
        line = self.document.line(place)
        overlay = self._overlay(place, len(line.text))
        first = place.unit == 0 and place.row == 0
        above = place.unit == 0 and place.row < 0
        tone = "answer" if above else entry.block.tone
        # The line itself is in the key and so kept alive: its id can mean no other line.
        key = (line, tone, place, overlay, first, width)
        strip = self._strips.get(key)
        if strip is None:
            strip = strip_of(line, tone, first, width, self.document, packed(place), overlay)
            self._strips[key] = strip
        return strip

    def _overlay(self, place: Place, length: int) -> Overlay:
        entry = self.document.entries[place.entry]
        above = place.row < 0 and place.unit == 0
        cursor = self.cursor == entry.block.id and not above
        selected: tuple[int, int] | None = None
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(packed(place))) is not None:
            selected = max(0, span[0]), length if span[1] == -1 else max(0, min(length, span[1]))
        matches: tuple[tuple[int, int], ...] = ()
        current: tuple[int, int] | None = None
        if self.search is not None and place.row >= 0:
            spans = [span for match in self._spans(place, self.search) for span in match if span.row == place.row]
            matches = tuple((span.start, span.end) for span in spans)
            if self._current == place and matches:
                current = matches[0]
        hover: tuple[int, int] | None = None
        if self._hover is not None and self._hover[0] == place:
            hover = characters(self.document.line(place), self._hover[1])
        return Overlay(cursor, selected, matches, current, hover)

    def _spans(self, place: Place, search: Search) -> list[list[Span]]:
        key = packed(place._replace(row=0))
        if key not in self._found:
            self._found[key] = search.spans(self.document.lines(place.entry, place.unit))
        return self._found[key]
