"""A row of the transcript as a strip: gutter, line, what lies over it (matches, selection), the rest of the row."""

from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chatmodes.tui.markdown.lines import Line, restyled
from chatmodes.tui.transcript.blocks import Tone
from chatmodes.tui.transcript.document import Document

GUTTER = 3
"""Cells before a line: the cursor's, the sign's and a space."""
RIGHT = 1
"""Cells kept free at the right."""

CURSOR = "█"
"""Before each row of the block that the cursor is on: without colours it is what tells it from the others."""


class Overlay(NamedTuple):
    """What one row has above its text. Part of the key its strip is cached under."""

    cursor: bool = False
    selected: tuple[int, int] | None = None
    matches: tuple[tuple[int, int], ...] = ()
    current: tuple[int, int] | None = None
    hover: tuple[int, int] | None = None


def strip_of(line: Line, tone: Tone, first: bool, width: int, document: Document, y: int, overlay: Overlay) -> Strip:
    """The row, `width` cells wide. `y` is its place for Textual's selection; negative x is the gutter."""
    inks = document.inks
    gutter = inks.gutter(tone)
    base = inks.palette(tone).base
    segments = list(line.segments)
    if overlay.matches:
        segments = restyled(segments, overlay.matches, inks.match)
    if overlay.current:
        segments = restyled(segments, [overlay.current], inks.match_current)
    if overlay.hover:
        segments = restyled(segments, [overlay.hover], inks.hover)
    if overlay.selected:
        segments = restyled(segments, [overlay.selected], inks.selection)
    sign = gutter.first if first else gutter.rest
    back = Style(bgcolor=base.bgcolor) if tone == "user" else Style.null()
    left = [
        Segment(CURSOR if overlay.cursor else " ", inks.cursor if overlay.cursor else inks.answer.base),
        Segment(sign, gutter.style + back),
    ]
    inside = max(0, min(document.width, width - GUTTER - RIGHT) - line.cells)
    outside = max(0, width - GUTTER - line.cells - inside)
    right = [Segment(" " * inside, line.fill or base), Segment(" " * outside, base)]
    ground = inks.cursor.bgcolor if overlay.cursor else None
    out: list[Segment] = []
    x = -GUTTER
    for segment in (*left, *segments, *right):
        text, style, _ = segment
        if text:
            style = style or base
            if ground is not None and style.bgcolor in (None, base.bgcolor, inks.answer.base.bgcolor):
                style += Style(bgcolor=ground)
            out.append(Segment(text, style + Style.from_meta({"offset": (x, y)})))
            x += len(text)
    return Strip(out, None).adjust_cell_length(width, base)
