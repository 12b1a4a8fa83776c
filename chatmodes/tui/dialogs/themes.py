"""The colours to choose from."""

from collections.abc import Iterable

from chatmodes.tui.dialogs.picking import PickScreen, Row


class ThemePicker(PickScreen):
    """Gives the name of a theme."""

    TITLE_TEXT = "Which colours?"
    PLACEHOLDER = "Type a part of a name"
    NOTHING = "No theme is called so."

    def __init__(self, names: Iterable[str], current: str) -> None:
        rows = [Row(name, name, "in use" if name == current else "") for name in names]
        note = (
            "Enter takes it, and the next start has it too. chatmodes-terminal is drawn in your terminal's own colours."
        )
        super().__init__(sorted(rows, key=_own_first), note)
        self._current = current

    def on_mount(self) -> None:
        """Begin at the one in use."""
        super().on_mount()
        self.highlight(self._current)


def _own_first(row: Row) -> tuple[bool, str]:
    return not row.id.startswith("chatmodes"), row.id
