"""The full-text index as something derived: kept beside the messages, made anew whenever it is not what it should be.

An index that fails must cost no message. So what changes is noted by triggers and carried out at the end of each
transaction, and where that fails the index is emptied and filled again from the messages, newest first, in short
transactions: until that is done it is right about everything from `word_index.low` on.

It is also made anew before FTS5 breaks it. Merging everything, which is how deleted words leave the file, adds two
levels to the structure of the index each time; up to some release after SQLite 3.40 nothing takes them away again, and
beyond 2,000 levels FTS5 calls its own structure malformed. Every form of FTS5 table has that fault.
"""

import sqlite3

from chatmodes.store.schema import WORDS, index_columns

_TABLES = tuple(f"message_words{suffix}" for suffix in ("", "_data", "_idx", "_config", "_docsize", "_content"))
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
MERGES = 300
"""Full merges that one index goes through. SQLite 3.40 breaks at 1,000; filling anew costs what one to three cost."""
ROWS, CHARACTERS = 500, 500_000
"""What is filled in one transaction: below 100 ms, so that other programs get their turn."""
_STEP = 256
"""Index pages merged in one transaction."""


def is_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite found what it reads malformed."""
    return _primary(error) in _DAMAGE


def is_in_the_way(error: sqlite3.Error, db: sqlite3.Connection) -> bool:
    """Whether the index itself is why it could not follow, and so has to go.

    That is damage, and a disk too full for its notes about deletions: emptied, it makes the room that they need.
    """
    primary = _primary(error)
    if primary == sqlite3.SQLITE_FULL:
        return bool(db.execute("SELECT 1 FROM word_changes WHERE NOT added LIMIT 1").fetchone())
    return primary in (*_DAMAGE, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_ERROR)


def is_behind(db: sqlite3.Connection) -> bool:
    """Whether something is noted that the index does not know."""
    return bool(db.execute("SELECT 1 FROM word_changes LIMIT 1").fetchone())


def catch_up(db: sqlite3.Connection) -> None:
    """Carry out what was noted."""
    low, broken = db.execute("SELECT low, broken FROM word_index").fetchone()
    if not broken:
        db.execute(
            "INSERT INTO message_words (message_words, rowid, text, tags)"
            " SELECT 'delete', seq, text, tags FROM word_changes WHERE NOT added AND seq >= ? ORDER BY n",
            (low,),
        )
        db.execute(
            f"INSERT INTO message_words (rowid, text, tags) SELECT m.seq, {index_columns('m')}"
            " FROM word_changes JOIN messages m USING (seq) WHERE added AND m.seq >= ? ORDER BY m.seq",
            (low,),
        )
    db.execute("DELETE FROM word_changes")


def empty(db: sqlite3.Connection) -> None:
    """Take everything out of the index, to be filled anew."""
    db.execute("INSERT INTO message_words (message_words) VALUES ('delete-all')")
    _begin_anew(db, broken=False)


def replace(db: sqlite3.Connection) -> None:
    """Put an empty index in the place of one that cannot be emptied.

    It cannot be dropped either, since FTS5 opens it for that. So it is taken out of the schema, and its pages lie
    fallow until a `VACUUM`.
    """
    db.execute("PRAGMA writable_schema = ON")
    try:
        marks = ", ".join("?" * len(_TABLES))
        db.execute(f"DELETE FROM sqlite_schema WHERE tbl_name IN ({marks})", _TABLES)
    finally:
        db.execute("PRAGMA writable_schema = RESET")
    db.execute(WORDS)
    _begin_anew(db, broken=False)
    db.execute("UPDATE word_index SET fallow = 1")


def give_up(db: sqlite3.Connection) -> None:
    """Leave an index alone that cannot even be taken away (a SQLite that guards its schema): messages go on."""
    _begin_anew(db, broken=True)


def _begin_anew(db: sqlite3.Connection, *, broken: bool) -> None:
    db.execute("DELETE FROM word_changes")
    db.execute(
        "UPDATE word_index SET low = (SELECT coalesce(max(seq) + 1, 0) FROM messages), merges = 0, broken = ?",
        (broken,),
    )


def fill(db: sqlite3.Connection) -> None:
    """Index some more of the messages, newest first."""
    low, broken = db.execute("SELECT low, broken FROM word_index").fetchone()
    if broken or not low:
        return
    lowest, rows, characters = low, 0, 0
    for seq, length in db.execute("SELECT seq, length(parts) FROM messages WHERE seq < ? ORDER BY seq DESC", (low,)):
        lowest, rows, characters = seq, rows + 1, characters + length
        if rows == ROWS or characters > CHARACTERS:
            break
    # Upwards within the step: FTS5 begins a new segment whenever a row's number is below the one before.
    db.execute(
        f"INSERT INTO message_words (rowid, text, tags) SELECT m.seq, {index_columns('m')} FROM messages m"
        " WHERE m.seq >= ? AND m.seq < ? AND m.parts <> '[]' AND m.trash IS NULL ORDER BY m.seq",
        (lowest, low),
    )
    done = not db.execute("SELECT 1 FROM messages WHERE seq < ?", (lowest,)).fetchone()
    db.execute("UPDATE word_index SET low = ?", (0 if done else lowest,))


def incomplete(db: sqlite3.Connection) -> bool:
    """Whether messages are still missing from the index."""
    return bool(db.execute("SELECT low > 0 AND NOT broken FROM word_index").fetchone()[0])


def usable(db: sqlite3.Connection) -> bool:
    """False where an index was damaged so that it could not even be taken away."""
    return not db.execute("SELECT broken FROM word_index").fetchone()[0]


def unindexed(db: sqlite3.Connection) -> int:
    """How many messages the index does not know yet."""
    return int(db.execute("SELECT count(*) FROM messages, word_index WHERE seq < low OR broken").fetchone()[0])


def check(db: sqlite3.Connection) -> bool:
    """Whether the index agrees with itself and knows some messages picked from the whole. Reads all of it.

    A second for a hundred thousand messages. Picked, since an index that lost its contents agrees with itself.
    """
    low, broken = db.execute("SELECT low, broken FROM word_index").fetchone()
    if broken:
        return False
    try:
        db.execute("INSERT INTO message_words (message_words) VALUES ('integrity-check')")
        return all(_knows(db, *sample) for sample in _samples(db, low))
    except sqlite3.Error as error:
        if is_damage(error):
            return False
        raise


def _samples(db: sqlite3.Connection, low: int) -> list[tuple[int, str]]:
    """The first and the last message, and some between, with what the index was given of each."""
    first, last = db.execute("SELECT min(seq), max(seq) FROM messages WHERE seq >= ?", (low,)).fetchone()
    if first is None:
        return []
    query = (
        "SELECT seq, text FROM (SELECT m.seq, index_text(m.parts) AS text FROM messages m"
        " WHERE seq >= ? AND parts <> '[]' AND trash IS NULL ORDER BY seq LIMIT 1)"
    )
    places = [first + (last - first) * tenth // 10 for tenth in range(11)]
    return [row for place in places for row in db.execute(query, (place,))]


def _knows(db: sqlite3.Connection, seq: int, text: str) -> bool:
    word = next((word for word in text.split() if word.isascii() and word.isalnum()), None)
    if word is None:
        return True
    query = "SELECT 1 FROM message_words WHERE message_words MATCH ? AND rowid = ?"
    return db.execute(query, (f'text : "{word}"', seq)).fetchone() is not None


def merge(db: sqlite3.Connection, first: bool) -> bool:
    """Merge some pages, so that deleted words leave the index; False when nothing was left to merge.

    FTS5 only notes a deletion beside the words, until merging brings both together; so all is merged, in steps.
    """
    merges, broken = db.execute("SELECT merges, broken FROM word_index").fetchone()
    if broken:
        return False
    if first and merges >= MERGES:
        empty(db)
        return False
    before = db.total_changes
    db.execute("INSERT INTO message_words (message_words, rank) VALUES ('merge', ?)", (-_STEP if first else _STEP,))
    more = db.total_changes - before >= 2  # FTS5's way to say that something was left to merge
    if first and more:
        db.execute("UPDATE word_index SET merges = merges + 1")
    return more


def _primary(error: sqlite3.Error) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None
