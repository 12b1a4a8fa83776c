"""Deleting, and taking it back: what is deleted lies in the trash for a while, then leaves every byte of the file.

In the trash it is in no list, on no path and in no index. What lay there long enough is purged by `tend`; `erase` does
not wait.
"""

import sqlite3
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from chatmodes.store.errors import UnknownError
from chatmodes.store.ids import new_id
from chatmodes.store.rows import delete_messages, erase_conversation, refresh_preview, unknown
from chatmodes.store.tree import BELOW, leaf_below, newest_root
from chatmodes.store.upkeep import Upkeep

KEPT = 3600.0
"""Seconds for which a deletion can be taken back, at least; the next `tend` after them purges it."""


class _Deletion(NamedTuple):
    id: str
    conversation: str
    message: str | None
    """What was deleted with all below it; None where it was the conversation."""
    leaf: str | None
    """The leaf of before."""


class Trash(Upkeep):
    """Deletions."""

    def delete_message(self, message: str) -> str:
        """Delete it with everything below it; the leaf moves to the nearest message that remains.

        Returns what `undelete` takes.
        """
        with self.writing() as db:
            row = db.execute("SELECT conversation, parent, trash FROM messages WHERE id = ?", (message,)).fetchone()
            if row is None or row[2] is not None:
                raise unknown("message", message)
            conversation, parent, _ = row
            (leaf,) = db.execute("SELECT leaf FROM conversations WHERE id = ?", (conversation,)).fetchone()
            gone = leaf is None or db.execute(f"{BELOW} SELECT 1 FROM below WHERE id = ?", (message, leaf)).fetchone()
            entry = _put(db, conversation, message, leaf)
            db.execute(
                f"{BELOW} UPDATE messages SET trash = ? WHERE id IN (SELECT id FROM below) AND trash IS NULL",
                (message, entry),
            )
            if gone:
                nearest = leaf_below(db, parent) if parent else newest_root(db, conversation)
                db.execute("UPDATE conversations SET leaf = ? WHERE id = ?", (nearest, conversation))
            refresh_preview(db, conversation)
        return entry

    def delete_conversation(self, conversation: str) -> str:
        """Delete it with everything that hangs on it. Returns what `undelete` takes."""
        with self.writing() as db:
            row = db.execute(
                "SELECT leaf FROM conversations WHERE id = ? AND trash IS NULL", (conversation,)
            ).fetchone()
            if row is None:
                raise unknown("conversation", conversation)
            entry = _put(db, conversation, None, row[0])
            db.execute("UPDATE conversations SET trash = ? WHERE id = ?", (entry, conversation))
            db.execute("UPDATE messages SET trash = ? WHERE conversation = ? AND trash IS NULL", (entry, conversation))
        return entry

    def undelete(self, entry: str) -> None:
        """Take a deletion back: everything stands where it stood, and the leaf where it was.

        What lay above a message and was deleted later comes back with it. Raises `StoreError` once it is purged.
        """
        with self.writing() as db:
            _restore(db, entry)

    def erase_conversations(self, conversations: Iterable[str]) -> None:
        """Delete conversations for good, out of the index too. Raises `StoreError` for unknown ones."""
        chosen = list(conversations)
        with self.reading() as db:
            for conversation in chosen:
                if not db.execute("SELECT 1 FROM conversations WHERE id = ?", (conversation,)).fetchone():
                    raise unknown("conversation", conversation)
        self.deleting(lambda: self._erase_all(chosen))

    def _erase_all(self, conversations: list[str]) -> None:
        for conversation in conversations:
            with suppress(UnknownError):  # another program was quicker
                self._erase(conversation)
        self._scrub()

    def purge(self, before: float | None = None) -> int:
        """Empty the trash, of what was deleted before a time or of all, and return how many deletions that were."""
        with self.reading() as db:
            entries = db.execute(
                "SELECT id, conversation, message FROM trash WHERE ?1 IS NULL OR at < ?1", (before,)
            ).fetchall()
        if entries:
            self.deleting(lambda: self._purge(entries))
        return len(entries)

    def _purge(self, entries: list[tuple[str, str, str | None]]) -> None:
        for entry, conversation, message in entries:
            if self.closing:
                break
            with self.writing() as db:
                if not db.execute("SELECT 1 FROM trash WHERE id = ?", (entry,)).fetchone():
                    continue  # another program was quicker, or a larger deletion held it
                if message is None:
                    erase_conversation(db, conversation)
                else:
                    delete_messages(db, [id for (id,) in db.execute(f"{BELOW} SELECT id FROM below", (message,))])
                # With it go the entries of what lay below it.
                db.execute(
                    "DELETE FROM trash WHERE id = ? OR message IS NOT NULL"
                    " AND NOT EXISTS (SELECT 1 FROM messages WHERE messages.id = trash.message)",
                    (entry,),
                )
        self._scrub()


def _put(db: sqlite3.Connection, conversation: str, message: str | None, leaf: str | None) -> str:
    entry = new_id()
    db.execute(
        "INSERT INTO trash (id, conversation, message, leaf, at) VALUES (?, ?, ?, ?, ?)",
        (entry, conversation, message, leaf, time.time()),
    )
    return entry


def _restore(db: sqlite3.Connection, entry: str) -> None:
    deletions = [_entry(db, entry)]
    while outer := _holding(db, deletions[-1]):
        deletions.append(_entry(db, outer))
    # From the outermost in, each once: what holds another must be there before it, and the leaf is the first one's.
    for each in reversed(deletions):
        db.execute("DELETE FROM trash WHERE id = ?", (each.id,))
        db.execute("UPDATE messages SET trash = NULL WHERE trash = ?", (each.id,))
        db.execute("UPDATE conversations SET trash = NULL WHERE trash = ?", (each.id,))
    _set_leaf(db, deletions[0])
    refresh_preview(db, deletions[0].conversation)


def _entry(db: sqlite3.Connection, entry: str) -> _Deletion:
    row = db.execute("SELECT id, conversation, message, leaf FROM trash WHERE id = ?", (entry,)).fetchone()
    if row is None:
        raise unknown("deletion", entry)
    return _Deletion(*row)


def _holding(db: sqlite3.Connection, deletion: _Deletion) -> str | None:
    """The later deletion in which the place of a deleted message lies: of a message above it, or of all there is."""
    if deletion.message is None:
        return None
    row = db.execute(
        "SELECT coalesce(above.trash, conversations.trash) FROM messages m"
        " JOIN conversations ON conversations.id = m.conversation LEFT JOIN messages above ON above.id = m.parent"
        " WHERE m.id = ?",
        (deletion.message,),
    ).fetchone()
    return row[0] if row else None


def _set_leaf(db: sqlite3.Connection, deletion: _Deletion) -> None:
    """The leaf of before the deletion; where that was deleted since, the present one, or else the newest branch's."""
    (present,) = db.execute("SELECT leaf FROM conversations WHERE id = ?", (deletion.conversation,)).fetchone()
    for leaf in (deletion.leaf, present):
        if db.execute("SELECT 1 FROM messages WHERE id = ? AND trash IS NULL", (leaf,)).fetchone():
            break
    else:
        leaf = newest_root(db, deletion.conversation)
    db.execute("UPDATE conversations SET leaf = ? WHERE id = ?", (leaf, deletion.conversation))
