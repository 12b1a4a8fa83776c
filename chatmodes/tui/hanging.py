"""Lines whose continuation stands under their own text: terms and what they mean, rows of a list.

Textual wraps a line to the left edge, where the rest of an explanation reads like the next term.
"""

import re
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from chatmodes.tui.names import fitted

NARROWEST = 18
"""Cells in which an explanation beside its term can be read; with fewer it goes on nearer to the left edge."""
NEAR = 4
"""Where it goes on then."""


class Line(NamedTuple):
    """One line, and the cell at which it goes on where it is too long."""

    content: Content
    hang: int = 0


class Laid(Visual):
    """Text that is laid out anew for each width."""

    def __init__(self) -> None:
        self._made: tuple[int, Content] = (-1, Content(""))

    @abstractmethod
    def lines(self, width: int) -> Sequence[Line]:
        """What to show in `width` cells."""

    def at(self, width: int) -> Content:
        """The lines, wrapped to the width."""
        if self._made[0] != width:
            rows = [row for line in self.lines(width) for row in _wrapped(line, width)]
            self._made = width, Content("\n").join(rows)
        return self._made[1]

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """Textual's question."""
        return self.at(width).render_strips(width, height, style, options)

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """The width at which nothing wraps."""
        return self.at(container_width).get_optimal_width(rules, container_width)

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Rows at a width."""
        return self.at(width).get_height(rules, width)


class Hanging(Laid):
    """Lines as they are given."""

    def __init__(self, lines: Iterable[Line]) -> None:
        super().__init__()
        self._lines = list(lines)

    def lines(self, width: int) -> Sequence[Line]:
        """The same at every width."""
        del width
        return self._lines


class TitledRow(Laid):
    """A row of a list: a title, and in a quieter colour what is to be said of it, beside it or on lines of its own.

    A title gives way to a short remark beside it; a long remark goes on below.
    """

    def __init__(
        self, title: str, about: str, *, below: bool = False, right: bool = False, words: Iterable[str] = ()
    ) -> None:
        """`right` puts the remark at the right edge; `words` are those that were searched for, and marked."""
        super().__init__()
        self._title, self._about, self._below, self._right = title, about, below, right
        self._marked = re.compile("|".join(map(re.escape, words)) or "(?!)", re.IGNORECASE)

    def lines(self, width: int) -> Sequence[Line]:
        """A line, or two."""
        return [line._replace(content=self._mark(line.content)) for line in self._laid(width)]

    def _mark(self, content: Content) -> Content:
        return content.highlight_regex(self._marked, style="bold $text-accent")

    def _laid(self, width: int) -> Sequence[Line]:
        about = Content.styled(self._about, "$text-muted")
        if not self._about or self._below:
            title = Line(Content(fitted(self._title, width)))
            return [title, Line(Content("  ") + about, 2)] if self._about else [title]
        room = width - about.cell_length - 2 - self._right  # a scroll bar may stand at the edge
        if room < width // 2:  # all of it wraps: to cut the title off would save no line
            return [Line(Content(self._title) + Content("  ") + about, 2)]
        title = Content(fitted(self._title, room))
        gap = room - title.cell_length if self._right else 0
        return [Line(Content.assemble(title, " " * (gap + 2), about))]


def terms(rows: Iterable[tuple[str, str]], style: str, *, indent: int = 0, most: int = 32) -> list[Line]:
    """A table of terms and what they mean. A term longer than `most` cells pushes what it means to the right."""
    rows = list(rows)
    width = min(most, max((Content(term).cell_length for term, _ in rows), default=0))
    made: list[Line] = []
    for term, meaning in rows:
        pad = " " * max(0, width - Content(term).cell_length)
        line = Content.assemble(" " * indent, (term, style), pad, "  ", (meaning, "$text-muted"))
        made.append(Line(line, indent + width + 2))
    return made


def _wrapped(line: Line, width: int) -> list[Content]:
    content = line.content
    if width < 1 or content.cell_length <= width:
        return [content]
    hang = line.hang if width - line.hang >= NARROWEST else min(NEAR, line.hang, max(0, width - 2))
    first = content.wrap(width)[0]
    rest = content[len(first.plain) :]
    below = rest[len(rest.plain) - len(rest.plain.lstrip(" ")) :]
    return [first, *(part.pad_left(hang) for part in below.wrap(width - hang))]
