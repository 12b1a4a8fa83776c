"""The one error the store raises, and how SQLite's many become it.

A face shows `message` and `hint` and knows nothing of SQLite; were the translation made where each statement runs, a
full disk would read differently depending on what was being written.
"""

import sqlite3
from pathlib import Path


class StoreError(Exception):
    """The store cannot do what was asked. The message is one sentence with the cause; `hint` says what to do next."""

    def __init__(self, message: str, hint: str = "", *, passing: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.passing = passing
        """It lies in the disk or another program, not in what was asked: the same may work later."""

    @property
    def message(self) -> str:
        """The sentence itself."""
        return str(self)


class FullError(StoreError):
    """The disk has no room."""


class DamagedError(StoreError):
    """The database, or a part of it, cannot be read."""


class UnknownError(StoreError):
    """What was named is not there."""


PRIVATE_HINT = "set `private = true` under [store] to chat without it"


def translate(error: sqlite3.Error, path: Path | None) -> StoreError:
    """What an SQLite error means for the user of this database."""
    where = str(path) if path else "The conversation in memory"
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return FullError(
            f"{where} cannot be written: the disk is full or failing ({error}).",
            "Free some space, then try again; `chatmodes history delete` and `prune` make some.",
            passing=True,
        )
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return StoreError(
            f"{where} cannot be written ({error}).", f"Check its permissions, or {PRIVATE_HINT}.", passing=True
        )
    if primary == sqlite3.SQLITE_CANTOPEN:
        return StoreError(f"{where} cannot be opened ({error}).", f"Check the folder's permissions, or {PRIVATE_HINT}.")
    if primary == sqlite3.SQLITE_NOTADB:
        return StoreError(
            f"{where} is damaged or no database ({error}); it has been left as it is.",
            f"Move it away to start anew, or {PRIVATE_HINT}.",
        )
    if primary == sqlite3.SQLITE_CORRUPT:
        return DamagedError(
            f"{where} is damaged or no database ({error}); it has been left as it is.",
            "`chatmodes history export --all -o FILE` saves what can be read of it. Move it away to start anew, then"
            " `chatmodes history import FILE`.",
        )
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(
            f"{where} is locked by another program.", "Close the program that holds it, then try again.", passing=True
        )
    return StoreError(f"{where} failed: {error}.", "`chatmodes doctor` says more.")
