"""What can still be read of a damaged database, in one in memory that can be read like any other.

A damaged page takes a few rows along; a damaged page of an index would take every conversation along, though not a
letter of them is missing. So the tables are walked by themselves, around what cannot be read.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from chatmodes.store import word_index
from chatmodes.store.errors import StoreError, translate
from chatmodes.store.opening import Opened, connect, in_memory

_TABLES = (
    "conversations", "messages", "comparisons", "runs", "chunks", "picks", "drafts", "attachments",
    "message_attachments", "trash", "asides",
)  # fmt: skip
_FURTHEST = 1 << 62


def salvaged(file: Path) -> Opened:
    """A database in memory with all that can be read of this one. Raises `StoreError` where that is nothing."""
    copy = in_memory()
    triggers = copy.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    copy.execute("PRAGMA foreign_keys = OFF")
    for name, _ in triggers:
        copy.execute(f"DROP TRIGGER {name}")
    try:
        with closing(connect(f"{file.absolute().as_uri()}?mode=ro")) as source:
            for table in _TABLES:
                _copy(source, copy, table)
    except sqlite3.Error as error:
        raise translate(error, file) from error
    _complete(copy)
    for _, sql in triggers:
        copy.execute(sql)
    if not copy.execute("SELECT 1 FROM conversations LIMIT 1").fetchone():
        raise StoreError(f"Nothing can be read of {file}.", f"`sqlite3 {file} .recover` may find more.")
    copy.execute("UPDATE word_index SET low = (SELECT coalesce(max(seq) + 1, 0) FROM messages)")
    while word_index.incomplete(copy):
        word_index.fill(copy)
    reason = f"{file} is damaged: this is what can be read of it, and nothing new is kept."
    return Opened(copy, reason)


def _copy(source: sqlite3.Connection, copy: sqlite3.Connection, table: str) -> None:
    columns = _columns(source, table) & _columns(copy, table)
    names = ", ".join(sorted(columns))
    marks = ", ".join("?" * (len(columns) + 1))
    insert = f"INSERT OR IGNORE INTO {table} (rowid, {names}) VALUES ({marks})"
    for row in _rows(source, f"SELECT rowid, {names} FROM {table} NOT INDEXED") if columns else ():
        copy.execute(insert, row)


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in db.execute(f"PRAGMA table_info({table})")}


def _rows(source: sqlite3.Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """A table's rows, without those in damaged pages."""
    at: int | None = -1
    while at is not None:
        try:
            for row in source.execute(f"{query} WHERE rowid > ? ORDER BY rowid", (at,)):
                yield row
                at = row[0]
        except sqlite3.DatabaseError:
            at = _behind(source, query, at)
        else:
            return


def _behind(source: sqlite3.Connection, query: str, at: int) -> int | None:
    """The first number behind `at` from which rows can be read again; None where none is."""

    def readable(number: int) -> bool:
        try:
            source.execute(f"{query} WHERE rowid > ? ORDER BY rowid LIMIT 1", (number,)).fetchall()
        except sqlite3.DatabaseError:
            return False
        return True

    step = 1
    while not readable(at + step):
        step *= 2
        if step > _FURTHEST:
            return None
    low, high = at + step // 2, at + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if readable(middle) else (middle, high)
    return high


def _complete(copy: sqlite3.Connection) -> None:
    """Give messages a conversation whose own row is lost, and each conversation a message to be shown by."""
    copy.execute(
        "INSERT OR IGNORE INTO conversations (id, title, created, updated, touched)"
        " SELECT conversation, 'Rescued', min(created), max(created), max(seq) FROM messages"
        " WHERE conversation NOT IN (SELECT id FROM conversations) GROUP BY conversation"
    )
    copy.execute(
        "UPDATE conversations SET leaf = (SELECT id FROM messages WHERE conversation = conversations.id"
        " AND messages.trash IS NULL ORDER BY seq DESC LIMIT 1)"
        " WHERE leaf IS NULL OR leaf NOT IN (SELECT id FROM messages)"
    )
    copy.execute("UPDATE runs SET comparison = NULL WHERE comparison NOT IN (SELECT id FROM comparisons)")
    copy.execute("UPDATE runs SET owner = NULL, status = iif(status = 'running', 'cut', status)")
