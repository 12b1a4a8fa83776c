"""Plain tables on stdout: aligned by what a terminal shows, and as wide as it is; whole in a pipe.

One for all commands, since each would get wide characters wrong in its own way.
"""

import shutil
import sys
import unicodedata
from collections.abc import Sequence

from chatmodes.sanitize import one_line

UNCUT = 100_000
"""Cells of a line that nothing cuts; longer text is no cell of a table."""
_WIDE = 60
"""Cells that one cell may widen its column to."""
_NARROW = 20
"""Cells below which the last column is not folded: the terminal's own line break reads better than a word a line."""


def width(text: str) -> int:
    """Terminal cells that a line of clean text takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) or c == "\u200d" else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def fit(text: str, cells: int) -> str:
    """The text cut to `cells` terminal cells, with an ellipsis where something is missing."""
    if width(text) <= cells:
        return text
    kept, used = "", 0
    for c in text:
        used += width(c)
        if used > cells - 1:
            break
        kept += c
    return kept + "…"


def room(cells: int) -> int:
    """So many cells for an excerpt on a terminal; endless where stdout is none, since what reads a pipe wants all."""
    return cells if sys.stdout.isatty() else UNCUT


def across() -> int:
    """Cells that a line may have: the terminal's width; endless in a pipe."""
    return room(shutil.get_terminal_size().columns)


def fits(text: str) -> bool:
    """Whether no line is longer than the terminal is wide. A table that does not fit is told in another form, since
    rows that the terminal breaks cannot be read."""
    return max(map(width, text.splitlines()), default=0) <= across()


def table(
    header: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    right: Sequence[int] = (),
    limit: int | None = None,
    excerpt: bool = False,
) -> str:
    """Rows under a header, in columns; `right` names the columns of numbers.

    Where a line would be longer than `limit` cells (the terminal's width; endless in a pipe), the last column goes on
    below itself, broken between words only, so that a path or a command can still be read and copied. With `excerpt`
    it is cut instead: for titles and snippets, of which another command shows all.
    """
    cells = [[one_line(str(cell), UNCUT) for cell in row] for row in [header, *rows]]
    limit = across() if limit is None else limit
    # A cell that is longer pushes its own row along; it must not put a screen of blanks into all others.
    widths = [max(min(width(row[n]), _WIDE) for row in cells) for n in range(len(header) - 1)]
    before = sum(widths) + 2 * len(widths)
    last = min(max(width(row[-1]) for row in cells), max(limit - before, 8 if excerpt else _NARROW))
    lines: list[str] = []
    for row in cells:
        beginning = "".join(_padded(cell, widths[n], right=n in right) + "  " for n, cell in enumerate(row[:-1]))
        for n, piece in enumerate([fit(row[-1], last)] if excerpt else fold(row[-1], last)):
            padded = _padded(piece, last, right=len(widths) in right)
            lines.append(((" " * before if n else beginning) + padded).rstrip())
    return "\n".join(lines)


def fold(text: str, cells: int) -> list[str]:
    """The text on lines of at most `cells` cells, broken between words; a longer word has a line of its own."""
    lines = [""]
    for word in text.split():
        if lines[-1] and width(lines[-1]) + 1 + width(word) > cells:
            lines.append(word)
        else:
            lines[-1] += f" {word}" if lines[-1] else word
    return lines


def _padded(text: str, cells: int, *, right: bool) -> str:
    gap = " " * (cells - width(text))
    return gap + text if right else text + gap


def counted(number: int, what: str) -> str:
    """So many of a thing: 1 message, 1,200 messages."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
