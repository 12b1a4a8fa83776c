"""The `logs.db` of Simon Willison's `llm`: prompts and responses up to version 0.31, a tree of messages from 0.32 on.

A database that has lived through both holds both, and neither is complete alone.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chatmodes.messages import Role
from chatmodes.store.archive import ArchivedConversation, ArchivedFile
from chatmodes.store.errors import StoreError
from chatmodes.store.foreign.building import Node, build, timestamp

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system"}


_NOT_LLMS = (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError)
"""What comes of reading columns that are not there or hold something else: other programs have `responses` too."""


def read(file: Path, broken: Callable[[str], None]) -> Iterator[ArchivedConversation]:
    """The conversations of a log; `broken` is told of each that contradicts itself. The file is only read.

    Raises `StoreError` where it is another kind of database.
    """
    another = StoreError(f"{file} is a database, but not one of llm's logs.", "Export from chatmodes as JSON.")
    try:
        connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)
        connection.row_factory = sqlite3.Row
        try:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if not {"responses", "turns"} & tables:
                raise another
            if "responses" in tables:
                yield from _responses(connection, tables)
            if "turns" in tables:
                yield from _threads(connection, broken)
        finally:
            connection.close()
    except _NOT_LLMS as error:
        raise another from error
    except sqlite3.Error as error:
        raise StoreError(f"{file} cannot be read as llm's log: {error}.", "Is it whole?") from error


def _responses(db: sqlite3.Connection, tables: set[str]) -> Iterator[ArchivedConversation]:
    names = dict(db.execute("SELECT id, name FROM conversations").fetchall()) if "conversations" in tables else {}
    by_conversation: dict[str, list[sqlite3.Row]] = {}
    for row in db.execute("SELECT * FROM responses ORDER BY datetime_utc, id"):
        by_conversation.setdefault(row["conversation_id"] or row["id"], []).append(row)
    for key, rows in by_conversation.items():
        built = build("llm", key, _turns(db, tables, rows), title=names.get(key) or "")
        if built is not None:
            yield built


def _turns(db: sqlite3.Connection, tables: set[str], rows: list[sqlite3.Row]) -> Iterator[Node]:
    before: str | None = None
    system = ""
    for row in rows:
        id, at = str(row["id"]), timestamp(row["datetime_utc"])
        if row["system"] and row["system"] != system:
            system = row["system"]
            yield Node(key=f"{id}:system", parent=before, role="system", text=system, created=at)
            before = f"{id}:system"
        fragments = _fragments(db, id) if "prompt_fragments" in tables else []
        files = _attachments(db, id) if "prompt_attachments" in tables else ()
        text = "\n\n".join(piece for piece in [*fragments, row["prompt"]] if piece)
        yield Node(key=f"{id}:prompt", parent=before, role="user", text=text, created=at, files=files)
        took = (row["duration_ms"] or 0) / 1000
        yield Node(
            key=id, parent=f"{id}:prompt", role="assistant", text=row["response"] or "",
            created=None if at is None else at + took, model=row["model"] or "",
        )  # fmt: skip
        before = id


def _fragments(db: sqlite3.Connection, response: str) -> list[str]:
    query = (
        "SELECT content FROM prompt_fragments JOIN fragments ON fragments.id = fragment_id"
        ' WHERE response_id = ? ORDER BY "order"'
    )
    return [row["content"] for row in db.execute(query, (response,)) if row["content"]]


def _attachments(db: sqlite3.Connection, response: str) -> tuple[ArchivedFile, ...]:
    query = (
        "SELECT attachments.* FROM prompt_attachments JOIN attachments ON attachments.id = attachment_id"
        ' WHERE response_id = ? AND content IS NOT NULL ORDER BY "order"'
    )
    return tuple(
        ArchivedFile(
            name=Path(row["path"] or row["url"] or row["id"]).name, media_type=row["type"] or "", data=row["content"]
        )
        for row in db.execute(query, (response,))
    )


def _threads(db: sqlite3.Connection, broken: Callable[[str], None]) -> Iterator[ArchivedConversation]:
    for thread in db.execute("SELECT * FROM threads ORDER BY datetime_utc").fetchall():
        nodes: dict[str, Node] = {}
        turns = db.execute(
            "SELECT * FROM turns WHERE thread_id = ? ORDER BY datetime_utc, id", (thread["id"],)
        ).fetchall()
        try:
            for turn in turns:
                for node in _chain(db, turn):
                    nodes.setdefault(node.key, node)
        except StoreError as error:
            broken(f"Conversation {thread['id']} cannot be read: {error.message}")
            continue
        built = build(
            "llm", thread["id"], nodes.values(), title=thread["name"] or "", created=timestamp(thread["datetime_utc"]),
            leaf=thread["tip_message_hash"],
        )  # fmt: skip
        if built is not None:
            yield built


def _chain(db: sqlite3.Connection, turn: sqlite3.Row) -> list[Node]:
    """The messages from the beginning to the end of a turn. Messages are shared between turns and bear no time.

    Raises `StoreError` for messages that follow each other in a circle.
    """
    chain: dict[str, Node] = {}
    hash: str | None = turn["tip_message_hash"]
    while hash is not None:
        if hash in chain:
            raise StoreError(f"its message {hash} comes before itself.")
        message = db.execute("SELECT * FROM messages WHERE hash = ?", (hash,)).fetchone()
        if message is None:
            break
        role = _ROLES.get(message["role"])
        model = (turn["model"] or "") if role == "assistant" else ""
        text = _parts(db, hash)
        at = timestamp(turn["datetime_utc"])
        chain[hash] = Node(key=hash, parent=message["parent_hash"], role=role, text=text, created=at, model=model)
        hash = message["parent_hash"]
    return list(chain.values())[::-1]


def _parts(db: sqlite3.Connection, hash: str) -> str:
    pieces: list[str] = []
    for part in db.execute("SELECT * FROM parts WHERE message_hash = ? AND type = 'text' ORDER BY position", (hash,)):
        if part["text"]:
            pieces.append(part["text"])
        elif part["payload"]:
            pieces += _borrowed(db, part["payload"])
    return "".join(pieces)


def _borrowed(db: sqlite3.Connection, payload: str) -> Iterator[str]:
    """Text that holds fragments is a list of pieces: fragments, stored once for all, and the literals in between."""
    found: dict[str, Any] = json.loads(payload)
    pieces: list[dict[str, Any]] = found.get("text_ref") or []
    for piece in pieces:
        if "literal" in piece:
            yield piece["literal"]
        else:
            row = db.execute("SELECT content FROM fragments WHERE id = ?", (piece["fragment"],)).fetchone()
            yield row["content"] if row else ""
