"""The chat in a terminal: one reader of a run's events, built so that the first frame waits for nothing.

`run` is all that the rest of the program knows of this folder. It reads the settings, starts the screen, and lets the
engine (the SDK, the database) open behind the first frame.
"""

from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING

from chatmodes.settings import Settings
from chatmodes.tui.start import Start

if TYPE_CHECKING:
    from chatmodes.tui.backend import Backend

__all__ = ["Start", "run"]


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
