"""Plain tables on stdout: aligned by what a terminal shows, and as wide as it is.

One for all commands, since each would get wide characters wrong in its own way.
"""

import shutil
import unicodedata
from collections.abc import Sequence

from chatmodes.sanitize import one_line


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


def table(
    header: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = (), limit: int | None = None
) -> str:
    """Rows under a header, in columns; `right` names the columns of numbers.

    The last column is cut where a line would be longer than `limit` cells: the terminal's width, or endless in a pipe.
    """
    cells = [[one_line(str(cell), 500) for cell in row] for row in [header, *rows]]
    if limit is None:
        limit = shutil.get_terminal_size((10_000, 0)).columns
    widths = [max(width(row[n]) for row in cells) for n in range(len(header))]
    widths[-1] = min(widths[-1], max(8, limit - sum(widths[:-1]) - 2 * (len(widths) - 1)))
    lines: list[str] = []
    for row in cells:
        parts: list[str] = []
        for n, cell in enumerate(row):
            cut = fit(cell, widths[n])
            gap = " " * (widths[n] - width(cut))
            parts.append(gap + cut if n in right else cut + gap)
        lines.append("  ".join(parts).rstrip())
    return "\n".join(lines)


def counted(number: int, what: str) -> str:
    """So many of a thing: 1 message, 1,200 messages."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
