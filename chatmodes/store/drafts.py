"""What stands in a composer unsent, kept for the window it was typed in.

Two windows on one conversation are two composers: text typed in one must not appear in the other. When a program has
ended, however it did, the next window that opens the conversation takes over what it left.
"""

import sqlite3
import time

from chatmodes.store.database import Database
from chatmodes.store.errors import StoreError
from chatmodes.store.liveness import has_died
from chatmodes.store.words import whole


class Drafts(Database):
    """Unsent text."""

    def save_draft(self, conversation: str, text: str) -> None:
        """Keep the composer's text; an empty conversation id is the composer of a chat not yet begun.

        One row of one short transaction, cheap enough for every second in which something is typed. An empty text
        takes the draft away: a prompt that was sent does not come back.
        """
        window = self._window()
        with self.writing() as db:
            if text:
                db.execute(
                    "INSERT OR REPLACE INTO drafts (conversation, window, text, at) VALUES (?, ?, ?, ?)",
                    (conversation, window, whole(text), time.time()),
                )
            else:
                db.execute("DELETE FROM drafts WHERE conversation = ? AND window = ?", (conversation, window))

    def draft(self, conversation: str) -> str:
        """The text kept for this composer: this window's, else the newest that a window no longer there has left."""
        with self.reading() as db:
            rows = _left(db, conversation)
        own = self.presence.token
        for text, window in rows:
            if window == own:
                return text
        if self.read_only or not any(self._abandoned(window) for _, window in rows):
            return next((text for text, window in rows if self._abandoned(window)), "")
        own = self._window()
        with self.writing() as db:  # asked again: another window may have been quicker
            for text, window in _left(db, conversation):
                if self._abandoned(window):
                    db.execute(
                        "UPDATE drafts SET window = ? WHERE conversation = ? AND window = ?",
                        (own, conversation, window),
                    )
                    return text
        return ""

    def _abandoned(self, window: str) -> bool:
        return self.file is None or not window or has_died(self.file, window)

    def _window(self) -> str:
        try:
            return self.presence.announce()
        except OSError as error:
            raise StoreError(
                f"{error.filename} cannot be made: {error.strerror}.", "Check the folder's permissions and free space."
            ) from error


def _left(db: sqlite3.Connection, conversation: str) -> list[tuple[str, str]]:
    query = "SELECT text, window FROM drafts WHERE conversation = ? ORDER BY at DESC, rowid DESC"
    return db.execute(query, (conversation,)).fetchall()
