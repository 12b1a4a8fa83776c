"""One column of a comparison: a name, the answer as a transcript of its own, and figures.

The transcript widget is the chat's, so a column streams, folds, selects and scrolls like the chat; what is added is
that it says when its reader scrolled, so that its neighbours can follow.
"""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from chatmodes import events as ev
from chatmodes.tui.compare import captions
from chatmodes.tui.compare.contest import Contest, Contestant
from chatmodes.tui.names import fitted
from chatmodes.tui.painting import projection, run_text
from chatmodes.tui.painting.run import RunPainter
from chatmodes.tui.transcript import Transcript, notice

ANSWER = "answer"
NOTE = projection.note_id(ANSWER)


class ColumnTranscript(Transcript):
    """A transcript that tells when the reader moved it."""

    FOCUS_ON_CLICK = True
    """A click chooses the column."""

    class Moved(Message):
        """By a key or the mouse, not because text came or a neighbour moved."""

        def __init__(self, transcript: "ColumnTranscript") -> None:
            super().__init__()
            self.transcript = transcript

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """`settle` moves the window too; only what is not its doing is the reader's."""
        settling = self._moving
        super().watch_scroll_y(old_value, new_value)
        if not settling:
            self.post_message(self.Moved(self))

    def action_follow(self) -> None:
        """To the end, and say so."""
        super().action_follow()
        self.post_message(self.Moved(self))


class ColumnName(Widget):
    """The line above a column."""

    DEFAULT_CSS = """
    ColumnName { height: 1; width: 1fr; padding: 0 1; background: $surface; color: $text; }
    """

    def __init__(self, contest: Contest, column: Contestant) -> None:
        super().__init__()
        self._contest, self._column = contest, column
        self.chosen = False

    def render(self) -> Content:
        """Glyph and name; the chosen column's is marked by a bar as well as by its colour."""
        state = captions.state(self._column)
        won = "picked · " if self._contest.winner is self._column else ""
        title = fitted(won + captions.name(self._contest, self._column), max(1, self.size.width - 4))
        return Content.assemble(
            ("▌" if self.chosen else " ", "$text-accent"),
            (f"{captions.MARKS[state]} ", captions.STYLES[state]),
            (title, "bold $text-accent" if self.chosen else "bold"),
        )


class ColumnFigures(Widget):
    """The three lines under a column. Of a fixed height, so that a figure that changes lays nothing out anew."""

    DEFAULT_CSS = """
    ColumnFigures { height: 3; width: 1fr; padding: 0 1; background: $surface; color: $text-muted; }
    """

    def __init__(self, contest: Contest, column: Contestant) -> None:
        super().__init__()
        self._contest, self._column = contest, column

    def render(self) -> Content:
        """Cut to the width, an ellipsis where something is missing."""
        lines = captions.figure_lines(self._contest, self._column)
        return Content("\n").join(Content(fitted(line, max(1, self.size.width))) for line in lines)


class CompareColumn(Vertical):
    """A contestant on screen."""

    DEFAULT_CSS = """
    CompareColumn { width: 1fr; height: 1fr; border-left: solid $panel; }
    CompareColumn:first-child { border-left: none; }
    CompareColumn.-maximised { border-left: none; }
    """

    def __init__(self, contest: Contest, column: Contestant) -> None:
        super().__init__()
        self.contest, self.column = contest, column
        self.heading = ColumnName(contest, column)
        self.transcript = ColumnTranscript()
        self.figures = ColumnFigures(contest, column)
        self._painter = RunPainter(self.transcript, ANSWER, unfold=False)
        self._ended = False

    def compose(self) -> ComposeResult:
        """Name, answer, figures."""
        yield self.heading
        yield self.transcript
        yield self.figures

    def on_mount(self) -> None:
        """A column that could not begin says so at once."""
        self.draw()

    def choose(self, chosen: bool) -> None:
        """Mark it as the one that keys are for."""
        if self.heading.chosen != chosen:
            self.heading.chosen = chosen
            self.heading.refresh()

    @property
    def stale(self) -> bool:
        """Whether a frame would look different: news, or a clock that runs."""
        return not self._ended and self.column.live is not None

    def draw(self) -> None:
        """Bring the column up to its run."""
        live, hidden = self.column.live, self.contest.hidden
        if live is None:
            if self.column.error is not None and NOTE not in self.transcript.document:
                self.transcript.append(notice(NOTE, run_text.error_text(self.column.error), "error"))
            return
        if not self._ended and live.view.end is None:
            self._painter.update(live.view, live.now, behind=not hidden)
        elif not self._ended:
            self._ended = True
            self._painter.finish(live.view, live.now, behind=not hidden)
            self._draw_note()
            self.heading.refresh()
        self.figures.refresh()

    def reveal(self) -> None:
        """Show what a blind comparison hid: what stands behind the answer, the name and the figures."""
        if self._ended:
            self._painter.add_behind(self.column.view)
            self._draw_note()
        self.heading.refresh()
        self.figures.refresh()

    def _draw_note(self) -> None:
        """How it ended, where that was not as planned. A provider's words would name it in a blind comparison."""
        if NOTE in self.transcript.document:
            self.transcript.remove_block(NOTE)
        match self.column.view.end:
            case ev.RunFailed(error=error):
                text = "This answer failed." if self.contest.hidden else run_text.error_text(error)
                block = notice(NOTE, text, "error")
            case ev.RunCancelled(reason=reason, partial=partial):
                kept = "; what had come is kept" if partial else ""
                block = notice(NOTE, f"{reason[:1].upper()}{reason[1:]}{kept}.")
            case ev.RunFinished(degraded=str(degraded)) if not self.contest.hidden:
                block = notice(NOTE, degraded, "warning")
            case _:
                return
        self.transcript.append(block)
