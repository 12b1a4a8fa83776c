"""Conversations and the tree of messages in each of them.

Editing a prompt or asking for another answer adds a sibling, so nothing that was said is overwritten; the
conversation's leaf says which path through the tree is the current one.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any

import msgspec

from chatmodes.messages import Message, Part, Text
from chatmodes.store.database import Database
from chatmodes.store.event_log import answer_so_far
from chatmodes.store.ids import new_id
from chatmodes.store.records import Conversation, MessageState, StoredMessage
from chatmodes.store.rows import (
    delete_messages,
    erase_conversation,
    insert_conversation,
    insert_message,
    refresh_preview,
    touch,
    unknown,
    write_content,
)
from chatmodes.store.words import whole

_parts: msgspec.json.Decoder[tuple[Part, ...]] = msgspec.json.Decoder(tuple[Part, ...])

CONVERSATION = "id, title, preview, created, updated, pinned, archived, leaf"
_MESSAGE = """
    SELECT m.id, m.conversation, m.parent, m.role, m.parts, m.state, m.created, m.mode, m.model, runs.id, runs.status,
        (SELECT count(*) FROM messages s
            WHERE s.parent IS m.parent AND s.conversation = m.conversation AND s.seq <= m.seq),
        (SELECT count(*) FROM messages s WHERE s.parent IS m.parent AND s.conversation = m.conversation)
    FROM messages m LEFT JOIN runs ON runs.message = m.id
"""
_ABOVE = """
    WITH RECURSIVE above (id, parent) AS (
        SELECT id, parent FROM messages WHERE id = ?
        UNION ALL SELECT messages.id, messages.parent FROM messages JOIN above ON messages.id = above.parent
    )
"""
_BELOW = """
    WITH RECURSIVE below (id) AS (
        SELECT id FROM messages WHERE id = ?
        UNION ALL SELECT messages.id FROM messages JOIN below ON messages.parent = below.id
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
        self, query: str = "", *, archived: bool | None = False, limit: int = 100, offset: int = 0
    ) -> list[Conversation]:
        """Pinned ones first, then the last used first. `query` is looked for in the names; archived None means both."""
        conditions: list[str] = []
        values: list[Any] = []
        if archived is not None:
            conditions.append("archived = ?")
            values.append(int(archived))
        if query:
            pattern = "%" + query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
            conditions.append("(title LIKE ? ESCAPE '\\' OR preview LIKE ? ESCAPE '\\')")
            values += [pattern, pattern]
        where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
        with self.reading() as db:
            rows = db.execute(
                f"SELECT {CONVERSATION} FROM conversations {where} ORDER BY pinned DESC, touched DESC LIMIT ? OFFSET ?",
                (*values, limit, offset),
            ).fetchall()
        return [conversation_record(row) for row in rows]

    def latest(self) -> Conversation | None:
        """The conversation used last, for `--continue`."""
        with self.reading() as db:
            row = db.execute(
                f"SELECT {CONVERSATION} FROM conversations WHERE leaf IS NOT NULL ORDER BY touched DESC LIMIT 1"
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

    def _set(self, conversation: str, column: str, value: Any) -> None:
        with self.writing() as db:
            changed = db.execute(f"UPDATE conversations SET {column} = ? WHERE id = ?", (value, conversation)).rowcount
            if not changed:
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
            return next(iter(_messages(db, f"{_MESSAGE} WHERE m.id = ?", (message,))), None)

    def path(self, leaf: str) -> list[StoredMessage]:
        """Everything from the root to this message, for showing: failed and cut answers too."""
        with self.reading() as db:
            # A parent's seq is always smaller than its child's.
            return _messages(db, f"{_ABOVE} {_MESSAGE} WHERE m.id IN (SELECT id FROM above) ORDER BY m.seq", (leaf,))

    def context(self, leaf: str) -> list[Message]:
        """The same path as a model may see it.

        System messages, which only imports hold, are left out: what the settings say is sent instead.
        Answers without any text (failed or cut before their first word) are left out; one that was cut in the middle
        stays, since its reader refers to it. Neighbours of one role become one message, because several chat templates
        refuse two prompts in a row.
        """
        turns: list[Message] = []
        for stored in self.path(leaf):
            message = stored.message
            if message.role == "system" or (message.role == "assistant" and not message.text.strip()):
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
            query = "SELECT parts FROM messages WHERE role = 'user' ORDER BY seq DESC LIMIT ?"
            for (parts,) in db.execute(query, (4 * limit,)):
                message = Message("user", _parts.decode(parts))
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
            return _messages(db, f"{_MESSAGE} WHERE m.parent IS ? AND m.conversation = ? ORDER BY m.seq", row)

    def leaf_below(self, message: str) -> str:
        """Follow the newest child down to the end: where stepping to a sibling lands."""
        with self.reading() as db:
            return _leaf_below(db, message)

    def set_leaf(self, conversation: str, leaf: str | None) -> None:
        """Make a message of this conversation the current one."""
        with self.writing() as db:
            if leaf is not None:
                row = db.execute("SELECT conversation FROM messages WHERE id = ?", (leaf,)).fetchone()
                if row is None or row[0] != conversation:
                    raise unknown("message", leaf)
            touch(db, conversation, leaf, move=True)

    def update_message(self, message: str, content: Message, *, state: MessageState | None = None) -> None:
        """Replace a message's content in place. An edit that is to be answered anew is `add_message` as a sibling."""
        with self.writing() as db:
            write_content(db, message, content, state)

    def delete_message(self, message: str) -> None:
        """Delete it with everything below it; the leaf moves to the nearest message that remains."""
        with self.writing() as db:
            row = db.execute("SELECT conversation, parent FROM messages WHERE id = ?", (message,)).fetchone()
            if row is None:
                raise unknown("message", message)
            conversation, parent = row
            leaf = db.execute("SELECT leaf FROM conversations WHERE id = ?", (conversation,)).fetchone()[0]
            gone = leaf is None or db.execute(f"{_BELOW} SELECT 1 FROM below WHERE id = ?", (message, leaf)).fetchone()
            delete_messages(db, [id for (id,) in db.execute(f"{_BELOW} SELECT id FROM below", (message,))])
            if gone:
                nearest = _leaf_below(db, parent) if parent else _newest_root(db, conversation)
                db.execute("UPDATE conversations SET leaf = ? WHERE id = ?", (nearest, conversation))
            refresh_preview(db, conversation)
        self._scrub()

    def delete_conversation(self, conversation: str) -> None:
        """Delete it with everything that hangs on it: messages, runs, comparisons, picks, draft, index."""
        with self.writing() as db:
            if not erase_conversation(db, conversation):
                raise unknown("conversation", conversation)
        self._scrub()

    def _scrub(self) -> None:
        """Take what was deleted out of the index and the journal too."""


def conversation_by_id(db: sqlite3.Connection, id: str) -> Conversation | None:
    """The conversation with this id or, where that is enough to tell, with an id that begins so."""
    rows = db.execute(f"SELECT {CONVERSATION} FROM conversations WHERE id = ?", (id,)).fetchall()
    if not rows and len(id) >= 4:
        query = f"SELECT {CONVERSATION} FROM conversations WHERE id > ? AND id < ? LIMIT 2"
        rows = db.execute(query, (id, id + "\U0010ffff")).fetchall()
    return conversation_record(rows[0]) if len(rows) == 1 else None


def messages_of(db: sqlite3.Connection, conversation: str) -> list[StoredMessage]:
    """All messages of a conversation, parents before children, siblings oldest first."""
    return _messages(db, f"{_MESSAGE} WHERE m.conversation = ? ORDER BY m.seq", (conversation,))


def _leaf_below(db: sqlite3.Connection, message: str) -> str:
    while row := db.execute(
        "SELECT id FROM messages WHERE parent = ? ORDER BY seq DESC LIMIT 1", (message,)
    ).fetchone():
        message = row[0]
    return message


def _newest_root(db: sqlite3.Connection, conversation: str) -> str | None:
    row = db.execute(
        "SELECT id FROM messages WHERE parent IS NULL AND conversation = ? ORDER BY seq DESC LIMIT 1", (conversation,)
    ).fetchone()
    return _leaf_below(db, row[0]) if row else None


def conversation_record(row: Sequence[Any]) -> Conversation:
    """The record of a row of the columns `CONVERSATION`."""
    id, title, preview, created, updated, pinned, archived, leaf = row
    return Conversation(
        id=id, title=title, preview=preview, created=created, updated=updated, pinned=bool(pinned),
        archived=bool(archived), leaf=leaf,
    )  # fmt: skip


def _messages(db: sqlite3.Connection, query: str, values: Sequence[Any]) -> list[StoredMessage]:
    return [_message(db, row) for row in db.execute(query, values).fetchall()]


def _message(db: sqlite3.Connection, row: Sequence[Any]) -> StoredMessage:
    id, conversation, parent, role, parts, state, created, mode, model, run, status, position, siblings = row
    if status == "running":
        text = answer_so_far(db, run)
        content = (Text(text),) if text else ()
    else:
        content = _parts.decode(parts)
    return StoredMessage(
        id=id, conversation=conversation, parent=parent, message=Message(role, content), state=state, created=created,
        run=run, mode=mode, model=model, position=position, siblings=siblings,
    )  # fmt: skip
