"""Pictures looked at, one at a time, over the whole screen."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from chatmodes.tui.host import keymap
from chatmodes.tui.host.application import TerminalApp
from chatmodes.tui.names import fitted
from chatmodes.tui.pictures.cells import strips
from chatmodes.tui.pictures.keys import PictureKeys


class Shown(NamedTuple):
    """A picture to be looked at."""

    line: str
    """What it is, in a line."""
    content: bytes
    """Its file's bytes."""


class PictureViewer(PictureKeys, ModalScreen[None]):
    """Shows pictures as large as the screen is, never larger than they are."""

    app: TerminalApp
    BINDINGS: ClassVar[list[BindingType]] = PictureKeys.BINDINGS

    DEFAULT_CSS = """
    PictureViewer {
        background: $background;
        layout: vertical;
        & Static { height: 1; color: $text-muted; padding: 0 1; }
        & HalfCells { height: 1fr; width: 1fr; }
    }
    """

    def __init__(self, pictures: Sequence[Shown], at: int = 0) -> None:
        super().__init__(id="pictures")
        self._pictures, self._at = pictures, at
        self._view = HalfCells()
        self._said = Static(Content(""))

    def compose(self) -> ComposeResult:
        """The picture, and below it what it is."""
        yield self._view
        yield self._said

    def on_mount(self) -> None:
        """The first one."""
        self.action_step(0)

    def action_step(self, by: int) -> None:
        """Another picture, around the ends."""
        self._at = (self._at + by) % len(self._pictures)
        picture = self._pictures[self._at]
        place = f"{self._at + 1} of {len(self._pictures)}: " if len(self._pictures) > 1 else ""
        self._said.update(Content(f"{place}{picture.line} · {keymap.shown('picture.close')} closes"))
        self._view.show(picture.content)

    async def action_full(self) -> None:
        """The picture as the terminal itself can draw it; said where it cannot, as far as its environment tells."""
        from chatmodes.attaching import AttachError
        from chatmodes.tui.pictures.protocols import drawing, protocol_of

        picture, protocol = self._pictures[self._at], protocol_of()
        try:
            if protocol is None:
                self.notify("This terminal does not say that it draws pictures; half cells are all there is.")
            else:
                await self.app.lend(drawing(protocol, picture.content, picture.line, self.size))
        except AttachError as problem:
            self.notify(str(problem), severity="warning", markup=False)
        except SuspendNotSupported:
            self.notify("There is no terminal here to draw on.")

    def action_close(self) -> None:
        """Back to where one was."""
        self.dismiss()

    def on_click(self, event: events.Click) -> None:
        """A click closes it, as it opened it."""
        event.stop()
        self.dismiss()


class HalfCells(Widget):
    """One picture in the middle of its room."""

    def __init__(self) -> None:
        super().__init__()
        self._content = b""
        self._strips: list[Strip] = []
        self.problem = ""
        """Why it cannot be shown."""

    def show(self, content: bytes) -> None:
        """Show another picture, as soon as it is drawn."""
        self._content = content
        if self.size:
            self.run_worker(self._draw(), exclusive=True)

    def on_resize(self) -> None:
        """There is another room."""
        if self._content and self.size:
            self.run_worker(self._draw(), exclusive=True)

    @property
    def drawn(self) -> bool:
        """Whether there is something to see."""
        return bool(self._strips)

    async def _draw(self) -> None:
        ground = self.background_colors[1].rgb
        try:
            self._strips = await asyncio.to_thread(partial(_strips_of, self._content, *self.size, ground))
            self.problem = ""
        except ValueError as problem:
            self._strips, self.problem = [], str(problem)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        if self.problem and not y:
            return Strip([Segment(fitted(self.problem, width), self.rich_style)])
        above = (height - len(self._strips)) // 2
        if not above <= y < above + len(self._strips):
            return Strip.blank(width, self.rich_style)
        row = self._strips[y - above]
        left = (width - row.cell_length) // 2
        return Strip.join([Strip.blank(left, self.rich_style), row]).adjust_cell_length(width, self.rich_style)


def _strips_of(content: bytes, width: int, height: int, ground: tuple[int, int, int]) -> list[Strip]:
    """Raises `ValueError` for what is no picture that can be read."""
    from chatmodes.attaching import AttachError
    from chatmodes.attaching.pictures import pixels

    try:
        return strips(*pixels(content, width, height * 2, ground))
    except AttachError as problem:
        raise ValueError(str(problem)) from problem
