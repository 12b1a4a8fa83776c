"""The line under the editor: mode and model in plain sight, what waits, and the keys where there is room."""

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chatmodes.tui.host import keymap
from chatmodes.tui.names import fitted, model_name, one_line

_COLOURS = {"thinking": "$text-secondary", "contemplating": "$text-accent", "auto": "$text-success"}


class BadgeLine(Widget):
    """One line; what matters least goes first when it gets narrow."""

    DEFAULT_CSS = """
    BadgeLine { height: 1; width: 1fr; color: $text-muted; background: transparent; }
    """

    mode: reactive[str] = reactive("instant")
    model: reactive[str] = reactive("")
    queue_count: reactive[int] = reactive(0)
    private: reactive[bool] = reactive(False)
    vim: reactive[str] = reactive("")

    def render(self) -> Content:
        width = self.size.width
        mode = one_line(self.mode)
        extras = [f"{self.queue_count} queued"] * (self.queue_count > 0) + ["private, not stored"] * self.private
        extras += [self.vim] * bool(self.vim)
        right = "".join(f" · {extra}" for extra in extras)
        room = width - len(mode) - len(right) - 3
        model = one_line(self.model) if self.model else "no model chosen"
        if len(model) > room:
            model = fitted(model_name(model), room)
        parts = Content.assemble(
            (mode, f"bold {_COLOURS.get(self.mode, '$text-primary')}"),
            (f" · {model}" if room > 3 else "", "$text"),
            (right, "bold $text-warning"),
        )
        left = width - parts.cell_length
        hint = next((hint for hint in _hints() if len(hint) + 4 <= left), "")
        return Content.assemble(parts, " " * (left - len(hint)), (hint, "$text-muted"))


def _hints() -> list[str]:
    """What the keys do, the longest first."""
    sends = f"{keymap.shown('composer.send')} sends"
    # Many terminals do not tell Shift+Enter from Enter, so that another key is named before and alone.
    lines = [keymap.display(key) for key in keymap.keys("composer.newline")[:2]]
    line = f"{lines[-1]} new line" if lines else ""
    lines_ = f"{' or '.join(lines)} new line" if lines else ""
    return [f"{sends} · {lines_} · {keymap.shown('composer.editor')} editor", f"{sends} · {line}", sends]
