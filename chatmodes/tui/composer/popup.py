"""The candidates over the composer. It never takes the focus: typing goes on, and the editor hands it its keys."""

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Offset, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from chatmodes.tui.composer.completion import Candidate
from chatmodes.tui.names import fitted, one_line

MOST_ROWS = 8
MOST_WIDTH = 90


class CompletionPopup(Widget):
    """Shown while it has candidates. `current` is the one that Tab or Enter takes."""

    DEFAULT_CSS = """
    CompletionPopup {
        display: none;
        overlay: screen;
        constrain: inside inside;
        width: auto;
        height: auto;
        background: $panel;
        color: $text;
        & .completion--current { background: $primary; color: $background; text-style: bold; }
        & .completion--help { color: $text-muted; }
        &:ansi .completion--current { background: ansi_default; color: ansi_default; text-style: reverse; }
        &.-open { display: block; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"completion--current", "completion--help"}

    class Chosen(Message):
        """A candidate was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self._candidates: Sequence[Candidate] = ()
        self._index = 0
        self._top = 0
        self.moved = False
        """Whether the reader has moved the selection since the list opened."""

    @property
    def is_open(self) -> bool:
        return bool(self._candidates)

    @property
    def current(self) -> Candidate | None:
        return self._candidates[self._index] if self._candidates else None

    @property
    def rows(self) -> int:
        """How many candidates are on screen."""
        return min(len(self._candidates), MOST_ROWS, max(1, self.app.size.height - 4))

    @property
    def _height(self) -> int:
        """The rows, and below them the line that says how many candidates are not among them."""
        return self.rows + (len(self._candidates) > self.rows)

    @property
    def _hidden(self) -> str:
        above, below = self._top, len(self._candidates) - self._top - self.rows
        return " · ".join(f"{sign} {count} more" for sign, count in (("↑", above), ("↓", below)) if count > 0)

    def show(self, candidates: Sequence[Candidate], place: Offset) -> None:
        """List the candidates above `place`, the screen's cell where what they complete begins."""
        if not candidates:
            self.close()
            return
        if list(candidates) != list(self._candidates):
            self._candidates, self._index, self._top, self.moved = candidates, 0, 0, False
        above = place.y >= self._height
        self.absolute_offset = Offset(max(0, place.x - 1), place.y - self._height if above else place.y + 1)
        self.add_class("-open")
        self.refresh(layout=True)

    def close(self) -> None:
        """Away with it."""
        self._candidates, self.moved = (), False
        self.remove_class("-open")

    def move(self, by: int) -> None:
        """Select the next or an earlier candidate, around the ends."""
        if self._candidates:
            self._index = (self._index + by) % len(self._candidates)
            self._top = max(min(self._top, self._index), self._index - self.rows + 1)
            self.moved = True
            self.refresh()

    def _label_width(self) -> int:
        return min(max((cell_len(one_line(c.label)) for c in self._candidates), default=0), MOST_WIDTH // 2)

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002 - Textual's
        text = max((cell_len(one_line(c.help)) for c in self._candidates), default=0)
        told = len(" ↑ 123 more · ↓ 123 more ") if len(self._candidates) > self.rows else 0
        return min(max(self._label_width() + (text + 4 if text else 2), told), MOST_WIDTH, viewport.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        return self._height

    def render_line(self, y: int) -> Strip:
        index, width = y + self._top, self.size.width
        if y >= self.rows:
            muted = self.get_component_rich_style("completion--help")
            hidden = Segment(fitted(f" {self._hidden}", width) if width > 1 else "", muted)
            return Strip([hidden]).adjust_cell_length(width, self.rich_style)
        if index >= len(self._candidates):
            return Strip.blank(width, self.rich_style)
        candidate = self._candidates[index]
        chosen = index == self._index
        plain = self.get_component_rich_style("completion--current") if chosen else self.rich_style
        muted = plain if chosen else self.get_component_rich_style("completion--help")
        labels = self._label_width()
        label = fitted(one_line(candidate.label), labels)
        text = fitted(one_line(candidate.help), width - labels - 4)
        gap = " " * (labels - cell_len(label) + 2)
        segments = [Segment(f" {label}", plain), Segment(f"{gap}{text} " if text else "", muted)]
        return Strip(segments).adjust_cell_length(width, plain)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        index = event.y + self._top
        if event.y < self.rows and index < len(self._candidates):
            self._index = index
            self.post_message(self.Chosen())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.move(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.move(-1)
