"""What a migration has to do beyond SQL: text files leave the messages and the logs they were written into.

They lay in a message's parts, and once more in the log of every run that answered it.
"""

import sqlite3

import msgspec

from chatmodes import events as ev
from chatmodes.messages import Part, Text
from chatmodes.store import event_log
from chatmodes.store.files import keep, shown, taken_apart
from chatmodes.store.rows import encode_parts
from chatmodes.store.words import parts_of


def move_files(db: sqlite3.Connection) -> None:
    """Keep every text file once, by its hash. A log that cannot be read is left as it is."""
    marked = db.execute("""SELECT id FROM messages WHERE parts LIKE '%"file":"%'""").fetchall()
    for (message,) in marked:
        parts = parts_of(db.execute("SELECT parts FROM messages WHERE id = ?", (message,)).fetchone()[0])
        if any(isinstance(part, Text) and part.file for part in parts):
            _move(db, message, parts)


def _move(db: sqlite3.Connection, message: str, parts: tuple[Part, ...]) -> None:
    stored, files = taken_apart(parts)
    db.execute("UPDATE messages SET parts = ? WHERE id = ?", (encode_parts(stored), message))
    keep(db, message, files)
    told = shown(parts)

    def slim(event: "ev.AnyEvent | event_log.Foreign") -> "ev.AnyEvent | event_log.Foreign":
        return msgspec.structs.replace(event, prompt=told) if isinstance(event, ev.RunStarted) else event

    answers = "SELECT runs.id FROM runs JOIN messages m ON m.id = runs.message WHERE m.parent = ?"
    for (run,) in db.execute(answers, (message,)).fetchall():
        event_log.rewrite(db, run, slim)
