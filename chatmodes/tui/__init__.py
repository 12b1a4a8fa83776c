"""The chat in a terminal: one reader of a run's events, built so that the first frame waits for nothing.

`run` is all that the rest of the program knows of this folder. It reads the settings, starts the screen, and lets the
engine (the SDK, the database) open behind the first frame.
"""

from dataclasses import dataclass

from chatmodes.settings import Settings


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


def run(start: Start) -> int:
    """Open the chat and stay until it is left. Returns the exit code."""
    import anyio  # the command line has no need of it before a command runs

    from chatmodes.tui.app import ChatApp
    from chatmodes.tui.backend import real_backend
    from chatmodes.tui.engine import Engine

    async def main() -> int:
        engine = Engine(start, real_backend)
        app = ChatApp(engine)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(engine.serve)
            try:
                await app.run_async()
            finally:
                engine.close()
        return app.return_code or 0

    return anyio.run(main)
