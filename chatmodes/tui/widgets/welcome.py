"""What an empty conversation shows: the three modes, what was found to talk to, and the exact next step."""

from textual.content import Content
from textual.widgets import Static

from chatmodes.sanitize import one_line
from chatmodes.tui.words import mode_name

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
        self._findings: list[tuple[str, str]] = []
        self._next_step = ""
        self._keys = ""

    def on_mount(self) -> None:
        """Show what is known before anything was looked for."""
        self._rebuild()

    def show_findings(self, findings: list[tuple[str, str]], next_step: str, keys: str = "") -> None:
        """`findings` are (name, what about it); `next_step` one sentence; `keys` the keys worth knowing."""
        self._findings = [(one_line(name, 60), one_line(about, 200)) for name, about in findings]
        self._next_step, self._keys = one_line(next_step, 400), keys
        self._rebuild()

    def _rebuild(self) -> None:
        parts: list[Content | str | tuple[str, str]] = [("chatmodes", "bold $primary"), "\n\n"]
        for mode, about in INTRODUCTIONS:
            parts += [(f"{mode_name(mode):<17}", "bold"), (f"{about}\n", "$text-muted")]
        parts.append("\n")
        width = max((len(name) for name, _ in self._findings), default=0)
        for name, about in self._findings:
            parts += [f"{name:<{width}}  ", (f"{about}\n", "$text-muted")]
        if self._next_step:
            parts += ["\n", self._next_step, "\n"]
        if self._keys:
            parts += ["\n", (self._keys, "$text-muted")]
        self.update(Content.assemble(*parts))
