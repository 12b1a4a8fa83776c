"""The tables, as the steps that lead to them.

A new database takes every step, an old one those it lacks, so both end with the same tables. A step that has been
released is never edited: databases made by it exist.

- `messages.seq` is the row's place in time in microseconds, made unique and always greater than its parent's and its
  older siblings'. So the index's own order is the order of time, a date range is a range of rows, and a clock that
  runs backwards turns no tree around.
- `messages.parent` does not cascade: SQLite's cascades nest at most 1,000 deep, and conversations are deeper.
- `conversations.touched` orders by use, `updated` is what the clock said.
- `message_words` holds no text of its own. Triggers keep it; they call functions of `words.py`, so a program without
  them can read the messages but not leave the index behind.
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

MIGRATIONS = (V1, V2)
"""Step n leads from version n to version n + 1; `PRAGMA user_version` holds how many have been taken."""
