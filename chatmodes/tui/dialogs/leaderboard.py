"""Who won: the ratings from all picks, with how sure they are; narrowed by date and topic."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chatmodes.comparing.board import HEADER, NUMBERS, bars, matrix, rows, verdict
from chatmodes.comparing.ratings import Leaderboard, leaderboard
from chatmodes.sanitize import one_line
from chatmodes.tui.names import fitted

if TYPE_CHECKING:
    from chatmodes.store import Store
    from chatmodes.store.records import Pick

SPANS: tuple[tuple[str, float | None], ...] = (
    ("all time", None),
    ("the last year", 365.0),
    ("the last 30 days", 30.0),
    ("the last 7 days", 7.0),
    ("today", 1.0),
)
"""What `t` goes through: words, and days back."""
NAME = 36
"""Cells of a model's name; the rest of a longer one is cut."""


class LeaderboardScreen(ModalScreen[None]):
    """A verdict, a table, intervals on one scale, and who beat whom."""

    DEFAULT_CSS = """
    LeaderboardScreen {
        align: center middle;
        & .board {
            width: 110; max-width: 100%; height: auto; max-height: 100%;
            padding: 0 1; background: $surface; border: round $border;
        }
        & .board-title { text-style: bold; width: 1fr; height: 1; }
        & VerticalScroll { height: auto; max-height: 100%; overflow-x: auto; scrollbar-size: 1 1; }
        & #board { width: auto; height: auto; margin: 1 0; }
        & .board-note { color: $text-muted; width: 1fr; height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "close", "Close"),
        Binding("t", "time", "Another time"),
        Binding("o", "topic", "Another topic"),
    ]

    def __init__(self, store: "Store", topic: str = "") -> None:
        super().__init__()
        self._store = store
        self._picks: list[Pick] = []
        self._span = 0
        self._topic: str | None = topic or None
        """None is all topics."""

    def compose(self) -> ComposeResult:
        """What is counted, the figures, the keys."""
        with Vertical(classes="board"):
            yield Static("", id="title", classes="board-title")
            with VerticalScroll():
                yield Static(Content("Working it out…"), id="board")
            yield Static(Content("t another time · o another topic · Esc closes"), classes="board-note")

    def on_mount(self) -> None:
        """Read the picks."""
        self.query_one(VerticalScroll).focus()
        self.show_board()

    def action_close(self) -> None:
        """Back to the chat."""
        self.dismiss(None)

    def action_time(self) -> None:
        """The next shorter time."""
        self._span = (self._span + 1) % len(SPANS)
        self.show_board()

    def action_topic(self) -> None:
        """The next topic that any pick has; after the last, all of them."""
        topics: list[str | None] = [None, *sorted({pick.topic for pick in self._picks if pick.topic})]
        at = topics.index(self._topic) if self._topic in topics else 0
        self._topic = topics[(at + 1) % len(topics)]
        self.show_board()

    def show_board(self) -> None:
        """Work it out anew."""
        about, days = SPANS[self._span]
        topic = f"topic {one_line(self._topic, 60)}" if self._topic else "all topics"
        self.query_one("#title", Static).update(Content(f"Leaderboard · {about} · {topic}"))
        since = None if days is None else time.time() - days * 86_400
        self.run_worker(self._work_out(since, self._topic), exclusive=True)

    async def _work_out(self, since: float | None, topic: str | None) -> None:
        from chatmodes.chat import in_thread
        from chatmodes.store import StoreError

        try:
            if not self._picks:
                self._picks = await in_thread(self._store.picks)
            picks = [
                pick
                for pick in self._picks
                if (since is None or pick.at >= since) and (topic is None or pick.topic == topic)
            ]
            board = await in_thread(leaderboard, picks)
        except StoreError as error:
            self._show(Content.styled(f"{error.message} {error.hint}", "$text-error"))
        else:
            self._show(
                Content("\n").join(
                    _told(board, sorted({pick.topic for pick in self._picks if pick.topic}) if self._picks else None)
                )
            )

    def _show(self, content: Content) -> None:
        if board := self.query_one_optional("#board", Static):  # not closed while it was worked out
            board.update(content)


def _told(board: Leaderboard, topics: Sequence[str] | None) -> Iterator[Content]:
    """The board in lines. `topics` are those that any pick has, also one that is filtered away; None without a pick."""
    if topics is not None and not board.picks:
        there = f" The topics are: {one_line(', '.join(topics), 500)}." if topics else " No pick has a topic."
        yield Content(f"No pick fits these filters.{there}")
        return
    none_good = f" In {board.none_good} of {board.picks} none was good." if board.none_good else ""
    yield Content.styled(verdict(board) + none_good, "bold $text-success" if board.telling else "bold $text-warning")
    if not board.standings:
        return
    yield Content("")
    yield from _table(HEADER, rows(board), NUMBERS)
    yield Content("")
    yield Content.styled("Rating, with the range it lies in at 95%", "$text-muted")
    yield from (Content(_bar(line)) for line in bars(board, 50))
    if len(board.standings) > 1:
        numbers = [str(n) for n in range(1, len(board.standings) + 1)]
        yield Content("")
        yield Content.styled("How often the row beat the column; a tie is half a win for both", "$text-muted")
        yield from _table(["", "", *numbers], matrix(board), range(2, 2 + len(numbers)))


def _bar(line: str) -> str:
    """A bar with its blanks, its name cleaned."""
    return line[:50] + "  " + fitted(one_line(line[50:]), NAME + 16)


def _table(header: Sequence[str], body: Sequence[Sequence[str]], right: Sequence[int]) -> Iterator[Content]:
    cells = [[fitted(one_line(cell), NAME) for cell in row] for row in (header, *body)]
    widths = [max(cell_len(row[n]) for row in cells) for n in range(len(header))]
    for number, row in enumerate(cells):
        parts: list[str] = []
        for n, (cell, width) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (width - cell_len(cell))
            parts.append(gap + cell if n in right else cell + gap)
        yield Content.styled("  ".join(parts).rstrip(), "" if number else "$text-muted")
