"""The user's templates, to be picked by name."""

from collections.abc import Iterable

from chatmodes.tui.dialogs.picking import PickScreen, Row


class TemplatePicker(PickScreen):
    """Type to narrow, Enter to take one."""

    TITLE_TEXT = "Templates"
    PLACEHOLDER = "Which one"

    def __init__(self, templates: Iterable[tuple[str, str, str]]) -> None:
        """Of each the name, what it serves for, and what it says; one that cannot be used serves for nothing, and says
        why."""
        rows = [Row(name, name, f"{kind} {about}".strip(), usable=bool(kind)) for name, kind, about in templates]
        super().__init__(rows, "Enter fills it in; nothing is sent before you do. Esc closes.")
