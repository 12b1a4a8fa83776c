"""Two answers held against each other, word by word; side by side where there is room, otherwise one text."""

import itertools
from collections.abc import Iterator
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chatmodes.comparing.differences import Pair, Span, paragraph_diff
from chatmodes.sanitize import clean
from chatmodes.tui.compare import captions
from chatmodes.tui.compare.contest import Contest, Contestant
from chatmodes.tui.names import fitted

REMOVED, ADDED = "$text-error strike", "$text-success underline"
"""A line through and a line under beside the colours, for those who see none."""
WIDE = 90
"""Cells from which the two texts stand side by side, 43 each."""
GAP = " │ "


class DiffScreen(ModalScreen[None]):
    """Every pair of answers, one at a time."""

    DEFAULT_CSS = """
    DiffScreen {
        align: center middle;
        & .diff {
            width: 100%; height: 100%; max-width: 180; padding: 0 1; background: $surface; border: round $border;
        }
        & .diff-title { height: 1; width: 1fr; text-style: bold; }
        & .diff-note { height: 1; width: 1fr; color: $text-muted; }
        & VerticalScroll { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
        & #text { width: 1fr; height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,d,q", "close", "Close"),
        Binding("right,tab", "turn(1)", "Next pair", priority=True),
        Binding("left,shift+tab", "turn(-1)", "Pair before", priority=True),
    ]

    def __init__(self, contest: Contest, chosen: Contestant | None) -> None:
        super().__init__()
        self._contest = contest
        told = [column for column in contest.columns if column.view.answer_text.strip()]
        self.pairs = list(itertools.combinations(told, 2))
        self.at = next((n for n, pair in enumerate(self.pairs) if chosen in pair), 0)
        self._found: list[Pair] = []

    def compose(self) -> ComposeResult:
        """Who against whom, the text, and what the marks mean."""
        with Vertical(classes="diff"):
            yield Static("", id="title", classes="diff-title")
            with VerticalScroll():
                yield Static("", id="text")
            legend = Content.assemble(
                ("only left", REMOVED), " · ", ("only right", ADDED), " · ←→ other pair · Esc closes"
            )
            yield Static(legend, classes="diff-note")

    def on_mount(self) -> None:
        """Work out the first pair."""
        self.query_one(VerticalScroll).focus()
        self.action_turn(0)

    def action_close(self) -> None:
        """Back to the columns."""
        self.dismiss(None)

    def action_turn(self, by: int) -> None:
        """Another pair."""
        if self.pairs:
            self.at = (self.at + by) % len(self.pairs)
            self.run_worker(self._compare, exclusive=True)

    async def _compare(self) -> None:
        from chatmodes.chat import in_thread

        left, right = self.pairs[self.at]
        texts = clean(left.view.answer_text), clean(right.view.answer_text)
        # Two answers of 3,000 words take some 0.3 s.
        self._found = await in_thread(paragraph_diff, *texts)
        same = sum(len(span.text) for pair in self._found for span in pair.spans if span.kind == "same")
        told = sum(len(pair.left) + len(pair.right) for pair in self._found)  # without the blank lines between
        share = 2 * same / told if told else 1.0
        growing = " · still growing" if left.running or right.running else ""
        place = f" · pair {self.at + 1} of {len(self.pairs)}" if len(self.pairs) > 1 else ""
        names = " against ".join(captions.name(self._contest, column) for column in (left, right))
        title = f"{share:.0%} the same{place}{growing} · {names}"
        if head := self.query_one_optional("#title", Static):
            head.update(Content(title))
        self._draw()
        if page := self.query_one_optional(VerticalScroll):
            page.scroll_home(animate=False)

    def on_resize(self, event: events.Resize) -> None:
        """Another width lays out anew."""
        del event
        if self._found:
            self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        page, shown = self.query_one_optional(VerticalScroll), self.query_one_optional("#text", Static)
        if page is None or shown is None:  # closed while the answers were compared
            return
        width = page.scrollable_content_region.width
        if width < WIDE:
            lines = [Content.assemble(*map(_both, pair.spans)) for pair in self._found]
            text = Content("\n\n").join(lines)
        else:
            left, right = self.pairs[self.at]
            names = [captions.name(self._contest, column) for column in (left, right)]
            text = Content("\n").join(_side_by_side(self._found, names, (width - len(GAP)) // 2))
        shown.update(text)


def _both(span: Span) -> tuple[str, str]:
    return span.text, {"same": "", "removed": REMOVED, "added": ADDED}[span.kind]


def _side_by_side(pairs: list[Pair], names: list[str], width: int) -> Iterator[Content]:
    bar = Content.styled(GAP, "$text-muted")
    heads = [Content.styled(fitted(name, width), "bold").truncate(width, pad=True) for name in names]
    yield bar.join(heads)
    yield bar.join([Content.styled("─" * width, "$text-muted")] * 2)
    for pair in pairs:
        cells = [
            Content.assemble(*(_both(span) for span in pair.spans if span.kind in ("same", kind))).wrap(width)
            for kind in ("removed", "added")
        ]
        blank = Content(" " * width)
        for one, other in itertools.zip_longest(*cells, fillvalue=blank):
            yield bar.join([one.truncate(width, pad=True), other.truncate(width, pad=True)])
        yield bar.join([blank, blank])
