"""Conversations and the tree of messages in each of them.

Editing a prompt or asking for another answer adds a sibling, so nothing that was said is overwritten; the
conversation's leaf says which path through the tree is the current one.
"""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import msgspec

from chatmodes.messages import Message, Text, ToolCall, ToolResult
from chatmodes.store import columns
from chatmodes.store.database import Database
from chatmodes.store.errors import StoreError
from chatmodes.store.event_log import answer_so_far
from chatmodes.store.files import with_content, with_texts
from chatmodes.store.ids import new_id
from chatmodes.store.records import Conversation, MessageState, StoredMessage
from chatmodes.store.rows import insert_conversation, insert_message, set_aside, touch, unknown
from chatmodes.store.word_index import is_damage
from chatmodes.store.words import parts_of, whole, whole_values
from chatmodes.tags import literally, tags_like

_encode = msgspec.json.Encoder().encode

CONVERSATION = "id, title, preview, created, updated, pinned, archived, leaf, mode, model, settings, tags, version"
_MESSAGE = """
    SELECT m.id, m.conversation, m.parent, m.role, m.parts, m.state, m.created, m.mode, m.model, runs.id, runs.status,
        (SELECT count(*) FROM messages s
            WHERE s.parent IS m.parent AND s.conversation = m.conversation AND s.seq <= m.seq AND s.trash IS NULL),
        (SELECT count(*) FROM messages s
            WHERE s.parent IS m.parent AND s.conversation = m.conversation AND s.trash IS NULL)
    FROM messages m LEFT JOIN runs ON runs.message = m.id
"""
# A parent's seq is always smaller than its child's: by this a walk ends, where damage has made a circle.
_ABOVE = """
    WITH RECURSIVE above (id, parent, seq) AS (
        SELECT id, parent, seq FROM messages WHERE id = ?
        UNION ALL SELECT messages.id, messages.parent, messages.seq
        FROM messages JOIN above ON messages.id = above.parent AND messages.seq < above.seq
    )
"""
BELOW = """
    WITH RECURSIVE below (id, seq) AS (
        SELECT id, seq FROM messages WHERE id = ?
        UNION ALL SELECT messages.id, messages.seq
        FROM messages JOIN below ON messages.parent = below.id AND messages.seq > below.seq
    )
"""


class Tree(Database):
    """Conversations and messages."""

    def new_conversation(self, title: str = "") -> str:
        """Make an empty conversation and return its id."""
        with self.writing() as db:
            return insert_conversation(db, new_id(), title)

    def conversation(self, conversation: str) -> Conversation | None:
        """The one with this id or with this unambiguous beginning of an id; None where there is none."""
        with self.reading() as db:
            return conversation_by_id(db, conversation)

    def conversations(
        self,
        query: str = "",
        *,
        tags: Sequence[str] = (),
        archived: bool | None = False,
        limit: int = 100,
        offset: int = 0,
    ) -> list[Conversation]:
        """Pinned ones first, then the last used first.

        `query` is looked for in the names; only those are given that have, for each of `tags`, a tag that begins so;
        archived None means both.
        """
        conditions = ["trash IS NULL"]
        values: list[Any] = []
        if archived is not None:
            conditions.append("archived = ?")
            values.append(int(archived))
        if query:
            pattern = f"%{literally(query)}%"
            conditions.append("(title LIKE ? ESCAPE '\\' OR preview LIKE ? ESCAPE '\\')")
            values += [pattern, pattern]
        for tag in tags:
            conditions.append("tags LIKE ? ESCAPE '\\'")
            values.append(tags_like(tag, begins=True))
        where = f"WHERE {' AND '.join(conditions)}"
        query = f"SELECT {CONVERSATION} FROM conversations {where} ORDER BY pinned DESC, touched DESC LIMIT ? OFFSET ?"
        try:
            with self.reading() as db:
                rows = db.execute(query, (*values, limit, offset)).fetchall()
        except StoreError as error:
            if not isinstance(error.__cause__, sqlite3.Error) or not is_damage(error.__cause__):
                raise
            with self.reading() as db:
                rows = around_damage(db, f"SELECT {CONVERSATION}, touched FROM conversations {where}", values)
            rows.sort(key=lambda row: (-row[5], -row[-1]))
            rows = [row[:-1] for row in rows[offset : offset + limit if limit >= 0 else None]]
        return [conversation_record(row) for row in rows]

    def latest(self) -> Conversation | None:
        """The conversation used last, for `--continue`."""
        with self.reading() as db:
            row = db.execute(
                f"SELECT {CONVERSATION} FROM conversations WHERE leaf IS NOT NULL AND trash IS NULL"
                " ORDER BY touched DESC LIMIT 1"
            ).fetchone()
        return conversation_record(row) if row else None

    def rename(self, conversation: str, title: str) -> None:
        """Give it a title; an empty one brings the preview back."""
        self._set(conversation, "title", whole(title))

    def pin(self, conversation: str, pinned: bool = True) -> None:
        """Keep it at the top of the list, and from being pruned."""
        self._set(conversation, "pinned", int(pinned))

    def archive(self, conversation: str, archived: bool = True) -> None:
        """Take it out of the list without deleting it."""
        self._set(conversation, "archived", int(archived))

    def set_aside(self, conversation: str) -> None:
        """Archive a conversation whose prompt nobody answered, under a name that says so.

        The first answer that it gets after all brings it back under its own.
        """
        with self.writing() as db:
            set_aside(db, conversation)

    def configure(
        self,
        conversation: str,
        *,
        mode: str | None = None,
        model: str | None = None,
        settings: dict[str, Any] | None = None,
        tags: Sequence[str] | None = None,
    ) -> None:
        """Remember what it goes on with; what is None stays, and an empty value takes away what was remembered.

        `settings` are plain JSON values, and replace the ones before.
        """
        chosen: dict[str, Any] = {"mode": mode, "model": model}
        if settings is not None:
            chosen["settings"] = _encode(whole_values(settings)).decode()
        if tags is not None:
            chosen["tags"] = _encode(list(dict.fromkeys(whole(tag) for tag in tags))).decode()
        for column, value in chosen.items():
            if value is not None:
                self._set(conversation, column, value)

    def _set(self, conversation: str, column: str, value: Any) -> None:
        with self.writing() as db:
            query = f"UPDATE conversations SET {column} = ? WHERE id = ? AND trash IS NULL"
            if not db.execute(query, (value, conversation)).rowcount:
                raise unknown("conversation", conversation)

    def add_message(
        self,
        conversation: str,
        parent: str | None,
        message: Message,
        *,
        state: MessageState = "complete",
        leaf: bool = True,
    ) -> str:
        """Add a message under `parent` (None: a root) and return its id; `leaf` makes it the current one."""
        with self.writing() as db:
            return insert_message(db, conversation, parent, message, state=state, leaf=leaf)

    def message(self, message: str) -> StoredMessage | None:
        """The message with this id, or None."""
        with self.reading() as db:
            return next(iter(_messages(db, f"{_MESSAGE} WHERE m.id = ? AND m.trash IS NULL", (message,))), None)

    def path(self, leaf: str) -> list[StoredMessage]:
        """Everything from the root to this message, for showing: failed and cut answers too.

        Files and pictures are references: their bytes are not loaded.
        """
        with self.reading() as db:
            return _path(db, leaf)

    def context(self, leaf: str) -> list[Message]:
        """The same path as a model may see it, with the bytes of its files and pictures.

        System messages, which only imports hold, are left out: what the settings say is sent instead.
        Answers without any text (failed or cut before their first word) are left out; one that was cut in the middle
        stays, since its reader refers to it. Neighbours of one role become one message, because several chat templates
        refuse two prompts in a row.
        """
        turns: list[Message] = []
        with self.reading() as db:
            messages = [
                Message(stored.message.role, with_content(db, stored.message.parts)) for stored in _path(db, leaf)
            ]
        for message in messages:
            if message.role == "system" or (message.role == "assistant" and not _says_something(message)):
                continue
            if turns and turns[-1].role == message.role:
                message = Message(message.role, (*turns.pop().parts, Text("\n\n"), *message.parts))
            turns.append(message)
        return turns

    def prompts(self, limit: int) -> list[Message]:
        """What was asked last in any conversation, each prompt once, the newest first."""
        found: dict[str, Message] = {}
        with self.reading() as db:
            # One that was asked again and again must not have a million messages read for the next.
            query = "SELECT id, parts FROM messages WHERE role = 'user' AND trash IS NULL ORDER BY seq DESC LIMIT ?"
            for id, parts in db.execute(query, (4 * limit,)).fetchall():
                message = Message("user", with_texts(db, id, parts_of(parts)))
                if message.written.strip():
                    found.setdefault(message.written, message)
                if len(found) == limit:
                    break
        return list(found.values())

    def tree(self, conversation: str) -> list[StoredMessage]:
        """All messages, parents before children, siblings oldest first."""
        with self.reading() as db:
            return messages_of(db, conversation)

    def siblings(self, message: str) -> list[StoredMessage]:
        """The messages under the same parent, itself included, oldest first."""
        with self.reading() as db:
            row = db.execute("SELECT parent, conversation FROM messages WHERE id = ?", (message,)).fetchone()
            if row is None:
                raise unknown("message", message)
            return _messages(
                db, f"{_MESSAGE} WHERE m.parent IS ? AND m.conversation = ? AND m.trash IS NULL ORDER BY m.seq", row
            )

    def leaf_below(self, message: str) -> str:
        """Follow the newest child down to the end: where stepping to a sibling lands."""
        with self.reading() as db:
            return leaf_below(db, message)

    def set_leaf(self, conversation: str, leaf: str | None) -> None:
        """Make a message of this conversation the current one."""
        with self.writing() as db:
            if leaf is not None:
                row = db.execute("SELECT conversation FROM messages WHERE id = ? AND trash IS NULL", (leaf,)).fetchone()
                if row is None or row[0] != conversation:
                    raise unknown("message", leaf)
            touch(db, conversation, leaf, move=True)


def conversation_by_id(db: sqlite3.Connection, id: str) -> Conversation | None:
    """The conversation with this id or, where that is enough to tell, with an id that begins so."""
    rows = db.execute(f"SELECT {CONVERSATION} FROM conversations WHERE id = ? AND trash IS NULL", (id,)).fetchall()
    if not rows and len(id) >= 4:
        query = f"SELECT {CONVERSATION} FROM conversations WHERE id > ? AND id < ? AND trash IS NULL LIMIT 2"
        rows = db.execute(query, (id, id + "\U0010ffff")).fetchall()
    return conversation_record(rows[0]) if len(rows) == 1 else None


def messages_of(db: sqlite3.Connection, conversation: str) -> list[StoredMessage]:
    """All messages of a conversation, parents before children, siblings oldest first."""
    return _messages(db, f"{_MESSAGE} WHERE m.conversation = ? AND m.trash IS NULL ORDER BY m.seq", (conversation,))


def leaf_below(db: sqlite3.Connection, message: str) -> str:
    """The end of the branch that the newest children of a message lead to."""
    query = "SELECT id, seq FROM messages WHERE parent = ? AND seq > ? AND trash IS NULL ORDER BY seq DESC LIMIT 1"
    seq = -1
    while row := db.execute(query, (message, seq)).fetchone():
        message, seq = row
    return message


def newest_root(db: sqlite3.Connection, conversation: str) -> str | None:
    """The end of the newest branch of a conversation; None where nothing is left of it."""
    row = db.execute(
        "SELECT id FROM messages WHERE parent IS NULL AND conversation = ? AND trash IS NULL ORDER BY seq DESC LIMIT 1",
        (conversation,),
    ).fetchone()
    return leaf_below(db, row[0]) if row else None


def conversation_record(row: Sequence[Any]) -> Conversation:
    """The record of a row of the columns `CONVERSATION`."""
    id, title, preview, created, updated, pinned, archived, leaf, mode, model, settings, tags, version = row
    return Conversation(
        id=id, title=title, preview=preview, created=columns.moment(created), updated=columns.moment(updated),
        pinned=bool(pinned), archived=bool(archived), leaf=leaf, mode=mode, model=model,
        settings=columns.settings(settings), tags=columns.tags(tags), version=version,
    )  # fmt: skip


def around_damage(db: sqlite3.Connection, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of conversations that can be read, where a damaged page lies among them."""
    found: set[int] = set()
    for by in ("INDEXED BY conversations_touched", "INDEXED BY conversations_listed", "NOT INDEXED"):
        with suppress(sqlite3.DatabaseError):
            for (rowid,) in db.execute(f"SELECT rowid FROM conversations {by}"):
                found.add(rowid)
    rows: list[tuple[Any, ...]] = []
    for rowid in found:
        with suppress(sqlite3.DatabaseError):
            rows += db.execute(f"{query} AND conversations.rowid = ?", (*values, rowid))
    return rows


def _path(db: sqlite3.Connection, leaf: str) -> list[StoredMessage]:
    return _messages(db, f"{_ABOVE} {_MESSAGE} WHERE m.id IN (SELECT id FROM above) ORDER BY m.seq", (leaf,))


def _says_something(message: Message) -> bool:
    return bool(message.text.strip()) or any(isinstance(part, ToolCall | ToolResult) for part in message.parts)


def _messages(db: sqlite3.Connection, query: str, values: Sequence[Any]) -> list[StoredMessage]:
    return [_message(db, row) for row in db.execute(query, values).fetchall()]


def _message(db: sqlite3.Connection, row: Sequence[Any]) -> StoredMessage:
    id, conversation, parent, role, parts, state, created, mode, model, run, status, position, siblings = row
    if status in ("running", "cut") and parts == "[]":
        text = answer_so_far(db, run)
        content = (Text(text),) if text else ()
    else:
        content = with_texts(db, id, parts_of(parts))
    return StoredMessage(
        id=id, conversation=conversation, parent=parent, message=Message(columns.role(role, mode, model), content),
        state=columns.state(state), created=columns.moment(created), run=run, mode=mode, model=model,
        position=position, siblings=siblings,
    )  # fmt: skip
