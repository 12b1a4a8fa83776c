"""A block laid out: its sections as units with a height, measured when first seen and estimated before."""

from dataclasses import replace

from rich.segment import Segment

from chatmodes.sanitize import clean
from chatmodes.tui.markdown.lines import Hit, Line
from chatmodes.tui.markdown.render import render
from chatmodes.tui.markdown.sections import Section, Splitter, split, split_plain
from chatmodes.tui.markdown.wrap import Piece, wrap
from chatmodes.tui.names import fitted
from chatmodes.tui.transcript.blocks import Block
from chatmodes.tui.transcript.inks import Inks
from chatmodes.tui.transcript.stack import Stack

OPEN, FOLDED = "▾ ", "▸ "


class Unit:
    """A part of a block that is rendered at once: its head, or one section of its text."""

    __slots__ = ("exact", "gap", "height", "lines", "section")

    def __init__(self, section: Section | None, gap: int, height: int) -> None:
        self.section = section
        """None for the head."""
        self.gap = gap
        self.height = height
        """Rows, gap included."""
        self.exact = False
        self.lines: list[Line] | None = None


class Entry:
    """A block and its units for the present width. Until it is first seen, a block is only an estimate."""

    def __init__(self, block: Block) -> None:
        if block.live and not block.markdown:
            raise ValueError(f"block {block.id!r} is live and not Markdown: only Markdown streams")
        self.block = replace(block, text=clean(block.text), head=_line(block.head))
        self.stack = Stack()
        self.units: list[Unit] | None = None
        self._splitter = Splitter() if block.live else None
        self._sections: list[Section] | None = None
        self._tail = 0
        """Units behind this index are the unfinished end of a live text."""
        self._width = 0
        if self._splitter is not None:
            self._sections = self._splitter.feed(self.block.text)
        self._newlines = self.block.text.count("\n")
        self._characters = len(self.block.text)

    @property
    def live(self) -> bool:
        """Whether more text may come."""
        return self._splitter is not None

    @property
    def source(self) -> str:
        """The block's whole text, cleaned."""
        if self._splitter is None:
            return self.block.text
        sections = [*(self._sections or ()), *self._splitter.tail()]
        return "".join(section.raw for section in sections)

    @property
    def sections(self) -> list[Section]:
        """All sections of the text."""
        if self._sections is None:
            self._sections = split(self.block.text) if self.block.markdown else split_plain(self.block.text)
        if self._splitter is not None:
            return [*self._sections, *self._splitter.tail()]
        return self._sections

    def estimate(self, width: int) -> int:
        """Rows the block will take, near enough for a scrollbar."""
        if self.units is not None:
            return self.stack.total
        head = 1 if self.block.head else 0
        if self.block.folded:
            return 1 + head
        rows = self._newlines + self._characters // max(1, width)
        return 1 + head + (rows + 1 if self._characters else rows)

    def forget(self) -> None:
        """Back to an estimate: the width or the fold has changed."""
        self.units = None
        self.stack = Stack()

    def build(self, width: int) -> None:
        """Make the units, not yet rendered."""
        block = self.block
        self._width = width
        self.units = []
        if block.head:
            self.units.append(Unit(None, 1, 2))
        self._tail = len(self.units)
        if not block.folded:
            if self._splitter is None:
                self._add(self.sections)
            else:
                self._add(self._sections or [])
                self._tail = len(self.units)
                self._add(self._splitter.tail())
        if not self.units:
            self.units.append(Unit(None, 1, 1))
        self.stack.rebuild(unit.height for unit in self.units)

    def _add(self, sections: list[Section]) -> None:
        assert self.units is not None
        for section in sections:
            gap = section.gap if self.units else 1
            if len(self.units) == 1 and self.units[0].section is None and section.kind != "heading":
                gap = 0  # a head and what stands under it belong together
            raw = section.raw
            rows = max(raw.count("\n"), len(raw) // max(1, self._width) + 1)
            self.units.append(Unit(section, gap, gap + rows))

    def feed(self, text: str) -> None:
        """More of a live text."""
        splitter = self._splitter
        assert splitter is not None
        fresh = splitter.feed(text)
        assert self._sections is not None
        self._sections.extend(fresh)
        self._newlines += text.count("\n")
        self._characters += len(text)
        if self.units is None or self.block.folded:
            return
        self._replace_tail(fresh, splitter.tail())

    def _replace_tail(self, fresh: list[Section], tail: list[Section]) -> None:
        units = self.units
        assert units is not None
        del units[self._tail :]
        self.stack.truncate(self._tail)
        self._add(fresh)
        keep = len(units)
        self._add(tail)
        if not units:
            units.append(Unit(None, 1, 1))
        for unit in units[self._tail :]:
            self.stack.append(unit.height)
        self._tail = keep

    def finish(self) -> None:
        """No more text comes."""
        splitter = self._splitter
        if splitter is None:
            return
        assert self._sections is not None
        fresh = splitter.flush()
        self._sections.extend(fresh)
        text = "".join(section.raw for section in self._sections)
        self._splitter = None
        self.block = replace(self.block, text=text, live=False)
        if self.units is not None and not self.block.folded:
            self._replace_tail(fresh, [])

    def measure(self, index: int, inks: Inks) -> int:
        """Render a unit; returns by how much it is higher than it was taken to be."""
        assert self.units is not None
        unit = self.units[index]
        unit.lines = self._render(unit, inks)
        unit.height = unit.gap + len(unit.lines)
        unit.exact = True
        return self.stack.put(index, unit.height)

    def _render(self, unit: Unit, inks: Inks) -> list[Line]:
        if unit.section is not None:
            return render(unit.section, self._width, inks.palette(self.block.tone))
        return self._head(inks) if self.block.head else []

    def _head(self, inks: Inks) -> list[Line]:
        style = inks.head(self.block.tone)
        if self.block.opens:
            line = wrap([Piece(fitted(self.block.head, self._width), inks.answer.dim)], self._width)[0]
            return [line._replace(hits=(Hit(0, self._width, "open"),))]
        if not self.block.foldable:
            return wrap([Piece(self.block.head, style)], self._width)
        mark = FOLDED if self.block.folded else OPEN
        # On one line, which says by an ellipsis that there is more.
        lines = wrap([Piece(fitted(self.block.head, self._width - len(mark)), style)], self._width - len(mark))[:1]
        return [
            Line(
                (Segment(mark, style), *line.segments),
                line.cells + len(mark),
                lead=len(mark),
                hits=(Hit(0, self._width, "fold"),),
            )
            for line in lines
        ]


def _line(text: str) -> str:
    """Cleaned, and on one line."""
    return " ".join(clean(text).split("\n")).expandtabs(4)
