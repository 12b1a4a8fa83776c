"""What an empty conversation shows: the three modes, what was found to talk to, and the exact next step."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from chatmodes.sanitize import one_line
from chatmodes.tui.hanging import Hanging, Line, terms
from chatmodes.tui.names import mode_name

Steps = tuple[str, Sequence[tuple[str, str]]]
"""A sentence, and what one can type with what it does."""

INTRODUCTIONS = (
    ("instant", "one call, the quickest answer"),
    ("thinking", "a chain of thought first, shown apart and folded"),
    ("contemplating", "several agents at once, then reconciled into one answer"),
)


class Welcome(Static):
    """The empty state of the transcript. Every line from outside is plain text."""

    DEFAULT_CSS = """
    Welcome {
        width: 1fr;
        height: auto;
        padding: 1 2;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self._findings: Sequence[tuple[str, str]] = ()
        self._steps: Steps = ("", ())

    def on_mount(self) -> None:
        """Show what is known before anything was looked for."""
        self._rebuild()

    def show(self, findings: Sequence[tuple[str, str]], steps: Steps) -> None:
        """`findings` are (name, what about it)."""
        self._findings = [(one_line(name, 60), one_line(about, 200)) for name, about in findings]
        self._steps = steps
        self._rebuild()

    def _rebuild(self) -> None:
        modes = [(mode_name(mode), about) for mode, about in INTRODUCTIONS]
        sentence, steps = self._steps
        blank = Line(Content(""))
        lines = [Line(Content.styled("chatmodes", "bold $primary")), blank, *terms(modes, "bold")]
        if self._findings:
            lines += [blank, Line(Content.styled("Found here", "bold")), *terms(self._findings, "")]
        if sentence:
            lines += [blank, Line(Content(sentence)), *terms(steps, "$text-primary")]
        self.update(Hanging(lines))
