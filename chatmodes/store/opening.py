"""From a path to a connection that can be trusted: created private, migrated after a backup, or read-only and why.

Every way a file on disk can disappoint is met here, once, before anything has been typed into the program. A file that
isn't understood is never written to.
"""

import contextlib
import glob
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from chatmodes.store import words
from chatmodes.store.errors import PRIVATE_HINT, StoreError, translate
from chatmodes.store.schema import MIGRATIONS
from chatmodes.store.upgrading import move_files

APPLICATION = 0x63686D64
"""What the file's header calls it: "chmd". Databases of the first two versions have 0 there."""
_TABLES = {"conversations", "messages", "comparisons", "runs", "chunks", "picks"}
"""Those of the first version, which every database of ours has."""
BUSY = 5.0
"""Seconds a transaction waits for another program's; theirs are some milliseconds long."""


class Opened(NamedTuple):
    """An open database."""

    connection: sqlite3.Connection
    """With all tables in place."""
    read_only: str = ""
    """Why it can only be read; empty where it can be written."""
    full: bool = False
    """That is because the disk is full."""


def open_database(file: Path | None) -> Opened:
    """Open a database, or one in memory. Raises `StoreError`."""
    try:
        if file is None:
            return Opened(in_memory())
        return _open_file(file)
    except sqlite3.Error as error:
        raise translate(error, file) from error
    except OSError as error:
        raise StoreError(
            f"{error.filename or file} cannot be used: {error.strerror}.",
            f"Check that the folder exists and is yours, or {PRIVATE_HINT}.",
        ) from error


def in_memory() -> sqlite3.Connection:
    """A database that ends with its connection."""
    connection = connect(":memory:")
    _migrate(connection, None)
    return connection


def open_reader(file: Path) -> sqlite3.Connection:
    """A second connection to an open database, for reading alone. Raises `StoreError`."""
    try:
        connection = connect(f"{file.absolute().as_uri()}?mode=rw")  # not `ro`: that one could not mend a journal
        connection.execute("PRAGMA query_only = ON")
    except sqlite3.Error as error:
        raise translate(error, file) from error
    return connection


def backups(file: Path) -> list[Path]:
    """The copies made before migrations, oldest first."""
    return sorted(file.parent.glob(f"{glob.escape(file.name)}.v*.bak*"))


def _open_file(file: Path) -> Opened:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    elif not file.is_file():
        raise StoreError(f"{file} is not a file.", "Move it away, or set CHATMODES_HOME to another folder.")
    else:
        _refuse_foreign(file)
        if not (_writable(file) and _writable(file.parent)):
            reason = f"{file} cannot be written, so nothing new is kept; check its permissions, or {PRIVATE_HINT}."
            return Opened(_read_only(file), reason)
    if file.stat().st_mode & 0o077:
        with contextlib.suppress(PermissionError):  # a file of someone else's that may be written is theirs to protect
            file.chmod(0o600)
    try:
        connection, version = _open_to_write(file)
    except sqlite3.Error as error:
        if not _is_full(error):
            raise
        reason = f"The disk that holds {file} is full ({error}), so nothing new is kept; free some space."
        return Opened(_read_only(file), reason, full=True)
    if version > len(MIGRATIONS):
        connection.close()
        reason = (
            f"{file} was written by a newer chatmodes (version {version} of its tables, this one knows "
            f"{len(MIGRATIONS)}), so it is only read; update chatmodes to go on writing."
        )
        return Opened(_read_only(file), reason)
    return Opened(connection)


def _open_to_write(file: Path) -> tuple[sqlite3.Connection, int]:
    connection = connect(f"{file.absolute().as_uri()}?mode=rw")
    try:
        version = _version(connection)
        if version < len(MIGRATIONS):
            _migrate(connection, file)
        elif connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            use_wal(connection)
        return connection, _version(connection)
    except BaseException:
        connection.close()
        raise


def _is_full(error: sqlite3.Error) -> bool:
    """Whether there was no room for the journal, which even reading has to make."""
    return (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _refuse_foreign(file: Path) -> None:
    """Raise `StoreError` for the database of another program, before anything of it is touched.

    Through SQLite, which minds the locks this process may hold on the file; `immutable` so that it makes no journal.
    """
    with contextlib.closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        try:
            (application,) = db.execute("PRAGMA application_id").fetchone()
            tables = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            return  # half of it may be in the journal still; where it is not, opening says that it is damaged
    # Without any table it is new, or its tables are in the journal still.
    if application not in (0, APPLICATION) or (tables and _TABLES - tables):
        raise StoreError(
            f"{file} is a database of another program; it has been left as it is.",
            "Move it away, or set CHATMODES_HOME to another folder.",
        )


def _writable(path: Path) -> bool:
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def _read_only(file: Path) -> sqlite3.Connection:
    uri = file.absolute().as_uri()
    try:
        return _readable(f"{uri}?mode=ro")
    except sqlite3.OperationalError:
        # SQLite can't share a database where it can't make a file; nobody else writes there either: read it alone.
        return _readable(f"{uri}?mode=ro&immutable=1")


def _readable(uri: str) -> sqlite3.Connection:
    connection = connect(uri)
    try:
        if _version(connection) >= len(MIGRATIONS):  # the first real reading, which is what fails
            return connection
        copy = connect(":memory:")  # with the tables of this version, which the file cannot be given
        connection.backup(copy)
        _migrate(copy, None)
    except BaseException:
        connection.close()
        raise
    connection.close()
    return copy


def connect(database: str, *, alone: bool = False) -> sqlite3.Connection:
    """A connection as every part of the store wants it; one that is `alone` makes no file for others to share."""
    connection = sqlite3.connect(
        database, timeout=BUSY, isolation_level=None, check_same_thread=False, uri=database.startswith("file:")
    )
    # secure_delete: what is deleted is overwritten, not just forgotten. synchronous NORMAL: with a WAL nothing is lost
    # to a killed program, and a power cut may cost the last moments but no consistency.
    words.register(connection)
    # A damaged byte is one wrong letter, and no conversation that cannot be read.
    connection.text_factory = words.mended
    try:
        if alone:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        for pragma in ("foreign_keys = ON", "secure_delete = ON", "synchronous = NORMAL", "trusted_schema = ON"):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _migrate(connection: sqlite3.Connection, file: Path | None) -> None:
    if _version(connection) == 0:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # only an empty file can still choose
        if file is not None:
            use_wal(connection)
    try:
        _take_steps(connection, file)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
            raise
        # A damaged page must lock nobody out: what it leaves undone is read as it was.
        _take_steps(connection, file, content=False)


def _take_steps(connection: sqlite3.Connection, file: Path | None, *, content: bool = True) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # asked again: another program may have been quicker
        if version < len(MIGRATIONS):
            if version and file is not None:
                _back_up(file, version)
            for step in MIGRATIONS[version:]:
                for statement in _statements(step):
                    connection.execute(statement)
            if version in (1, 2) and content:
                move_files(connection)
            connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def use_wal(connection: sqlite3.Connection) -> None:
    """Changing the journal fails at once, without SQLite's usual waiting, while another program does the same."""
    deadline = time.monotonic() + BUSY
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _back_up(file: Path, version: int) -> None:
    """Copy the database, through a connection of its own, while the caller keeps others from writing.

    The copy gets its name when it is whole: what a killed program leaves half-way must not be taken for a backup.
    """
    name = f"{file.name}.v{version}.bak"
    target = next(p for p in (file.with_name(name + suffix) for suffix in _suffixes()) if not p.exists())
    part = file.with_name(f"{file.name}.v{version}.part")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with contextlib.closing(sqlite3.connect(file)) as source, contextlib.closing(sqlite3.connect(part)) as copy:
            copy.execute("PRAGMA journal_mode = OFF")
            source.backup(copy)
        part.rename(target)
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        raise StoreError(
            f"{file} must be brought up to date, but the backup {target.name} before that failed: {error}.",
            "Free some space; the database has not been touched.",
        ) from error


def _suffixes() -> Iterator[str]:
    yield ""
    number = 1
    while True:
        number += 1
        yield f"-{number}"


def _statements(script: str) -> Iterator[str]:
    """One statement after another, a trigger's inner ones kept together; `executescript` would commit in between."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if statement.strip() and sqlite3.complete_statement(statement):
            yield statement
            statement = ""
