"""Columns that scroll together: the row of one column at which another says the same thing.

Answers differ in length and order of detail, so equal scroll fractions show unrelated text. Paragraphs that belong
together (`differences.align`) pin the two texts to each other, and rows between two pins are interpolated.
"""

import bisect
from dataclasses import dataclass

from chatmodes.comparing.differences import align
from chatmodes.tui.compare.column import ANSWER, ColumnTranscript
from chatmodes.tui.transcript.document import Place

LARGEST = 10_000
"""Pairs of sections up to which a growing text is aligned anew. 100 sections each take some 10 ms, a frame's worth."""


@dataclass(frozen=True)
class _Alignment:
    sizes: tuple[int, int]
    pairs: list[tuple[int | None, int | None]]


class Together:
    """Alignments between transcripts, kept as long as their texts have not grown."""

    def __init__(self) -> None:
        self._kept: dict[tuple[ColumnTranscript, ColumnTranscript], _Alignment] = {}

    def follow(self, led: ColumnTranscript, others: list[ColumnTranscript]) -> None:
        """Put the others where the led one is."""
        for other in others:
            if led.following:
                other.set_following(True)
                other.settle()
            else:
                other.go_to(self.row(led, other))

    def row(self, led: ColumnTranscript, other: ColumnTranscript) -> int:
        """The row of `other` that belongs to the top row of `led`."""
        top = led.scroll_offset.y
        pins = self._pins(led, other)
        at = bisect.bisect_right(pins, (top, 1 << 60)) - 1
        (row, found), (next_row, next_found) = pins[at], pins[min(at + 1, len(pins) - 1)]
        if next_row == row:
            return found
        return found + round((top - row) * (next_found - found) / (next_row - row))

    def _pins(self, led: ColumnTranscript, other: ColumnTranscript) -> list[tuple[int, int]]:
        pins = [(0, 0)]
        for one, two in self._aligned(led, other):
            if one is not None and two is not None:
                pin = (_row(led, one), _row(other, two))
                if pin[0] > pins[-1][0] and pin[1] >= pins[-1][1]:
                    pins.append(pin)
        end = (led.document.height, other.document.height)
        if end[0] > pins[-1][0]:
            pins.append((end[0], max(end[1], pins[-1][1])))
        return pins

    def _aligned(self, led: ColumnTranscript, other: ColumnTranscript) -> list[tuple[int | None, int | None]]:
        if ANSWER not in led.document or ANSWER not in other.document:
            return []
        entries = led.document.entry(ANSWER), other.document.entry(ANSWER)
        texts = [[section.raw for section in entry.sections] for entry in entries]
        sizes = sum(map(len, texts[0])), sum(map(len, texts[1]))
        kept = self._kept.get((led, other))
        if kept is not None and kept.sizes == sizes:
            return kept.pairs
        growing = entries[0].live or entries[1].live
        if growing and len(texts[0]) * len(texts[1]) > LARGEST:
            return kept.pairs if kept else []
        made = self._kept[led, other] = _Alignment(sizes, align(*texts))
        return made.pairs


def _row(transcript: ColumnTranscript, section: int) -> int:
    """Where a section of the answer begins. The answer has no head, so its units are its sections."""
    return transcript.document.row(Place(transcript.document.index(ANSWER), section, 0))
