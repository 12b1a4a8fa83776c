"""Finding messages again, in an index that may still be filling up."""

import sqlite3
import time
from collections.abc import Sequence
from typing import Any

from chatmodes.store import columns, word_index, words
from chatmodes.store.database import Database
from chatmodes.store.errors import StoreError
from chatmodes.store.records import Hit
from chatmodes.store.schema import files_text
from chatmodes.tags import tags_like

PATIENCE = 1.0
"""Seconds that one search spends on filling an index that was made anew; the newest messages come first."""
_ALWAYS = 5
"""Values of a page's query besides the tags."""
_DAMAGED = "The search index is damaged and cannot be made anew; the messages themselves are all there."
_DAMAGED_HINT = (
    "`chatmodes history export --all -o FILE` saves them; move the database away and `chatmodes history import FILE`."
)


class Search(Database):
    """Full-text search."""

    def search(
        self,
        query: str,
        *,
        mode: str = "",
        model: str = "",
        tags: Sequence[str] = (),
        since: float | None = None,
        until: float | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> list[Hit]:
        """Messages that hold every word and "phrase" of the query, newest first; a word ending in * is a beginning.

        `mode` and `model` ask for answers made by them; part of a model's name will do. Without any words, all that
        mode's or model's answers are found. With `tags`, only conversations that have all of them are searched. Newest
        first instead of by relevance, because ranking reads every match: seconds for a common word in a million
        messages. An index that is found damaged is made anew meanwhile: what is missing from it after `PATIENCE` is
        the oldest, and `unindexed` says how much that is.
        """
        expression = words.match_expression(query, mode, model)
        if not expression:
            return []
        earliest = int(since * 1e6) if since is not None else 0
        latest = int(until * 1e6) if until is not None else 1 << 62
        values = (expression, earliest, latest, *map(tags_like, tags), limit, offset)
        until_then = time.monotonic() + PATIENCE
        found = self._found(values)
        while len(found) < limit and time.monotonic() < until_then and self._fill():
            found = self._found(values)
        return [
            Hit(
                id=id, title=title or preview or "Untitled",
                snippet=words.snippet(f"{words.text_of(parts)}\n{files or ''}", query), at=columns.moment(at),
                message=message, role=columns.role(role, mode, model), mode=mode, model=model,
            )
            for id, title, preview, parts, files, at, message, role, mode, model in found
        ]  # fmt: skip

    def unindexed(self) -> int:
        """How many messages a search does not find yet, since the index is being made anew."""
        with self.reading() as db:
            return word_index.unindexed(db)

    def mend_index(self) -> bool:
        """Check the index, make it anew where it is damaged, and fill it; says whether it was damaged.

        Reads all of it, and fills in short transactions: minutes for millions of messages. Raises `StoreError`.
        """
        if damaged := not self._index_is_sound():
            self.renew_index()
        self.fill_index()
        self._reclaim()
        with self.reading() as db:
            if not word_index.usable(db):
                raise StoreError(_DAMAGED, _DAMAGED_HINT)
        return damaged

    def fill_index(self) -> None:
        """Index what is missing from an index that was made anew, in short transactions."""
        while not self.closing and self._fill():
            pass

    def _index_is_sound(self) -> bool:
        try:
            with self.writing() as db:
                return word_index.check(db)
        except StoreError as error:  # a transaction that has met a damaged page cannot be committed
            if isinstance(error.__cause__, sqlite3.Error) and word_index.is_damage(error.__cause__):
                return False
            raise

    def _reclaim(self) -> None:
        """Give back the pages of an index that was taken out of the schema; copies the database, so it needs room."""
        with self.reading() as db:
            if not db.execute("SELECT fallow FROM word_index").fetchone()[0]:
                return
        self.vacuum()
        with self.writing() as db:
            db.execute("UPDATE word_index SET fallow = 0")

    def _found(self, values: Sequence[Any]) -> list[Any]:
        try:
            return self._page(values)
        except StoreError as error:
            cause = error.__cause__
            if not isinstance(cause, sqlite3.Error) or not word_index.is_damage(cause) or self.read_only:
                raise
            if self._index_is_sound():
                raise  # the damage lies in the messages
            self.renew_index()
            return self._page(values)

    def _page(self, values: Sequence[Any]) -> list[Any]:
        in_tagged = (
            " AND rowid IN (SELECT seq FROM messages WHERE conversation IN"
            " (SELECT id FROM conversations WHERE tags LIKE ? ESCAPE '\\'))"
        ) * (len(values) - _ALWAYS)
        with self.reading() as db:
            if not word_index.usable(db):
                raise StoreError(_DAMAGED, _DAMAGED_HINT)
            # The subquery keeps the joins to the rows of the page.
            return db.execute(
                f"SELECT c.id, c.title, c.preview, m.parts, {files_text('m')}, m.created, m.id, m.role, m.mode, m.model"
                " FROM ("
                "  SELECT rowid AS seq FROM message_words WHERE message_words MATCH ? AND rowid BETWEEN ? AND ?"
                f" {in_tagged} ORDER BY rowid DESC LIMIT ? OFFSET ?"
                ") AS found JOIN messages m ON m.seq = found.seq JOIN conversations c ON c.id = m.conversation"
                " ORDER BY m.seq DESC",
                values,
            ).fetchall()

    def _fill(self) -> bool:
        """Fill the index by one step; False when there was nothing left to do, or nothing can be done here."""
        with self.reading() as db:
            if self.read_only or not word_index.incomplete(db):
                return False
        with self.writing() as db:
            word_index.fill(db)
        return True
