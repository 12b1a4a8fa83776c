"""Search inside a transcript: matches are counted in the sources, which costs no rendering, and marked in the lines
on screen.

Emphasis marks and line breaks are left out on both sides, so that what a reader sees as one phrase is found as one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from chatmodes.tui.markdown.lines import Line
from chatmodes.tui.transcript.document import Document, Place

_SPACES = re.compile(" {2,}")
_MARK = frozenset("*_`~")


def normal(text: str) -> str:
    """What is compared: lower case, no emphasis marks, single spaces."""
    # One replacement after another: four times as fast as one `translate`.
    for mark in "*_`~":
        text = text.replace(mark, "")
    text = text.replace("\n", " ").replace("\t", " ")
    return (_SPACES.sub(" ", text) if "  " in text else text).lower()


class Span(NamedTuple):
    """Characters of a line that match."""

    row: int
    start: int
    end: int


@dataclass
class Search:
    """A query's matches in a document."""

    query: str
    hits: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """Block id and which match in it, in reading order."""
    current: int = -1

    def collect(self, document: Document) -> None:
        """Count the matches. 10,000 messages, 10 MB, take 0.2 s."""
        wanted = normal(self.query)
        self.hits = []
        if not wanted.strip():
            return
        for entry in document.entries:
            found = normal(f"{entry.block.head} {entry.source}").count(wanted)
            self.hits.extend((entry.block.id, number) for number in range(found))

    def step(self, by: int, start: int, document: Document) -> tuple[str, int] | None:
        """The next match, or with -1 the one before; the first step goes from the block numbered `start`."""
        while self.hits:
            if self.current < 0:
                ids = (document.index(id) if id in document else -1 for id, _ in self.hits)
                self.current = next((number for number, at in enumerate(ids) if at >= start), 0)
            else:
                self.current = (self.current + by) % len(self.hits)
            if self.hits[self.current][0] in document:
                return self.hits[self.current]
            del self.hits[self.current]  # its block is gone
            self.current -= by > 0
        self.current = -1
        return None

    def spans(self, lines: Sequence[Line]) -> list[list[Span]]:
        """The matches in a unit's lines; one that wraps has a span a line."""
        wanted = normal(self.query)
        letters: list[str] = []
        origin: list[tuple[int, int]] = []
        for row, line in enumerate(lines):
            for column, letter in _letters(line):
                small = letter.lower()
                if letter in _MARK or (small == " " and letters and letters[-1] == " "):
                    continue
                letters.append(small if len(small) == 1 else letter)
                origin.append((row, column))
            if line.joint and (not letters or letters[-1] != " "):
                letters.append(" ")
                origin.append((row, len(line.text)))
        text = "".join(letters)
        out: list[list[Span]] = []
        at = text.find(wanted)
        while at >= 0 and wanted:
            out.append(_rows(origin[at : at + len(wanted)]))
            at = text.find(wanted, at + len(wanted))
        return out


def _letters(line: Line) -> Iterator[tuple[int, str]]:
    text = line.text
    return ((column, text[column]) for column in range(line.lead, len(text)))


def _rows(places: Sequence[tuple[int, int]]) -> list[Span]:
    spans: list[Span] = []
    for row, column in places:
        if spans and spans[-1].row == row:
            spans[-1] = spans[-1]._replace(end=column + 1)
        else:
            spans.append(Span(row, column, column + 1))
    return spans


def find_in(document: Document, search: Search, index: int, number: int) -> Place | None:
    """Where the numbered match of a block is drawn; the block's last if it draws fewer than its source has."""
    document.row(Place(index, 0, 0))
    last: Place | None = None
    seen = 0
    for unit in range(len(document.entries[index].units or ())):
        section = (document.entries[index].units or ())[unit].section
        if section is not None and normal(search.query) not in normal(section.raw):
            continue
        for match in search.spans(document.lines(index, unit)):
            if match:
                last = Place(index, unit, match[0].row)
            if seen == number and last is not None:
                return last
            seen += 1
    return last
