"""The transcript without a widget: blocks in order, where each row of them lies, and what has to be rendered for a
window.

Only what a window shows is rendered. The rest has estimated heights, and when an estimate above the reader is
corrected, the reader's row moves with it, so that what is being read stays where it is on the screen.
"""

from collections import OrderedDict
from dataclasses import replace
from typing import NamedTuple

from chatmodes.sanitize import clean
from chatmodes.tui.markdown.lines import BLANK, Line
from chatmodes.tui.transcript.blocks import Block
from chatmodes.tui.transcript.entry import Entry, Unit
from chatmodes.tui.transcript.inks import Inks
from chatmodes.tui.transcript.stack import Stack

KEPT_LINES = 20_000
"""Rendered lines kept. A line is about 0.6 kB, so this is 12 MB; what is beyond is rendered again when it is seen
again."""


class Place(NamedTuple):
    """A row of the transcript. Places sort in reading order, whatever the heights around them."""

    entry: int
    unit: int
    row: int
    """Within the unit, below its gap; negative in the gap."""


class Document:
    """Blocks, their layout for one width, and the inks they are drawn with."""

    def __init__(self, width: int = 80, inks: Inks | None = None) -> None:
        self.width = width
        self.inks = inks or Inks()
        self.entries: list[Entry] = []
        self.stack = Stack()
        self._index: dict[str, int] = {}
        self._rendered: OrderedDict[Unit, int] = OrderedDict()
        self._lines = 0

    # -- blocks

    def __contains__(self, id: str) -> bool:
        return id in self._index

    def index(self, id: str) -> int:
        """Where the block is; KeyError if it is not."""
        return self._index[id]

    def entry(self, id: str) -> Entry:
        """The block's entry; KeyError if there is none."""
        return self.entries[self._index[id]]

    @property
    def height(self) -> int:
        """All rows."""
        return self.stack.total

    def append(self, block: Block) -> None:
        """Add a block at the end. Its id must be new."""
        self._check(block.id)
        entry = Entry(block)
        self._index[block.id] = len(self.entries)
        self.entries.append(entry)
        self.stack.append(entry.estimate(self.width))

    def insert(self, index: int, block: Block) -> None:
        """Add a block before the one at the index."""
        self._check(block.id)
        self.entries.insert(index, Entry(block))
        self._reindex()

    def remove(self, id: str) -> None:
        """Take a block away."""
        del self.entries[self._index[id]]
        self._reindex()

    def replace(self, id: str, block: Block) -> None:
        """Put another block in a block's place."""
        index = self._index[id]
        if block.id != id:
            self._check(block.id)
            del self._index[id]
            self._index[block.id] = index
        self.entries[index] = Entry(block)
        self.refresh(index)

    def clear(self) -> None:
        """Nothing is left."""
        self.entries.clear()
        self._rendered.clear()
        self._lines = 0
        self._reindex()

    def _check(self, id: str) -> None:
        if id in self._index:
            raise ValueError(f"the transcript already has a block {id!r}")

    def _reindex(self) -> None:
        self._index = {entry.block.id: index for index, entry in enumerate(self.entries)}
        self.stack.rebuild(entry.estimate(self.width) for entry in self.entries)

    def refresh(self, index: int) -> None:
        """Take over an entry's height after it changed."""
        self.stack.put(index, self.entries[index].estimate(self.width))

    def feed(self, id: str, text: str) -> None:
        """More of a live block's text."""
        index = self._index[id]
        self.entries[index].feed(clean(text))
        self.refresh(index)

    def finish(self, id: str) -> None:
        """A live block is complete."""
        index = self._index[id]
        self.entries[index].finish()
        self.refresh(index)

    def change(self, id: str, **fields: object) -> None:
        """Change a block's head or fold, keeping its text."""
        index = self._index[id]
        entry = self.entries[index]
        if isinstance(head := fields.get("head"), str):
            fields["head"] = " ".join(clean(head).split("\n"))
        entry.block = replace(entry.block, **fields)  # type: ignore[arg-type]  # the fields are Block's
        if entry.units is not None and fields.keys() == {"head"} and entry.units[0].section is None:
            entry.units[0].lines = None  # a live head changes every second: no reason to lay out the text again
        else:
            entry.forget()
        self.refresh(index)

    # -- layout

    def restyle(self, inks: Inks) -> None:
        """Other colours, the same rows."""
        self.inks = inks
        for unit in self._rendered:
            unit.lines = None
        self._rendered.clear()
        self._lines = 0

    def resize(self, width: int, row: int) -> int:
        """Lay out for another width; returns the row where the text that was at `row` is."""
        place = self.locate(row)
        before = 0
        if place is not None and place.row > 0:
            lines = self.lines(place.entry, place.unit)
            before = sum(_size(line) for line in lines[: place.row])
        self.width = width
        for entry in self.entries:
            entry.forget()
        self._rendered.clear()
        self._lines = 0
        self.stack.rebuild(entry.estimate(width) for entry in self.entries)
        if place is None:
            return row
        found = place.row
        if before:
            lines = self.lines(place.entry, place.unit)
            found = count = 0
            for found, line in enumerate(lines):  # noqa: B007 - the row is what is looked for
                count += _size(line)
                if count > before:
                    break
        return self.row(Place(place.entry, place.unit, found))

    def locate(self, row: int) -> Place | None:
        """What lies at the row; None beyond the end. Builds the block's units, renders nothing."""
        index, inside = self.stack.find(row)
        if index >= len(self.entries):
            return None
        entry = self.entries[index]
        if entry.units is None:
            entry.build(self.width)
            self.refresh(index)
            return self.locate(row)
        unit, rest = entry.stack.find(inside)
        assert entry.units is not None
        return Place(index, unit, rest - entry.units[unit].gap)

    def row(self, place: Place) -> int:
        """The row at which the place lies."""
        entry = self.entries[place.entry]
        if entry.units is None:
            entry.build(self.width)
            self.refresh(place.entry)
        assert entry.units is not None
        unit = min(place.unit, len(entry.units) - 1)
        return self.stack.top(place.entry) + entry.stack.top(unit) + entry.units[unit].gap + place.row

    def lines(self, index: int, unit_index: int) -> list[Line]:
        """A unit's lines, rendered if they are not."""
        entry = self.entries[index]
        if entry.units is None:
            entry.build(self.width)
            self.refresh(index)
        assert entry.units is not None
        unit = entry.units[min(unit_index, len(entry.units) - 1)]
        if unit.lines is None:
            entry.measure(unit_index, self.inks)
            self.refresh(index)
            self._keep(unit)
        assert unit.lines is not None
        return unit.lines

    def measure_from(self, index: int, rows: int) -> int:
        """Render an entry from its start, as far as `rows` show; returns its height, exact if that is less than
        `rows`."""
        used = unit = 0
        self.row(Place(index, 0, 0))
        while used < rows and unit < len(self.entries[index].units or ()):
            self.lines(index, unit)
            used += self.entries[index].stack[unit]
            unit += 1
        return self.stack[index]

    def line(self, place: Place) -> Line:
        """The line at the place, blank in a gap."""
        if place.row < 0:
            return BLANK
        lines = self.lines(place.entry, place.unit)
        return lines[place.row] if place.row < len(lines) else BLANK

    def settle(self, row: int, rows: int, *, follow: bool) -> int:
        """Render what the window of `rows` from `row` shows, and return where the window has to start for what is in
        it to stay.

        follow: the window is kept at the end.
        """
        while True:
            if follow:
                row = max(0, self.height - rows)
            moved = self._measure_next(row, rows)
            if moved is None:
                return row
            row = max(0, row + moved)

    def _measure_next(self, row: int, rows: int) -> int | None:
        """Render the window's first unit that is not; by how much the window moves, or None if all are rendered."""
        at = row
        end = row + rows
        while at < end:
            index, inside = self.stack.find(at)
            if index >= len(self.entries):
                return None
            entry = self.entries[index]
            top = at - inside
            if entry.units is None:
                before = self.stack[index]
                entry.build(self.width)
                self.refresh(index)
                return self.stack[index] - before if top < row else 0
            unit_index, rest = entry.stack.find(inside)
            unit = entry.units[unit_index]
            if unit.lines is None:
                delta = entry.measure(unit_index, self.inks)
                self.refresh(index)
                self._keep(unit)
                if delta:
                    return delta if at - rest < row else 0
            else:
                self._rendered.move_to_end(unit)
            at += unit.height - rest
        return None

    def _keep(self, unit: Unit) -> None:
        self._lines += len(unit.lines or ()) - self._rendered.get(unit, 0)
        self._rendered[unit] = len(unit.lines or ())
        while self._lines > KEPT_LINES and len(self._rendered) > 200:
            old, count = self._rendered.popitem(last=False)
            old.lines = None
            self._lines -= count


def _size(line: Line) -> int:
    """A line's share of its text, the same at every width."""
    return len(line.text) - line.lead + len(line.joint)
