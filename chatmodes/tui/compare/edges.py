"""The lines around a comparison's columns: the prompt above, tabs where not all columns fit, keys below."""

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from chatmodes.sanitize import one_line
from chatmodes.tui import figures
from chatmodes.tui.compare import captions
from chatmodes.tui.compare.contest import Contest, Contestant
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.names import fitted

KEYS = (
    ("pick", "pick"),
    ("next", "column"),
    ("maximise", "maximise"),
    ("differences", "differences"),
    ("scroll", "scrolling"),
    ("add", "add"),
    ("drop", "drop"),
    ("summary", "summary"),
    ("help", "help"),
)
"""Actions of the comparison, and what they are called where there is little room."""


class PromptLine(Widget):
    """What is asked, and how."""

    DEFAULT_CSS = "PromptLine { height: 1; width: 1fr; padding: 0 1; background: $panel; }"

    def __init__(self, contest: Contest, bound: float | None) -> None:
        super().__init__()
        self._contest, self._bound = contest, bound
        self.together = True

    def render(self) -> Content:
        """The prompt at the left; what is at the right goes first when it gets narrow, its end before its beginning."""
        parts = ["blind"] * self._contest.hidden
        parts.append("scrolling together" if self.together else "scrolling freely")
        parts.append("cost unknown" if self._bound is None else f"at most {figures.cost(self._bound)}")
        width = self.size.width
        while len(told := " · ".join(parts)) > width // 2 and len(parts) > 1:
            parts.pop()
        room = max(8, width - len(told) - 2)
        prompt = fitted(f"❯ {one_line(self._contest.text)}", room)
        gap = " " * max(1, width - Content(prompt).cell_length - len(told))
        return Content.assemble((prompt, "bold"), gap, (told, "$text-muted"))


class ColumnTabs(Widget):
    """All columns on a line, where not all are shown."""

    DEFAULT_CSS = "ColumnTabs { height: 1; width: 1fr; background: $background; }"

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, column: Contestant) -> None:
            super().__init__()
            self.column = column

    def __init__(self, contest: Contest) -> None:
        super().__init__()
        self._contest = contest
        self.chosen: Contestant | None = None
        self._ends: list[int] = []

    def render(self) -> Content:
        """`● A Instant  ✓ B Thinking`, the chosen one marked and in brackets."""
        columns = self._contest.columns
        each = max(6, self.size.width // max(1, len(columns)))
        parts: list[Content] = []
        self._ends = []
        for column in columns:
            state = captions.state(column)
            chosen = column is self.chosen
            label = captions.tab(self._contest, column)
            title = fitted(f"{column.letter} {label}" if not self._contest.hidden else label, max(1, each - 5))
            left, right = ("[", "]") if chosen else (" ", " ")
            style = "bold $text-accent" if chosen else "$text-muted"
            part = Content.assemble(
                (left, style),
                (f"{captions.MARKS[state]} ", captions.STYLES[state]),
                (f"{title}{right}", style),
            )
            parts.append(part)
            self._ends.append((self._ends[-1] if self._ends else 0) + part.cell_length)
        return Content("").join(parts)

    def on_click(self, event: events.Click) -> None:
        """To the column under the mouse."""
        for end, column in zip(self._ends, self._contest.columns, strict=False):
            if event.x < end:
                self.post_message(self.Chosen(column))
                return


class KeyLine(Widget):
    """The keys, as many as there is room for; or what is going on."""

    DEFAULT_CSS = "KeyLine { height: 1; width: 1fr; padding: 0 1; color: $text-muted; background: $background; }"

    def __init__(self, contest: Contest) -> None:
        super().__init__()
        self._contest = contest

    def render(self) -> Content:
        """What Esc does depends on whether anything is under way."""
        running = len(self._contest.running)
        leaves = f"stops {figures.plural(running, 'run')}" if running else "back to the chat"
        keys = [(shown(f"compare.{action}"), about) for action, about in (("leave", leaves), *KEYS)]
        line = Content("")
        for key, about in keys:
            part = Content.assemble(" · " if line.cell_length else "", (key, "bold $text"), f" {about}")
            if line.cell_length + part.cell_length > self.size.width:
                break
            line = Content("").join([line, part])
        return line
