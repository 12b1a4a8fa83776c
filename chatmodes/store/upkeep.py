"""What lies beside the messages and what takes it away again: attachments, sizes, pruning, scrubbing."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from chatmodes.store import word_index
from chatmodes.store.errors import StoreError, UnknownError, translate
from chatmodes.store.files import PLAIN, Kept, keep, sha256
from chatmodes.store.opening import backups
from chatmodes.store.records import Attachment, PrunePlan, Sizes
from chatmodes.store.rows import erase_conversation, unknown
from chatmodes.store.tree import CONVERSATION, Tree, conversation_record
from chatmodes.store.words import whole

_STEP = 256
"""Pages given back in one transaction: some 10 ms, so that other programs get their turn."""


class Upkeep(Tree):
    """Attachments and room on the disk."""

    def attachments(self, message: str) -> list[Attachment]:
        """What is attached to a message, in the order it was."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT hash, name, media_type, length(data) FROM message_attachments m JOIN attachments USING (hash)"
                " WHERE message = ? ORDER BY m.rowid",
                (message,),
            ).fetchall()
        return [Attachment(hash=hash, name=name, media_type=media, size=size) for hash, name, media, size in rows]

    def attachment_data(self, hash: str) -> bytes | None:
        """The content with this hash, or None."""
        with self.reading() as db:
            row = db.execute("SELECT data FROM attachments WHERE hash = ?", (hash,)).fetchone()
        return row[0] if row else None

    def keep_result(self, message: str, name: str, text: str) -> None:
        """Hang the whole of a tool's result on the answer that it was for; the answer has its head and tail."""
        data = whole(text).encode()
        with self.writing() as db:
            keep(db, message, [Kept(sha256(data), data, name, PLAIN, readable=False)])

    def result(self, conversation: str, beginning: str) -> str | None:
        """The whole result in a conversation whose hash begins so; None where there is none."""
        query = (
            "SELECT data FROM attachments JOIN message_attachments USING (hash) JOIN messages ON messages.id = message"
            " WHERE hash >= ? AND hash < ? AND conversation = ? AND media_type = ? LIMIT 1"
        )
        with self.reading() as db:
            row = db.execute(query, (beginning, f"{beginning}g", conversation, PLAIN)).fetchone()
        return bytes(row[0]).decode(errors="replace") if row and beginning else None

    def sizes(self) -> Sizes:
        """What takes how much room. Reads every message's length: seconds for millions."""
        with self.reading() as db:

            def number(query: str) -> int:
                return int(db.execute(query).fetchone()[0] or 0)

            page = number("PRAGMA page_size")
            return Sizes(
                conversations=number("SELECT count(*) FROM conversations WHERE trash IS NULL"),
                messages=number("SELECT count(*) FROM messages WHERE trash IS NULL"),
                deleted=number("SELECT count(*) FROM messages WHERE trash IS NOT NULL"),
                runs=number("SELECT count(*) FROM runs"),
                file=page * number("PRAGMA page_count"),
                text=number("SELECT sum(length(parts)) FROM messages"),
                events=number("SELECT sum(length(events)) FROM chunks"),
                attachments=number("SELECT sum(length(data)) FROM attachments"),
                free=page * number("PRAGMA freelist_count"),
            )

    def damage(self) -> str:
        """What SQLite's own quick check finds wrong with the file, in its words; empty where nothing is.

        Reads every page: seconds for a gigabyte.
        """
        try:
            with self.reading_aside() as db:
                (found,) = db.execute("PRAGMA quick_check(1)").fetchone()
        except StoreError as error:
            return error.message
        return "" if found == "ok" else found

    def backups(self) -> list[Path]:
        """The copies that were made before migrations; what is deleted here is still in them."""
        return backups(self.file) if self.file is not None else []

    def plan_prune(self, *, before: float, archived_only: bool = False, events_only: bool = False) -> PrunePlan:
        """What was last used before a time: conversations that are not pinned, or only the events of their runs."""
        chosen = "SELECT id FROM conversations WHERE pinned = 0 AND updated < ? AND archived >= ? AND trash IS NULL"
        values = (before, int(archived_only))
        of_runs = (
            f"FROM runs JOIN messages ON messages.id = runs.message JOIN chunks ON chunks.run = runs.id"
            f" WHERE conversation IN ({chosen}) AND status <> 'running'"
        )
        with self.reading() as db:
            runs, size = db.execute(
                f"SELECT count(DISTINCT runs.id), coalesce(sum(length(events)), 0) {of_runs}", values
            ).fetchone()
            if events_only:
                ids = db.execute(f"SELECT DISTINCT runs.id {of_runs}", values).fetchall() if runs else []
                return PrunePlan(runs=tuple(id for (id,) in ids), bytes=size)
            rows = db.execute(f"SELECT {CONVERSATION} FROM conversations WHERE id IN ({chosen})", values).fetchall()
            count, text = db.execute(
                f"SELECT count(*), coalesce(sum(length(parts)), 0) FROM messages WHERE conversation IN ({chosen})",
                values,
            ).fetchone()
        return PrunePlan(conversations=tuple(map(conversation_record, rows)), messages=count, bytes=size + text)

    def prune(self, plan: PrunePlan) -> None:
        """Do what a plan says, in short transactions, and give the room back to the disk."""
        self.deleting(lambda: self._prune(plan))

    def _prune(self, plan: PrunePlan) -> None:
        for conversation in plan.conversations:
            with suppress(UnknownError):  # another program was quicker
                self._erase(conversation.id)
        for run in plan.runs:
            with self.writing() as db:
                db.execute("DELETE FROM chunks WHERE run = ?", (run,))
        self._scrub()
        while not self.read_only:
            with self.writing() as db:
                db.execute(f"PRAGMA incremental_vacuum({_STEP})").fetchall()
                if not db.execute("PRAGMA freelist_count").fetchone()[0]:
                    break
        self._empty_journal()

    def _erase(self, conversation: str) -> None:
        with self.writing() as db:
            if not erase_conversation(db, conversation):
                raise unknown("conversation", conversation)

    def _scrub(self) -> None:
        """Take what was deleted out of the index and the journal too. In memory there is nobody to hide it from."""
        if self.file is None:
            return
        first, more = True, True
        while more:
            try:
                with self.writing() as db:
                    more = word_index.merge(db, first)
            except StoreError as error:
                cause = error.__cause__
                if not isinstance(cause, sqlite3.Error) or not word_index.is_in_the_way(cause, self._connection):
                    raise
                self.renew_index()
                break
            first = False
        self._empty_journal()

    def _empty_journal(self) -> None:
        """The journal keeps old pages until it is emptied; while another program reads, that is left to the last."""
        with self._lock, self._read_lock:  # our own readers must not be what it waits for
            try:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except sqlite3.Error as error:
                raise translate(error, self.file) from error
