"""The chat in a terminal: one reader of a run's events, built so that the first frame waits for nothing.

`run` is all that the rest of the program knows of this folder. It reads the settings, starts the screen, and lets the
engine (the SDK, the database) open behind the first frame.
"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatmodes.settings import Origin, Settings
from chatmodes.settings.remembered import Remembered

if TYPE_CHECKING:
    from chatmodes.tui.backend import Backend


@dataclass(frozen=True)
class Start:
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
    origins: Mapping[str, Origin] = field(default_factory=dict[str, Origin])
    """Where the settings' values come from that are no defaults, by their dotted names."""
    recalled: Remembered = field(default_factory=Remembered)
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


def _real_backend(settings: Settings, base_url: str | None) -> "AbstractAsyncContextManager[Backend]":
    from chatmodes.tui.backend import real_backend  # when the engine opens, after the first frame

    return real_backend(settings, base_url)


def run(start: Start) -> int:
    """Open the chat and stay until it is left. Returns the exit code."""
    import asyncio

    from chatmodes.tui.app import ChatApp
    from chatmodes.tui.engine import Engine
    from chatmodes.tui.host.hangup import outlive_the_terminal
    from chatmodes.tui.host.pasting import keep_pastes_inert
    from chatmodes.tui.host.stopping import read_once

    async def main() -> int:
        engine = Engine(start, _real_backend)
        app = ChatApp(engine)
        read_once(app)
        app.problems += filter(None, [keep_pastes_inert(app), outlive_the_terminal(app)])
        # asyncio's own group: anyio is 30 ms that only the engine needs, and Textual knows no other loop.
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(engine.serve())
            try:
                await app.run_async()
            finally:
                engine.close()
            await serving
        return app.return_code or 0

    return asyncio.run(main())
