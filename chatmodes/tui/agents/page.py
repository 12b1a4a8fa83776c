"""The maximised draft as the transcript would draw it: whole Markdown, from its end upwards as far as the pane shows.

The splitter reads each line of a draft once and only sections in sight are rendered, once each, so that a pane costs
the same however long its draft has become. What is not whole yet is drawn anew each time; `sections.CAP` bounds it.
"""

from collections.abc import Sequence

from rich.segment import Segment
from textual.strip import Strip

from chatmodes.sanitize import clean
from chatmodes.tui.agents.paint import Paint
from chatmodes.tui.markdown.lines import BLANK, Line
from chatmodes.tui.markdown.palette import Palette
from chatmodes.tui.markdown.render import render
from chatmodes.tui.markdown.sections import Section, Splitter


class Page:
    """A growing list of pieces of one text, laid out at `width` cells."""

    def __init__(self, key: object, width: int, palette: Palette) -> None:
        self.key = key
        """Which text this is: another one needs another page."""
        self._width = max(1, width)
        self._palette = palette
        self._begin()

    def _begin(self) -> None:
        self._seen = 0
        self._splitter = Splitter()
        self._sections: list[Section] = []
        self._rendered: dict[int, list[Line]] = {}

    def feed(self, pieces: Sequence[str]) -> None:
        """Take what `pieces` has more than last time; where it has shrunk a retry began it anew."""
        if len(pieces) < self._seen:
            self._begin()
        if len(pieces) > self._seen:
            self._sections += self._splitter.feed(clean("".join(pieces[self._seen :])))
            self._seen = len(pieces)

    def last(self, count: int) -> list[Line]:
        """The last `count` lines or fewer."""
        out: list[Line] = []
        for section in reversed(self._splitter.tail()):
            self._put(out, section, render(section, self._width, self._palette))
        for index in range(len(self._sections) - 1, -1, -1):
            if len(out) > count:
                break
            if index not in self._rendered:
                self._rendered[index] = render(self._sections[index], self._width, self._palette)
            self._put(out, self._sections[index], self._rendered[index])
        while out and out[-1] is BLANK:  # the gap above the text's first section
            out.pop()
        return out[count - 1 :: -1] if 0 < count < len(out) else out[::-1] if count > 0 else []

    @staticmethod
    def _put(out: list[Line], section: Section, lines: list[Line]) -> None:
        """A section's lines onto a pile whose first is the text's last."""
        out.extend(reversed(lines))
        out.extend([BLANK] * section.gap)


def strip_of(line: Line, width: int, paint: Paint) -> Strip:
    """A line in a pane, one cell from its edge."""
    room = max(0, width - 1 - line.cells)
    segments = [Segment(" ", paint.base), *line.segments, Segment(" " * room, line.fill or paint.base)]
    return Strip(segments).adjust_cell_length(width, paint.base)
