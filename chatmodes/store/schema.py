"""The tables, as the steps that lead to them.

A new database takes every step, an old one those it lacks, so both end with the same tables. A step that has been
released is never edited: databases made by it exist.

- `messages.seq` is the row's place in time in microseconds, made unique and always greater than its parent's and its
  older siblings'. So the index's own order is the order of time, a date range is a range of rows, and a clock that
  runs backwards turns no tree around.
- `messages.parent` does not cascade: SQLite's cascades nest at most 1,000 deep, and conversations are deeper.
- `conversations.touched` orders by use, `updated` is what the clock said.
- `message_words` is derived from the messages and holds no text of its own. Triggers note in `word_changes` what has
  to leave and enter it, and the transaction's end carries that out (`word_index.py`), so that a damaged index stops no
  message. They call functions of `words.py`: a program without them can read the messages, but not leave the index
  behind.
- What is deleted lies in the `trash` first: its messages carry the entry's id, are in no list and in no index.
- `conversations.version` counts what has changed in a conversation, for a second window to see.
- An answer being written has no text in `messages` and none in the index: its text is in `chunks` until it ends,
  because writing the whole of it again with every piece costs the square of its length.
"""

V1 = """
CREATE TABLE conversations (
    id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    created REAL NOT NULL,
    updated REAL NOT NULL,
    touched INTEGER NOT NULL,
    pinned INTEGER NOT NULL DEFAULT 0,
    archived INTEGER NOT NULL DEFAULT 0,
    leaf TEXT
) STRICT;
CREATE INDEX conversations_listed ON conversations (archived, pinned, touched);
CREATE INDEX conversations_touched ON conversations (touched);

CREATE TABLE messages (
    seq INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation TEXT NOT NULL REFERENCES conversations (id) DEFERRABLE INITIALLY DEFERRED,
    parent TEXT REFERENCES messages (id) DEFERRABLE INITIALLY DEFERRED,
    role TEXT NOT NULL,
    parts TEXT NOT NULL,
    state TEXT NOT NULL,
    created REAL NOT NULL,
    mode TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX messages_siblings ON messages (parent, conversation, seq);
CREATE INDEX messages_ordered ON messages (conversation, seq);

CREATE TABLE comparisons (
    id TEXT NOT NULL PRIMARY KEY,
    prompt TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    blind INTEGER NOT NULL,
    topic TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL
) STRICT;
CREATE INDEX comparisons_prompt ON comparisons (prompt);

CREATE TABLE runs (
    id TEXT NOT NULL PRIMARY KEY,
    message TEXT NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
    comparison TEXT REFERENCES comparisons (id) ON DELETE SET NULL,
    mode TEXT NOT NULL,
    model TEXT NOT NULL,
    status TEXT NOT NULL,
    created REAL NOT NULL,
    usage TEXT NOT NULL DEFAULT '{}',
    cost REAL,
    seconds REAL,
    ttft REAL,
    owner TEXT
) STRICT;
CREATE INDEX runs_compared ON runs (comparison);
CREATE INDEX runs_owned ON runs (owner) WHERE owner IS NOT NULL;

CREATE TABLE chunks (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    packed INTEGER NOT NULL,
    events BLOB NOT NULL,
    UNIQUE (run, n)
) STRICT;

CREATE TABLE picks (
    id TEXT NOT NULL PRIMARY KEY,
    comparison TEXT NOT NULL UNIQUE REFERENCES comparisons (id) ON DELETE CASCADE,
    verdict TEXT NOT NULL,
    winner TEXT REFERENCES runs (id) ON DELETE CASCADE,
    reason TEXT NOT NULL,
    topic TEXT NOT NULL,
    at REAL NOT NULL
) STRICT;
CREATE INDEX picks_winner ON picks (winner);

CREATE VIRTUAL TABLE message_words USING fts5 (
    text, tags, content = '', columnsize = 0, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER message_words_added AFTER INSERT ON messages WHEN new.parts <> '[]' BEGIN
    INSERT INTO message_words (rowid, text, tags)
    VALUES (new.seq, index_text(new.parts), index_tags(new.mode, new.model));
END;
CREATE TRIGGER message_words_removed AFTER DELETE ON messages WHEN old.parts <> '[]' BEGIN
    INSERT INTO message_words (message_words, rowid, text, tags)
    VALUES ('delete', old.seq, index_text(old.parts), index_tags(old.mode, old.model));
END;
CREATE TRIGGER message_words_replaced AFTER UPDATE OF parts, mode, model ON messages BEGIN
    INSERT INTO message_words (message_words, rowid, text, tags)
    SELECT 'delete', old.seq, index_text(old.parts), index_tags(old.mode, old.model) WHERE old.parts <> '[]';
    INSERT INTO message_words (rowid, text, tags)
    SELECT new.seq, index_text(new.parts), index_tags(new.mode, new.model) WHERE new.parts <> '[]';
END;
"""

V2 = """
CREATE TABLE drafts (
    conversation TEXT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL
) STRICT;

CREATE TABLE attachments (
    hash TEXT NOT NULL PRIMARY KEY,
    data BLOB NOT NULL
) STRICT;
CREATE TABLE message_attachments (
    message TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    hash TEXT NOT NULL REFERENCES attachments (hash),
    name TEXT NOT NULL,
    media_type TEXT NOT NULL,
    PRIMARY KEY (message, hash)
) STRICT;
CREATE INDEX message_attachments_hash ON message_attachments (hash);
CREATE TRIGGER attachments_orphaned AFTER DELETE ON message_attachments BEGIN
    DELETE FROM attachments WHERE hash = old.hash
        AND NOT EXISTS (SELECT 1 FROM message_attachments WHERE hash = old.hash);
END;

ALTER TABLE conversations ADD COLUMN preview TEXT NOT NULL DEFAULT '';
UPDATE conversations SET preview = coalesce((
    SELECT preview_text(parts) FROM messages
    WHERE conversation = conversations.id AND role = 'user' ORDER BY seq LIMIT 1
), '');
"""

_FILES_TEXT = """(
        SELECT group_concat(file_text(data), char(10)) FROM (
            SELECT data FROM message_attachments JOIN attachments USING (hash)
            WHERE message = {id} AND readable ORDER BY message_attachments.rowid
        )
    )"""


def files_text(row: str) -> str:
    """SQL for the text of the text files that hang on a row of `messages`."""
    return _FILES_TEXT.format(id=f"{row}.id")


def index_columns(row: str) -> str:
    """SQL for what the index is given of a row of `messages`; for the same row it must always give the same text."""
    return f"index_text(CAST({row}.parts AS BLOB), {files_text(row)}), index_tags({row}.mode, {row}.model)"


WORDS = """
CREATE VIRTUAL TABLE message_words USING fts5 (
    text, tags, content = '', columnsize = 0, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
)
"""

V3 = f"""
DROP TRIGGER message_words_added;
DROP TRIGGER message_words_removed;
DROP TRIGGER message_words_replaced;

CREATE TABLE trash (
    id TEXT NOT NULL PRIMARY KEY,
    conversation TEXT NOT NULL,
    message TEXT,
    leaf TEXT,
    at REAL NOT NULL
) STRICT;

ALTER TABLE conversations ADD COLUMN mode TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN model TEXT NOT NULL DEFAULT '';
ALTER TABLE conversations ADD COLUMN settings TEXT NOT NULL DEFAULT '{{}}';
ALTER TABLE conversations ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE conversations ADD COLUMN trash TEXT;
ALTER TABLE conversations ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN trash TEXT;
CREATE INDEX messages_trashed ON messages (trash) WHERE trash IS NOT NULL;
ALTER TABLE message_attachments ADD COLUMN readable INTEGER NOT NULL DEFAULT 0;

ALTER TABLE drafts RENAME TO drafts_of_one_window;
CREATE TABLE drafts (
    conversation TEXT NOT NULL,
    window TEXT NOT NULL,
    text TEXT NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (conversation, window)
) STRICT;
INSERT INTO drafts SELECT conversation, '', text, 0 FROM drafts_of_one_window;
DROP TABLE drafts_of_one_window;

CREATE INDEX chunks_unpacked ON chunks (run) WHERE packed = 0;

CREATE TABLE word_index (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    low INTEGER NOT NULL,
    merges INTEGER NOT NULL DEFAULT 0,
    broken INTEGER NOT NULL DEFAULT 0,
    fallow INTEGER NOT NULL DEFAULT 0
) STRICT;
INSERT INTO word_index (id, low) VALUES (1, 0);
CREATE TABLE word_changes (
    n INTEGER NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL,
    added INTEGER NOT NULL,
    text TEXT NOT NULL DEFAULT '',
    tags TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TRIGGER words_added AFTER INSERT ON messages WHEN new.parts <> '[]' AND new.trash IS NULL BEGIN
    INSERT INTO word_changes (seq, added) VALUES (new.seq, 1);
END;
CREATE TRIGGER words_removed BEFORE DELETE ON messages WHEN old.parts <> '[]' AND old.trash IS NULL BEGIN
    INSERT INTO word_changes (seq, added, text, tags) SELECT old.seq, 0, {index_columns("old")}
        WHERE NOT EXISTS (SELECT 1 FROM word_changes WHERE seq = old.seq AND added);
    DELETE FROM word_changes WHERE seq = old.seq AND added;
END;
CREATE TRIGGER words_replaced AFTER UPDATE OF parts, mode, model, trash ON messages BEGIN
    INSERT INTO word_changes (seq, added, text, tags) SELECT old.seq, 0, {index_columns("old")}
        WHERE old.parts <> '[]' AND old.trash IS NULL
        AND NOT EXISTS (SELECT 1 FROM word_changes WHERE seq = old.seq AND added);
    DELETE FROM word_changes WHERE seq = old.seq AND added;
    INSERT INTO word_changes (seq, added) SELECT new.seq, 1 WHERE new.parts <> '[]' AND new.trash IS NULL;
END;

CREATE TRIGGER changed_by_message AFTER INSERT ON messages BEGIN
    UPDATE conversations SET version = version + 1 WHERE id = new.conversation;
END;
CREATE TRIGGER changed_in_message AFTER UPDATE OF parts, state, trash ON messages BEGIN
    UPDATE conversations SET version = version + 1 WHERE id = new.conversation;
END;
CREATE TRIGGER changed_without_message AFTER DELETE ON messages BEGIN
    UPDATE conversations SET version = version + 1 WHERE id = old.conversation;
END;
CREATE TRIGGER changed_itself
AFTER UPDATE OF title, leaf, pinned, archived, mode, model, settings, tags, trash ON conversations BEGIN
    UPDATE conversations SET version = version + 1 WHERE id = new.id;
END;
"""

V4 = """
CREATE TABLE asides (
    id TEXT NOT NULL PRIMARY KEY,
    conversation TEXT REFERENCES conversations (id) ON DELETE CASCADE,
    purpose TEXT NOT NULL,
    model TEXT NOT NULL,
    created REAL NOT NULL,
    usage TEXT NOT NULL,
    cost REAL
) STRICT;
CREATE INDEX asides_conversation ON asides (conversation);
"""
"""Calls that the program makes for itself, a name or a summary: no message is their answer, and they are paid for."""

MIGRATIONS = (V1, V2, V3, V4)
"""Step n leads from version n to version n + 1; `PRAGMA user_version` holds how many have been taken."""
