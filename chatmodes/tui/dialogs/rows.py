"""A list whose highlighted row is seen in any theme, and without colours."""

from rich.style import Style
from textual.strip import Strip
from textual.widgets import OptionList

_REVERSED = Style(reverse=True)


class Rows(OptionList):
    """Textual's list. It marks the row that Enter takes by a background alone: NO_COLOR strips that, and the terminal's
    own sixteen colours have none that suits every terminal. There the row is reversed."""

    DRIVEN = False
    """Whether its keys reach it while the focus is on a line that one types in."""

    def render_line(self, y: int) -> Strip:
        """The row `y` of the window."""
        strip = super().render_line(y)
        if self.app.native_ansi_color and (self.has_focus or self.DRIVEN) and self._is_highlighted(strip):
            return strip.apply_style(_REVERSED)
        return strip

    def _is_highlighted(self, strip: Strip) -> bool:
        first = next(iter(strip), None)
        meta = first.style.meta if first is not None and first.style is not None else {}
        return self.highlighted is not None and meta.get("option") == self.highlighted


class DrivenRows(Rows):
    """Below a line that one types in, which keeps the focus."""

    DRIVEN = True
