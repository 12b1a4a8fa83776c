"""The `logs.db` of Simon Willison's `llm`: prompts and responses up to version 0.31, a tree of messages from 0.32 on.

A database that has lived through both holds both, and neither is complete alone.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from chatmodes.messages import Reasoning, Role, Text
from chatmodes.store.archive import ArchivedConversation
from chatmodes.store.errors import StoreError
from chatmodes.store.foreign.building import Node, build
from chatmodes.store.foreign.fields import timestamp
from chatmodes.store.foreign.intake import Intake, Piece, call, result

_ROLES: dict[str, Role] = {"user": "user", "assistant": "assistant", "system": "system"}


_NOT_LLMS = (AttributeError, IndexError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
"""What comes of reading columns that are not there or hold something else: other programs have `responses` too."""


def read(file: Path, broken: Callable[[str], None], intake: Intake) -> Iterator[ArchivedConversation]:
    """The conversations of a log; `broken` is told of each that contradicts itself. The file is only read.

    Tools' calls and results are kept as text, reasoning as what it is.

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
                yield from _responses(connection, tables, intake)
            if "turns" in tables:
                yield from _threads(connection, tables, broken, intake)
        finally:
            connection.close()
    except _NOT_LLMS as error:
        raise another from error
    except sqlite3.Error as error:
        raise StoreError(f"{file} cannot be read as llm's log: {error}.", "Is it whole?") from error


def _responses(db: sqlite3.Connection, tables: set[str], intake: Intake) -> Iterator[ArchivedConversation]:
    names = dict(db.execute("SELECT id, name FROM conversations").fetchall()) if "conversations" in tables else {}
    by_conversation: dict[str, list[sqlite3.Row]] = {}
    for row in db.execute("SELECT * FROM responses ORDER BY datetime_utc, id"):
        by_conversation.setdefault(row["conversation_id"] or row["id"], []).append(row)
    for key, rows in by_conversation.items():
        built = build("llm", key, _turns(db, tables, rows, intake), title=names.get(key) or "")
        if built is not None:
            yield built


def _turns(db: sqlite3.Connection, tables: set[str], rows: list[sqlite3.Row], intake: Intake) -> Iterator[Node]:
    before: str | None = None
    system = ""
    for row in rows:
        id, at = str(row["id"]), timestamp(row["datetime_utc"])
        if row["system"] and row["system"] != system:
            system = row["system"]
            yield Node(key=f"{id}:system", parent=before, role="system", pieces=[Text(system)], created=at)
            before = f"{id}:system"
        if "tool_results" in tables:  # of the calls of the response before
            yield Node(key=f"{id}:results", parent=before, pieces=list(_results(db, id, intake)), created=at)
            before = f"{id}:results"
        fragments = _fragments(db, id) if "prompt_fragments" in tables else []
        files = _attachments(db, id, intake) if "prompt_attachments" in tables else []
        text = "\n\n".join(piece for piece in [*fragments, row["prompt"]] if piece)
        yield Node(key=f"{id}:prompt", parent=before, role="user", pieces=[Text(text), *files], created=at)
        took = (row["duration_ms"] or 0) / 1000
        calls = list(_calls(db, id, intake)) if "tool_calls" in tables else []
        yield Node(
            key=id, parent=f"{id}:prompt", role=None if calls else "assistant",
            pieces=[*_thought(_column(row, "reasoning")), Text(row["response"] or ""), *calls],
            created=None if at is None else at + took,
            model=row["model"] or "",
        )  # fmt: skip
        before = id


def _calls(db: sqlite3.Connection, response: str, intake: Intake) -> Iterator[Piece]:
    for row in db.execute("SELECT name, arguments FROM tool_calls WHERE response_id = ? ORDER BY id", (response,)):
        intake.kept("tool turn")
        yield call(row["name"] or "", row["arguments"] or "", "json")


def _results(db: sqlite3.Connection, response: str, intake: Intake) -> Iterator[Piece]:
    for row in db.execute("SELECT name, output FROM tool_results WHERE response_id = ? ORDER BY id", (response,)):
        intake.kept("tool turn")
        yield result(row["name"] or "", row["output"] or _column(row, "exception"))


def _column(row: sqlite3.Row, name: str) -> str:
    """What a column holds that only later versions have; empty in earlier ones."""
    return (row[name] or "") if name in row.keys() else ""  # noqa: SIM118 - a row's `in` looks among its values


def _thought(text: str) -> list[Piece]:
    return [Reasoning(text)] if text.strip() else []


def _fragments(db: sqlite3.Connection, response: str) -> list[str]:
    query = (
        "SELECT content FROM prompt_fragments JOIN fragments ON fragments.id = fragment_id"
        ' WHERE response_id = ? ORDER BY "order"'
    )
    return [row["content"] for row in db.execute(query, (response,)) if row["content"]]


def _attachments(db: sqlite3.Connection, response: str, intake: Intake) -> list[Piece]:
    query = (
        "SELECT attachments.* FROM prompt_attachments JOIN attachments ON attachments.id = attachment_id"
        ' WHERE response_id = ? ORDER BY "order"'
    )
    return _attached(db.execute(query, (response,)), intake)


def _attached(rows: Iterable[sqlite3.Row], intake: Intake) -> list[Piece]:
    pieces: list[Piece] = []
    for row in rows:
        name, media_type = Path(row["path"] or row["url"] or row["id"]).name, row["type"] or ""
        if row["content"]:
            pieces += intake.bytes(row["content"], name, media_type)
        else:  # llm keeps only where it was
            pieces += intake.file(name, picture=media_type.startswith("image/"))
    return pieces


def _threads(
    db: sqlite3.Connection, tables: set[str], broken: Callable[[str], None], intake: Intake
) -> Iterator[ArchivedConversation]:
    for thread in db.execute("SELECT * FROM threads ORDER BY datetime_utc").fetchall():
        nodes: dict[str, Node] = {}
        turns = db.execute(
            "SELECT * FROM turns WHERE thread_id = ? ORDER BY datetime_utc, id", (thread["id"],)
        ).fetchall()
        try:
            for turn in turns:
                for node in _chain(db, tables, turn, nodes, intake):
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


def _chain(
    db: sqlite3.Connection, tables: set[str], turn: sqlite3.Row, known: dict[str, Node], intake: Intake
) -> list[Node]:
    """The messages from the last known one to the end of a turn. Messages are shared between turns and bear no time.

    Raises `StoreError` for messages that follow each other in a circle.
    """
    chain: dict[str, Node] = {}
    hash: str | None = turn["tip_message_hash"]
    while hash is not None and hash not in known:
        if hash in chain:
            raise StoreError(f"its message {hash} comes before itself.")
        message = db.execute("SELECT * FROM messages WHERE hash = ?", (hash,)).fetchone()
        if message is None:
            break
        role = _ROLES.get(message["role"])
        text, work = _parts(db, hash), list(_work(db, hash, intake))
        thoughts, files = _thoughts(db, hash), _files(db, hash, intake) if "part_attachments" in tables else []
        chain[hash] = Node(
            key=hash, parent=message["parent_hash"], role=None if work and role != "user" else role,
            pieces=[*thoughts, Text(text), *files, *work], created=timestamp(turn["datetime_utc"]),
            model=(turn["model"] or "") if role == "assistant" else "",
        )  # fmt: skip
        hash = message["parent_hash"]
    return list(chain.values())[::-1]


def _thoughts(db: sqlite3.Connection, hash: str) -> list[Piece]:
    return _thought(_parts(db, hash, "reasoning"))


def _files(db: sqlite3.Connection, hash: str, intake: Intake) -> list[Piece]:
    """What is attached to a message, from the rows that its parts name."""
    query = (
        "SELECT attachments.* FROM parts JOIN part_attachments ON part_id = parts.id"
        " JOIN attachments ON attachments.id = attachment_id"
        ' WHERE message_hash = ? ORDER BY position, "order"'
    )
    return _attached(db.execute(query, (hash,)), intake)


def _parts(db: sqlite3.Connection, hash: str, kind: str = "text") -> str:
    pieces: list[str] = []
    query = "SELECT * FROM parts WHERE message_hash = ? AND type = ? ORDER BY position"
    for part in db.execute(query, (hash, kind)):
        if part["text"]:
            pieces.append(part["text"])
        elif part["payload"]:
            pieces += _borrowed(db, part["payload"])
    return "".join(pieces)


def _work(db: sqlite3.Connection, hash: str, intake: Intake) -> Iterator[Piece]:
    """What tools were asked and answered in a message."""
    query = (
        "SELECT * FROM parts WHERE message_hash = ? AND type NOT IN ('text', 'reasoning', 'attachment')"
        " ORDER BY position"
    )
    for part in db.execute(query, (hash,)):
        match part["type"]:
            case "tool_call":
                intake.kept("tool turn")
                yield call(part["tool_name"] or "", part["payload"] or part["text"] or "", "json")
            case "tool_result":
                intake.kept("tool turn")
                yield result(part["tool_name"] or "", part["text"] or part["payload"] or "")
            case _:
                intake.left_out("unreadable part")


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
