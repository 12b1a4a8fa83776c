"""A picture as rows of half cells: the upper half of a cell is the character's colour, the lower its ground."""

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

UPPER = "▀"


def strips(width: int, height: int, rgb: bytes) -> list[Strip]:
    """The rows of a picture of so many pixels, three bytes a pixel; two rows of pixels make one of cells.

    It takes some 20 ms a screen: call it in a thread.
    """
    row = width * 3
    last = bytes(row)
    made: list[Strip] = []
    for top in range(0, height, 2):
        upper = rgb[top * row : (top + 1) * row]
        lower = rgb[(top + 1) * row : (top + 2) * row] or last
        made.append(Strip(_cells(upper, lower), width))
    return made


def _cells(upper: bytes, lower: bytes) -> list[Segment]:
    """A row's cells, neighbours of one colour as one segment."""
    cells: list[Segment] = []
    before, count = b"", 0
    for at in range(0, len(upper), 3):
        both = upper[at : at + 3] + lower[at : at + 3]
        if both != before:
            if count:
                cells.append(_segment(before, count))
            before, count = both, 0
        count += 1
    return [*cells, _segment(before, count)] if count else cells


def _segment(both: bytes, count: int) -> Segment:
    return Segment(UPPER * count, Style(color=Color.from_rgb(*both[:3]), bgcolor=Color.from_rgb(*both[3:])))
