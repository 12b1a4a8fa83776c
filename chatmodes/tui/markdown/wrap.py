"""Breaking styled text into lines of a width, with CJK, emoji and combining characters measured as the terminal
draws them.

Rich and Textual wrap too, at several times the cost: text of single-cell characters, nearly all of it, is cut here
by searching for spaces, without measuring a character.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment
from rich.style import Style

from chatmodes.tui.markdown.lines import BLANK, Hit, Line


class Piece(NamedTuple):
    """A stretch of text of one style."""

    text: str
    style: Style
    link: str = ""
    """Its address, when it is a link."""


class Cut(NamedTuple):
    """One line's characters, and what the break after it stands for in a copy."""

    start: int
    end: int
    joint: str


_NARROW = frozenset(
    chr(point)
    for first, last in ((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2FF), (0x370, 0x482), (0x2010, 0x2027), (0x2500, 0x259F))
    for point in range(first, last + 1)
)
# A line never starts with these: Chinese and Japanese closing marks.
_NOT_FIRST = frozenset("、。，．！？：；）」』】〉》〕｝…ー々")


def cuts(text: str, width: int) -> list[Cut]:
    """Where to break a text without newlines. Spaces at a break are left out; a word longer than a line is cut."""
    width = max(1, width)
    if _NARROW.issuperset(text):
        return _cuts_narrow(text, width)
    return _cuts_wide(text, width)


def _cuts_narrow(text: str, width: int) -> list[Cut]:
    out: list[Cut] = []
    start, size = 0, len(text)
    while size - start > width:
        space = text.rfind(" ", start, start + width + 1)
        # Leading spaces are indentation, not a place to break.
        if space > start and not text[start:space].isspace():
            end = _trimmed(text, start, space)
            following = space + 1
            while following < size and text[following] == " ":
                following += 1
            if following >= size:
                out.append(Cut(start, end, "\n"))
                return out
            out.append(Cut(start, end, text[end:following]))
            start = following
        else:
            out.append(Cut(start, start + width, ""))
            start += width
    out.append(Cut(start, size, "\n"))
    return out


def _cuts_wide(text: str, width: int) -> list[Cut]:
    out: list[Cut] = []
    start = used = 0
    chance: tuple[int, int] | None = None  # the last place to break: (end of this line, start of the next)
    since = 0  # cells after that place
    previous_wide = False
    for begin, end, cells in split_graphemes(text)[0]:
        first = text[begin]
        space = first == " " and end - begin == 1
        wide = cells == 2
        if (wide or previous_wide) and not space and begin > start and first not in _NOT_FIRST:
            chance, since = (_trimmed(text, start, begin), begin), 0
        if used + cells > width and not space:
            if chance is not None and chance[0] > start:
                line, (stop, start) = start, chance
                out.append(Cut(line, stop, text[stop:start]))
                used = since
            if used + cells > width and begin > start:
                out.append(Cut(start, begin, ""))
                start, used = begin, 0
            chance, since = None, 0
        used += cells
        since += cells
        if space:
            stop = _trimmed(text, start, begin)
            if stop > start:
                chance, since = (stop, end), 0
        previous_wide = wide
    stop = len(text)
    if used > width:
        stop = len(text.rstrip(" "))
    out.append(Cut(start, max(start, stop), "\n"))
    return out


def _trimmed(text: str, start: int, end: int) -> int:
    """The end without the spaces before it."""
    while end > start and text[end - 1] == " ":
        end -= 1
    return end


def wrap(pieces: Sequence[Piece], width: int) -> list[Line]:
    """The pieces as lines of at most `width` cells (one wide character may exceed a width of one)."""
    text = "".join(piece.text for piece in pieces)
    out: list[Line] = []
    offset = 0
    index = at = 0  # the piece under way, and how far into it
    for row in text.split("\n"):
        for start, end, joint in cuts(row, width):
            begin, stop = offset + start, offset + end
            if begin == stop:
                out.append(BLANK._replace(joint=joint))
                continue
            # Move to the piece that holds the first character.
            while at + len(pieces[index].text) <= begin:
                at += len(pieces[index].text)
                index += 1
            segments: list[Segment] = []
            hits: list[Hit] = []
            cells = 0
            position = begin
            while position < stop:
                piece = pieces[index]
                low, high = position - at, min(stop - at, len(piece.text))
                part = piece.text if low == 0 and high == len(piece.text) else piece.text[low:high]
                size = cell_len(part)
                if part:
                    segments.append(Segment(part, piece.style))
                if piece.link:
                    hits.append(Hit(cells, cells + size, "link", piece.link))
                cells += size
                position = at + high
                if position < stop:
                    at += len(piece.text)
                    index += 1
            out.append(Line(tuple(segments), cells, joint=joint, hits=tuple(hits)))
        offset += len(row) + 1
    return out
