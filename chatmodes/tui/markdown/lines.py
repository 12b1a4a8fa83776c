"""What rendering gives: lines of styled text that know how to be copied, clicked and searched.

A `Strip` of Textual costs about 1.5 kB of empty caches, a `Line` a tenth of it: blocks keep lines, and only the
lines on screen are turned into strips.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from chatmodes.tui.markdown.display import head

HitKind = Literal["link", "copy", "fold", "open"]


class Hit(NamedTuple):
    """A part of a line that answers to the mouse."""

    start: int
    end: int
    """In cells, end excluded."""
    kind: HitKind
    payload: str = ""
    """The address of a link, the text of a fence; empty for a fence that is a section of its own and for the others."""


class Skip(NamedTuple):
    """Characters that are drawn and not copied, such as a table's borders."""

    start: int
    end: int
    instead: str = ""


class Line(NamedTuple):
    """One row of the transcript, without the gutter."""

    segments: tuple[Segment, ...]
    cells: int
    lead: int = 0
    """Characters at the start that are indentation or a marker."""
    lead_copy: str = ""
    """What is copied in their place."""
    joint: str = "\n"
    """What stands between this line and the next in a copy: a wrapped line is no new line."""
    hits: tuple[Hit, ...] = ()
    skips: tuple[Skip, ...] = ()
    fill: Style | None = None
    """The style of the rest of the row, when that differs from the transcript's."""

    @property
    def text(self) -> str:
        """The characters as drawn."""
        return "".join(segment.text for segment in self.segments)

    def copied(self, start: int, end: int | None, *, continues: bool) -> str:
        """The characters from start to end (None: all), as they go to the clipboard.

        continues: the line before is copied too and this one only wraps it.
        """
        text = self.text
        end = len(text) if end is None else min(end, len(text))
        pieces: list[str] = []
        if self.lead:
            if start == 0 and not continues and end > 0:
                pieces.append(self.lead_copy)
            start = max(start, self.lead)
        for skip in self.skips:
            if skip.start >= end or skip.end <= start:
                continue
            pieces.append(text[start : max(start, skip.start)])
            pieces.append(skip.instead)
            start = skip.end
        pieces.append(text[start:end])
        joined = "".join(pieces)
        return joined if self.joint != "\n" or end < len(text) else joined.rstrip()


BLANK = Line((), 0)


def line_of(segments: Sequence[Segment]) -> Line:
    """A plain line of these segments."""
    return Line(tuple(segments), sum(cell_len(segment.text) for segment in segments))


def prefixed(line: Line, prefix: str, style: Style, copy: str) -> Line:
    """The line with a marker, bar or indentation before it."""
    cells = cell_len(prefix)
    size = len(prefix)
    return line._replace(
        segments=(Segment(prefix, style), *line.segments),
        cells=line.cells + cells,
        lead=line.lead + size,
        lead_copy=copy + line.lead_copy,
        hits=tuple(hit._replace(start=hit.start + cells, end=hit.end + cells) for hit in line.hits),
        skips=tuple(skip._replace(start=skip.start + size, end=skip.end + size) for skip in line.skips),
    )


def restyled(segments: Iterable[Segment], ranges: Sequence[tuple[int, int]], style: Style) -> list[Segment]:
    """The segments with `style` laid over these ranges of characters, which are in order and do not overlap."""
    out: list[Segment] = []
    position = 0
    pending = [(start, end) for start, end in ranges if end > start]
    for segment in segments:
        text, own, _ = segment
        begin = position
        position += len(text)
        at = 0
        for start, end in pending:
            low, high = max(start - begin, at), min(end - begin, len(text))
            if low >= high:
                continue
            if low > at:
                out.append(Segment(text[at:low], own))
            out.append(Segment(text[low:high], (own or Style.null()) + style))
            at = high
        if at < len(text):
            out.append(Segment(text[at:], own) if at else segment)
    return out


def characters(line: Line, hit: Hit) -> tuple[int, int]:
    """The characters that a hit's cells cover."""
    start = end = cells = count = 0
    for segment in line.segments:
        if cells <= hit.start:
            start = count + len(head(segment.text, hit.start - cells))
        if cells < hit.end:
            end = count + len(head(segment.text, hit.end - cells))
        cells += cell_len(segment.text)
        count += len(segment.text)
    return start, end
