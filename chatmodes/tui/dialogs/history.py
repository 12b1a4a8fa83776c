"""Search through everything that was ever said; Enter goes to the message."""

import time
from functools import partial
from typing import TYPE_CHECKING

from textual.widgets import Input

from chatmodes import tags
from chatmodes.sanitize import one_line
from chatmodes.tui.dialogs.picking import PickScreen, Row

if TYPE_CHECKING:
    from chatmodes.store import Store
    from chatmodes.store.records import Conversation, Hit

HITS = 50
PAUSE = 0.12
"""Seconds without a key press before the store is asked."""


class HistorySearch(PickScreen):
    """Gives `conversation:message`."""

    TITLE_TEXT = "Search all conversations"
    PLACEHOLDER = 'words, "a phrase", begin*, #tag'

    def __init__(self, store: "Store", query: str = "") -> None:
        super().__init__()
        self._store = store
        self._first = query

    def on_mount(self) -> None:
        """With what was typed behind /history."""
        super().on_mount()
        if self._first:
            self.query_one(Input).value = self._first

    def search(self, query: str) -> None:
        """Ask the store once the typing pauses."""
        self.run_worker(partial(self._search, query), exclusive=True)

    async def _search(self, query: str) -> None:
        import anyio

        from chatmodes.chat import in_thread
        from chatmodes.store import StoreError

        try:
            words, wanted = tags.split(query)
            if not words:
                recent = await in_thread(self._store.conversations, tags=wanted, archived=None, limit=HITS)
                named = f"The conversations tagged {tags.shown(wanted)}." if wanted else "The latest conversations."
                self.show([_conversation(one) for one in recent], f"{named} Type to search in what was said.")
                return
            await anyio.sleep(PAUSE)
            hits = await in_thread(self._store.search, words, tags=wanted, limit=HITS)
        except StoreError as error:
            self.show([], f"{error.message} {error.hint}")
            return
        self.show([_row(hit) for hit in hits], f"{len(hits)} found" if hits else "Nothing was said with these words.")


def _conversation(one: "Conversation") -> Row:
    about = f"{day(one.updated)} {tags.shown(one.tags)}".rstrip()
    return Row(f"{one.id}:{one.leaf or ''}", one_line(one.name, 80), about)


def _row(hit: "Hit") -> Row:
    who = "you" if hit.role == "user" else hit.mode or "answer"
    title = f"{one_line(hit.title, 60) or 'Untitled'} · {who} · {day(hit.at)}"
    return Row(f"{hit.id}:{hit.message}", title, one_line(hit.snippet, 160), place="below")


def day(at: float) -> str:
    """A time as its day."""
    return time.strftime("%Y-%m-%d", time.localtime(at))
