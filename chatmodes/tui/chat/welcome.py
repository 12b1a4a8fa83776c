"""What an empty conversation shows: the three modes, what was found to talk to, and the exact next step."""

from collections.abc import Iterable, Iterator, Sequence

from textual.content import Content
from textual.widgets import Static

from chatmodes.sanitize import one_line
from chatmodes.tui.names import mode_name

Part = Content | str | tuple[str, str]
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
        parts: list[Part] = [("chatmodes", "bold $primary"), "\n\n", *_table(modes, "bold")]
        if self._findings:
            parts += ["\n", ("Found here\n", "bold"), *_table(self._findings, "")]
        if sentence:
            parts += ["\n", f"{sentence}\n", *_table(steps, "$text-primary")]
        self.update(Content.assemble(*parts))


def _table(rows: Iterable[tuple[str, str]], style: str) -> Iterator[Part]:
    rows = list(rows)
    width = max((len(name) for name, _ in rows), default=0)
    for name, about in rows:
        yield (f"{name:<{width}}  ", style)
        yield (f"{about}\n", "$text-muted")
