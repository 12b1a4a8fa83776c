"""The user's templates, to be picked by name."""

from collections.abc import Iterable

from chatmodes.tui.dialogs.picking import PickScreen, Row, narrowed


class TemplatePicker(PickScreen):
    """Type to narrow, Enter to take one."""

    TITLE_TEXT = "Templates"
    PLACEHOLDER = "Which one"

    def __init__(self, templates: Iterable[tuple[str, str, str]]) -> None:
        """Of each the name, what it serves for, and what it says; one that cannot be used serves for nothing, and says
        why."""
        super().__init__()
        self._rows = [Row(name, name, f"{kind} {about}".strip(), usable=bool(kind)) for name, kind, about in templates]

    def search(self, query: str) -> None:
        """Show those that hold every word."""
        self.show(narrowed(self._rows, query), "Enter fills it in; nothing is sent before you do. Esc closes.")
