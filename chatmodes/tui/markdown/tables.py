"""Tables: columns as wide as their cells ask for, shrunk fairly to the width, cells wrapped; more columns than fit
are counted."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from chatmodes.tui.markdown.inline import pieces
from chatmodes.tui.markdown.lines import Hit, Line, Skip
from chatmodes.tui.markdown.palette import Palette
from chatmodes.tui.markdown.wrap import Piece, wrap

Align = Literal["left", "right", "center"]

LEAST = 6
"""Cells of a column at least, if its content is as wide: narrower, words become columns of letters."""
BETWEEN = " │ "
_BORDER = re.compile(r"(?<!\\)\|")
_CODE = re.compile(r"(?<!`)(`+)(?!`)([^\n]*?)(?<!`)\1(?!`)")


class Cell(NamedTuple):
    """One cell, its text not parsed yet."""

    content: str
    style: Style
    align: Align


class _Drawn(NamedTuple):
    pieces: list[Piece]
    align: Align


def whole_rows(table: str) -> str:
    """A table's source, no row of which has more cells than its head: those a parser drops, and with them what a model
    wrote.

    A border inside of code is a character of the code there; what is still too much belongs to the last cell.
    """
    lines = table.split("\n")
    head = next((at for at, line in enumerate(lines) if line.strip()), 0)
    columns = len(_borders(lines[head + 1])) + 1 if head + 1 < len(lines) else 0
    return "\n".join(_whole(line, columns) if at > head + 1 else line for at, line in enumerate(lines))


def _whole(line: str, columns: int) -> str:
    surplus = _borders(line)[max(0, columns - 1) :]
    if not surplus or not line[surplus[0] :].strip("| \t\r"):
        return line
    line = _CODE.sub(lambda code: _BORDER.sub(r"\\|", code[0]), line)
    for at in reversed(_borders(line)[max(0, columns - 1) :]):
        line = f"{line[:at]}\\{line[at:]}"
    return line


def _borders(line: str) -> list[int]:
    """Where one cell of a row ends and the next begins."""
    start, end = len(line) - len(line.lstrip()), len(line.rstrip())
    return [one.start() for one in _BORDER.finditer(line) if start < one.start() < end - 1]


def _widths(rows: Sequence[Sequence[_Drawn]], room: int) -> list[int]:
    """Cells for each column shown, from the left; fewer than the columns there are if they do not fit."""
    columns = max((len(row) for row in rows), default=0)
    wished = [max((_widest(row[column]) for row in rows if column < len(row)), default=1) for column in range(columns)]
    while wished and sum(min(LEAST, wish) for wish in wished) + len(BETWEEN) * (len(wished) - 1) > room:
        if len(wished) == 1:
            return [max(1, room)]
        wished.pop()
    return _shared(wished, room - len(BETWEEN) * (len(wished) - 1))


def _widest(cell: _Drawn) -> int:
    text = "".join(piece.text for piece in cell.pieces)
    return max(1, *(cell_len(part) for part in text.split("\n")))


def _shared(wished: list[int], spare: int) -> list[int]:
    """Narrow columns get what they ask for, the wide ones share the rest evenly."""
    given = [0] * len(wished)
    left = spare
    order = sorted(range(len(wished)), key=wished.__getitem__)
    for done, column in enumerate(order):
        given[column] = max(1, min(wished[column], left // (len(order) - done)))
        left -= given[column]
    return given


def table_lines(rows: Sequence[Sequence[Cell]], room: int, palette: Palette, *, head: bool = True) -> list[Line]:
    """The table's lines. The first row is the head; `head` False leaves it out (it still counts for the widths)."""
    columns = max((len(row) for row in rows), default=0)
    # No more can fit, so no more are parsed: a row may have thousands.
    possible = min(columns, room // (1 + len(BETWEEN)) + 1)
    drawn = [[_Drawn(pieces(c.content, c.style, palette), c.align) for c in row[:possible]] for row in rows]
    widths = _widths(drawn, room)
    if len(widths) < columns:
        widths = _widths(drawn, max(LEAST, room - 7))
    hidden = columns - len(widths)
    out: list[Line] = []
    for index, row in enumerate(drawn):
        if index == 0 and not head:
            continue
        mark = f" +{hidden}…" if hidden and index == 0 else ""
        out.extend(_row(row, widths, palette, mark))
        if index == 0:
            bar = "─┼─".join("─" * width for width in widths)
            out.append(Line((Segment(bar, palette.table_border),), len(bar), joint="", skips=(Skip(0, len(bar)),)))
    return out


class _Row:
    """One row of the screen as it is put together."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.hits: list[Hit] = []
        self.skips: list[Skip] = []
        self.cells = self.characters = 0

    def add(self, segment: Segment, instead: str | None = None) -> None:
        """More of the row; `instead` is what is copied for it, when that is something else."""
        size = len(segment.text)
        if not size:
            return
        self.segments.append(segment)
        if instead is not None:
            self.skips.append(Skip(self.characters, self.characters + size, instead))
        self.cells += cell_len(segment.text)
        self.characters += size

    def cell(self, line: Line | None, width: int, align: Align, space: Style) -> None:
        """A cell's line, aligned."""
        spare = max(0, width - (line.cells if line else 0))
        before = spare if align == "right" else spare // 2 if align == "center" else 0
        self.add(Segment(" " * before, space), "")
        if line is not None:
            at = self.cells
            self.hits.extend(hit._replace(start=hit.start + at, end=hit.end + at) for hit in line.hits)
            for segment in line.segments:
                self.add(segment)
        self.add(Segment(" " * (spare - before), space), "")


def _row(row: Sequence[_Drawn], widths: list[int], palette: Palette, mark: str) -> list[Line]:
    cells = [wrap(row[column].pieces, width) if column < len(row) else [] for column, width in enumerate(widths)]
    height = max((len(lines) for lines in cells), default=1) or 1
    out: list[Line] = []
    for level in range(height):
        drawn = _Row()
        for column, width in enumerate(widths):
            if column:
                drawn.add(Segment(BETWEEN, palette.table_border), "\t")
            line = cells[column][level] if level < len(cells[column]) else None
            drawn.cell(line, width, row[column].align if column < len(row) else "left", palette.base)
        if mark and level == 0:
            drawn.add(Segment(mark, palette.dim), "")
        out.append(Line(tuple(drawn.segments), drawn.cells, hits=tuple(drawn.hits), skips=tuple(drawn.skips)))
    return out
