"""The last lines of a text that is still being written.

A pane shows four lines of a draft of thousands. Joining and wrapping the draft again at every update would cost more
the longer it gets, and wrapping a cut of it from a moving start would make the words jump. So the wrap is
incremental: each piece is wrapped once, lines above the last few are forgotten.
"""

from collections import deque
from collections.abc import Sequence

from rich.cells import cell_len, chop_cells

from chatmodes.sanitize import clean

BACKLOG = 8_192
"""Characters taken at most from what came since the last look: more never fits a screen."""
KEPT_LINES = 200


class Tail:
    """Wraps a growing list of pieces at `width` cells and keeps the last lines. Blank lines are left out."""

    def __init__(self, width: int, kept: int = KEPT_LINES) -> None:
        self.width = max(1, width)
        self.source = ""
        self._seen = 0
        self._done: deque[str] = deque(maxlen=kept)
        self._open = ""

    def feed(self, pieces: Sequence[str], source: str = "") -> None:
        """Take what `pieces` has more than last time; where it has shrunk or the source is another, begin anew."""
        if len(pieces) < self._seen or source != self.source:
            self._seen, self._open, self.source = 0, "", source
            self._done.clear()
        if len(pieces) == self._seen:
            return
        first, room = len(pieces), BACKLOG
        while first > self._seen and room > 0:
            first -= 1
            room -= len(pieces[first])
        if first > self._seen:
            self._open = ""
            self._done.clear()
        self._add(clean("".join(pieces[first:])[-BACKLOG:]).replace("\t", "  "))
        self._seen = len(pieces)

    def last(self, count: int) -> list[str]:
        """The last `count` lines or fewer, the newest at the end."""
        lines = [*self._done, self._open] if self._open.strip() else list(self._done)
        return lines[-count:] if count > 0 else []

    def _add(self, text: str) -> None:
        first, *rest = text.split("\n")
        self._extend(first)
        for line in rest:
            self._close()
            self._extend(line)

    def _extend(self, text: str) -> None:
        line = self._open + text if self._open else text.lstrip()
        while len(line) * 2 > self.width and cell_len(line) > self.width:
            head = chop_cells(line[: self.width + 1], self.width)[0] or line[0]
            space = head.rfind(" ")
            cut = len(head) if line[len(head) : len(head) + 1] == " " or space <= 0 else space
            self._open = line[:cut]
            self._close()
            line = line[cut:].lstrip()
        self._open = line

    def _close(self) -> None:
        if self._open.strip():
            self._done.append(self._open.rstrip())
        self._open = ""
