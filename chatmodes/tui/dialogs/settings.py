"""All settings, with what each is, where that comes from and what it may be."""

from collections.abc import Mapping

from chatmodes.settings import Origin, Settings
from chatmodes.settings.catalogue import catalogue, shown, value_of
from chatmodes.tui.dialogs.picking import PickScreen, Row

_WHENCE: dict[Origin, str] = {
    "default": "the default",
    "user": "your settings.toml",
    "project": "this folder's .chatmodes.toml",
    "environment": "the environment",
    "flag": "the command line",
}


class SettingsScreen(PickScreen):
    """Type to narrow, Enter to change one."""

    TITLE_TEXT = "Settings"
    PLACEHOLDER = "What to change"
    NOTHING = "No setting has these words."

    def __init__(self, settings: Settings, origins: Mapping[str, Origin], query: str = "", at: str = "") -> None:
        """`query` is what the list is narrowed to; `at` is the row to begin at."""
        rows = [
            Row(
                each.name,
                f"{each.name} = {shown(value_of(settings, each.name)) or 'not set'}",
                f"{_WHENCE[origins.get(each.name, 'default')]} · {each.about} · {each.expects}",
                usable=each.kind != "table",
                place="below",
            )
            for each in catalogue()
        ]
        note = "Enter changes it in settings.toml, comments kept. Tables are written there by hand. Esc closes."
        super().__init__(rows, note)
        self._query, self._at = query, at

    def on_mount(self) -> None:
        """With what was asked for."""
        super().on_mount()
        self.narrow_to(self._query)
        self.highlight(self._at)
