"""Deleting where the disk has no room left, not even for the journal that deleting needs.

The database is then written in place, with its journal in memory. A program killed in those milliseconds would leave a
torn file, so a whole copy lies in another place meanwhile; where there is none, nothing is done.
"""

import os
import sqlite3
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from chatmodes.store import word_index
from chatmodes.store.errors import StoreError
from chatmodes.store.opening import connect, use_wal


@contextmanager
def in_place(file: Path) -> Generator[sqlite3.Connection]:
    """A connection that can make the database smaller without any room. No other program may have it open."""
    with closing(connect(f"{file.absolute().as_uri()}?mode=rw", alone=True)) as connection:
        connection.execute("PRAGMA journal_mode = MEMORY")
        copy = _copied(connection, file)
        # What is deleted has to be noted first: for that, the index makes room, which comes back from the messages.
        try:
            connection.execute("BEGIN IMMEDIATE")
            word_index.empty(connection)
            connection.execute("COMMIT")
            yield connection
            connection.execute("PRAGMA incremental_vacuum").fetchall()
            with suppress(sqlite3.Error):  # then the next to open it does
                use_wal(connection)
        finally:
            copy.unlink()


def _copied(connection: sqlite3.Connection, file: Path) -> Path:
    try:
        descriptor, name = tempfile.mkstemp(prefix=f"{file.stem}-", suffix=".db")
    except OSError as error:
        raise _no_place(file, error) from error
    os.close(descriptor)
    try:
        with closing(sqlite3.connect(name)) as target:
            connection.backup(target)
    except sqlite3.Error as error:
        Path(name).unlink()
        raise _no_place(file, error) from error
    return Path(name)


def _no_place(file: Path, error: Exception) -> StoreError:
    return StoreError(
        f"The disk that holds {file} is full, and no other place has room for the copy that deleting needs ({error}).",
        "Free some space elsewhere first, or set TMPDIR to a folder on another disk.",
    )
