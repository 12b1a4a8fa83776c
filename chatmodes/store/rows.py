"""Writing single rows of the tree so that its invariants hold, inside a transaction that the caller has begun.

Runs, imports and the tree itself all put messages into the same table; the order of siblings, the current leaf and the
preview would drift apart if each did it in its own way.
"""

import sqlite3
import time
from collections.abc import Iterable

import msgspec

from chatmodes.messages import Message, Part
from chatmodes.store.errors import StoreError, UnknownError
from chatmodes.store.files import keep, taken_apart
from chatmodes.store.ids import new_id
from chatmodes.store.records import MessageState
from chatmodes.store.words import parts_of, whole, whole_values

_encode = msgspec.json.Encoder().encode


def encode_parts(parts: tuple[Part, ...]) -> str:
    """A message's parts as they are stored."""
    try:
        return _encode(parts).decode()
    except UnicodeEncodeError:
        return _encode(whole_values(msgspec.to_builtins(parts))).decode()


def unknown(kind: str, id: str) -> StoreError:
    """The error for an identifier that isn't there."""
    return UnknownError(f"There is no {kind} {id!r}.", "`chatmodes history` lists what there is.")


def insert_conversation(db: sqlite3.Connection, id: str, title: str) -> str:
    """A row for a conversation used just now."""
    at = time.time()
    db.execute(
        "INSERT INTO conversations (id, title, created, updated, touched) VALUES (?, ?, ?, ?, 0)",
        (id, whole(title), at, at),
    )
    touch(db, id)
    return id


def touch(db: sqlite3.Connection, conversation: str, leaf: str | None = None, *, move: bool = False) -> None:
    """Note that a conversation is the one used last, whatever the clock says, and move its leaf if asked to."""
    at = time.time()
    changed = db.execute(
        "UPDATE conversations SET updated = ?, leaf = iif(?, ?, leaf),"
        " touched = max(?, (SELECT coalesce(max(touched), 0) + 1 FROM conversations)) WHERE id = ?",
        (at, move, leaf, int(at * 1e6), conversation),
    ).rowcount
    if not changed:
        raise unknown("conversation", conversation)


_NOT_ANSWERED = "Not answered: "
"""How the name of a conversation begins that was set aside."""


def set_aside(db: sqlite3.Connection, conversation: str) -> None:
    """Put a conversation in the archive that begins with a prompt nobody answered, under a name that says so."""
    db.execute(
        "UPDATE conversations SET archived = 1, title = ? || iif(title = '', preview, title)"
        " WHERE id = ? AND trash IS NULL AND archived = 0",
        (_NOT_ANSWERED, conversation),
    )


def take_up(db: sqlite3.Connection, conversation: str) -> None:
    """Bring back a conversation that was set aside, under the name of before; one archived by hand stays."""
    name = "substr(title, ?2)"
    db.execute(
        f"UPDATE conversations SET archived = 0, title = iif({name} = preview, '', {name})"
        " WHERE id = ?1 AND archived = 1 AND substr(title, 1, ?2 - 1) = ?3",
        (conversation, len(_NOT_ANSWERED) + 1, _NOT_ANSWERED),
    )


def insert_message(
    db: sqlite3.Connection,
    conversation: str,
    parent: str | None,
    message: Message,
    *,
    state: MessageState,
    leaf: bool,
    mode: str = "",
    model: str = "",
) -> str:
    """A row for a message said just now."""
    if parent is not None:
        row = db.execute("SELECT conversation FROM messages WHERE id = ? AND trash IS NULL", (parent,)).fetchone()
        if row is None or row[0] != conversation:
            raise unknown("message", parent)
    id, at = new_id(), time.time()
    parts, files = taken_apart(message.parts)
    touch(db, conversation, id, move=leaf)
    db.execute(
        "INSERT INTO messages (seq, id, conversation, parent, role, parts, state, created, mode, model)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            place(db, conversation, parent, at), id, conversation, parent, message.role,
            encode_parts(parts), state, at, mode, model,
        ),
    )  # fmt: skip
    keep(db, id, files)
    if message.role == "user":
        refresh_preview(db, conversation)
    return id


def place(db: sqlite3.Connection, conversation: str, parent: str | None, at: float) -> int:
    """A free `seq` for a message said at `at`: behind its parent and its older siblings, see `schema.py`."""
    seq: int = db.execute(
        "SELECT max(?, coalesce((SELECT seq FROM messages WHERE id = ?), 0) + 1,"
        " coalesce((SELECT max(seq) FROM messages WHERE parent IS ? AND conversation = ?), 0) + 1)",
        (int(at * 1e6), parent, parent, conversation),
    ).fetchone()[0]
    while db.execute("SELECT 1 FROM messages WHERE seq = ?", (seq,)).fetchone():
        seq += 1
    return seq


def write_content(db: sqlite3.Connection, message: str, content: Message, state: MessageState | None) -> None:
    """Replace what a message says, and its state where one is given."""
    parts, files = taken_apart(content.parts)
    before = db.execute("SELECT parts FROM messages WHERE id = ?", (message,)).fetchone()
    row = db.execute(
        "UPDATE messages SET role = ?, parts = ?, state = coalesce(?, state) WHERE id = ? RETURNING conversation",
        (content.role, encode_parts(parts), state, message),
    ).fetchone()
    if row is None:
        raise unknown("message", message)
    for file in taken_apart(parts_of(before[0]))[1]:  # what hangs on it without being said in it stays
        db.execute("DELETE FROM message_attachments WHERE message = ? AND hash = ?", (message, file.hash))
    keep(db, message, files)
    if content.role == "user":
        refresh_preview(db, row[0])


def refresh_preview(db: sqlite3.Connection, conversation: str) -> None:
    """Take the preview from the oldest prompt."""
    db.execute(
        "UPDATE conversations SET preview = coalesce((SELECT preview_text(CAST(parts AS BLOB)) FROM messages"
        " WHERE conversation = ?1 AND role = 'user' AND trash IS NULL ORDER BY seq LIMIT 1), '') WHERE id = ?1",
        (conversation,),
    )


def empty_trash(db: sqlite3.Connection, conversation: str) -> None:
    """Delete for good what lies in the trash of a conversation, or all of one that lies there itself."""
    if db.execute("SELECT 1 FROM conversations WHERE id = ? AND trash IS NOT NULL", (conversation,)).fetchone():
        erase_conversation(db, conversation)
    query = "SELECT id FROM messages WHERE conversation = ? AND trash IS NOT NULL"
    delete_messages(db, [id for (id,) in db.execute(query, (conversation,))])
    db.execute("DELETE FROM trash WHERE conversation = ?", (conversation,))


def erase_conversation(db: sqlite3.Connection, conversation: str) -> bool:
    """Delete a conversation with all that hangs on it; False where there is none."""
    ids = [id for (id,) in db.execute("SELECT id FROM messages WHERE conversation = ?", (conversation,))]
    delete_messages(db, ids)
    db.execute("DELETE FROM drafts WHERE conversation = ?", (conversation,))
    db.execute("DELETE FROM trash WHERE conversation = ?", (conversation,))
    return db.execute("DELETE FROM conversations WHERE id = ?", (conversation,)).rowcount > 0


def delete_messages(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Delete messages that have no other children; runs, comparisons, picks and attachments go with them."""
    db.executemany("DELETE FROM messages WHERE id = ?", [(id,) for id in ids])
