"""The list of conversations at the left, read from the store: again whenever something may have changed there."""

from chatmodes.tui.chat.display import Display
from chatmodes.tui.chat.ports import Tasks
from chatmodes.tui.chat.session import Session
from chatmodes.tui.chat.sidebar import Sidebar
from chatmodes.tui.engine import Engine
from chatmodes.tui.reading import read

LISTED = 200
"""Conversations in the list; older ones are found by searching."""


class Listing:
    """Brings the sidebar, and the names in the session, up to the store."""

    def __init__(self, session: Session, engine: Engine, tasks: Tasks, *, display: Display, sidebar: Sidebar) -> None:
        self._session, self._engine, self._tasks = session, engine, tasks
        self._display, self._sidebar = display, sidebar

    def refresh(self) -> None:
        """Read the list of conversations again, soon."""
        if self._engine.state == "ready":
            self._tasks.do_latest(self._read, group="list")

    async def _read(self) -> None:
        sidebar, session = self._sidebar, self._session
        words, tags = sidebar.wanted
        session.conversations = await read(
            self._engine.store.conversations, words, tags=tags, archived=sidebar.archived, limit=LISTED
        )
        sidebar.show(session.conversations, session.conversation, session.busy)
        self._display.show_title()
