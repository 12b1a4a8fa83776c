"""Where each agent's pane goes: arithmetic of its own, so that every size can be checked without a screen."""

from dataclasses import dataclass
from typing import Literal

NARROW = 100
"""Below this width columns of text are too narrow to read, so panes stand below each other."""
MIN_PANE = 38
CONDENSED_PANE = 24
"""The narrowest a pane may get when there are more than fit otherwise."""
GAP = 1
WISHED_HEIGHT = 5
"""A header and four lines of text."""
WISHED_STACKED = 4
"""The same of panes that stand below each other, whose lines are long."""
MOST_HEIGHT = 40
"""Of a pane where the screen would be empty otherwise. Higher ones show no more than an eye follows in five streams."""
STACKED = 2
"""Lines for each agent from which on panes on a narrow screen stand below each other, in place of a line each: state
and figures on the one, the newest words on the other."""


@dataclass(frozen=True)
class Arrangement:
    """How `count` panes share an area. `pane_height` 1 means that state and text share one line."""

    kind: Literal["grid", "lines"]
    columns: int
    pane_width: int
    pane_height: int
    rows: int
    """Rows of panes in all, of which `shown` fit the area."""
    shown: int


def arrange(width: int, height: int, count: int) -> Arrangement:
    """The roomiest arrangement that shows all; where none does, the densest one, which then scrolls."""
    width, height, count = max(1, width), max(1, height), max(1, count)
    if width < NARROW:
        if height >= count * STACKED:
            return Arrangement("grid", 1, width, min(height // count, MOST_HEIGHT), count, count)
        return _lines(width, height, count, 1)
    for narrowest in (MIN_PANE, CONDENSED_PANE):
        most = max(1, (width + GAP) // (narrowest + GAP))
        rows = -(-count // most)
        if rows * 2 <= height:
            columns = -(-count // rows)
            pane_width = (width + GAP) // columns - GAP
            return Arrangement("grid", columns, pane_width, min(height // rows, MOST_HEIGHT), rows, rows)
    return _lines(width, height, count, max(1, (width + GAP) // (MIN_PANE + GAP)))


def _lines(width: int, height: int, count: int, most_columns: int) -> Arrangement:
    columns = min(most_columns, -(-count // height)) if most_columns > 1 else 1
    rows = -(-count // columns)
    return Arrangement("lines", columns, (width + GAP) // columns - GAP, 1, rows, min(rows, height))


def wished_height(width: int, limit: int, count: int) -> int:
    """How many lines panes would like, at most `limit`."""
    if width < NARROW:
        count = max(1, count)
        each = min(limit // count, WISHED_STACKED)
        return count * each if each >= STACKED else max(1, min(count, limit))
    most = max(1, (width + GAP) // (MIN_PANE + GAP))
    rows = -(-max(1, count) // most)
    return min(rows * WISHED_HEIGHT, max(limit, 1))


def roomy_height(width: int, room: int, count: int) -> int:
    """How many of `room` lines that are free panes can use; 0 where more lines would only be blank ones."""
    if width < NARROW:
        return min(room, count * MOST_HEIGHT) // count * count if room >= count * STACKED else 0
    most = max(1, (width + GAP) // (MIN_PANE + GAP))
    rows = -(-max(1, count) // most)
    return min(room, rows * MOST_HEIGHT) // rows * rows
