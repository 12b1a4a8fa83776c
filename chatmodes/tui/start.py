"""What the chat begins with: what was asked for, what the settings say, and what was chosen last."""

from collections.abc import Mapping

import msgspec

from chatmodes.settings import Origin, Settings
from chatmodes.settings.remembered import Remembered


class Start(msgspec.Struct, frozen=True):
    """How the chat is opened."""

    settings: Settings
    base_url: str | None = None
    """An endpoint given by hand; the model's name in the settings then begins with `endpoint/`."""
    resume: bool = False
    """Go on with the conversation used last."""
    conversation: str | None = None
    """Go on with this one: an id or its unambiguous beginning."""
    private: bool = False
    """Leave nothing on disk."""
    note: str = ""
    """What a repository's file decides of where prompts go and how they are put, to be said at once."""
    brief: str = ""
    """The same, for as long as it is so."""
    origins: Mapping[str, Origin] = {}
    """Where the settings' values come from that are no defaults, by their dotted names."""
    recalled: Remembered = Remembered()
    """The last choices; they stand in where the settings say nothing."""

    @property
    def first_mode(self) -> str:
        """The mode to begin with."""
        return self.settings.mode if "mode" in self.origins else self.recalled.mode or self.settings.mode

    @property
    def first_model(self) -> str:
        """The model to begin with in every mode; empty leaves it to the settings, where one is set in any of them."""
        named = any(name == "model" or name.endswith(".model") for name in self.origins)
        return "" if self.base_url or named else self.recalled.model

    @property
    def theme(self) -> str:
        """The colours to begin with."""
        return (
            self.settings.tui.theme if "tui.theme" in self.origins else self.recalled.theme or self.settings.tui.theme
        )

    @property
    def sidebar(self) -> bool:
        """Whether the conversations are shown to begin with."""
        shown = self.settings.tui.sidebar
        return shown if "tui.sidebar" in self.origins else bool(self.recalled.sizes.get("sidebar", shown))
