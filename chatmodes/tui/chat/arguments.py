"""What the composer offers behind a command's name: modes, models, themes.

Each is asked for when it is about to be shown, for all of them come after the first frame.
"""

from textual.screen import Screen

from chatmodes.tui.composer.completion import Arguments
from chatmodes.tui.engine import Engine


def arguments(engine: Engine, screen: Screen[None]) -> Arguments:
    """By a command's name, what gives the values that may follow it, each with a word about it."""

    def models() -> list[tuple[str, str]]:
        return engine.backend.model_names() if engine.state == "ready" else []

    def themes() -> list[tuple[str, str]]:
        return [(name, "") for name in screen.app.available_themes]

    return {"/mode": _modes, "/model": models, "/theme": themes}


def _modes() -> list[tuple[str, str]]:
    from chatmodes.modes import base
    from chatmodes.tui.chat.commands import COMMANDS

    return [(name, COMMANDS[name].about) for name in base.names() if name in COMMANDS]
