"""One connection, one lock, and the two kinds of transaction everything else is written in."""

import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from chatmodes.store.errors import StoreError, translate
from chatmodes.store.opening import open_database


class Database:
    """An open database, usable from any thread; its methods raise `StoreError` and leave no half-written change."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        """Where it lies; None in memory."""
        self._lock = threading.RLock()
        self._connection, self.read_only = open_database(file)
        """`read_only`: why nothing can be written, in one sentence; empty where it can."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; harmless when closed."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """A consistent view of the database for several queries. Never waits for a writer."""
        yield from self._transaction("BEGIN")

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """All or nothing. Waits for other programs' writing, at most `opening.BUSY` seconds."""
        if self.read_only:
            raise StoreError(self.read_only)
        yield from self._transaction("BEGIN IMMEDIATE")

    def _transaction(self, begin: str) -> Generator[sqlite3.Connection]:
        with self._lock:
            connection = self._connection
            try:
                connection.execute(begin)
                try:
                    yield connection
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
            except sqlite3.Error as error:
                raise translate(error, self.file) from error
            except UnicodeEncodeError as error:
                raise StoreError("A name or an id holds half a character, which cannot be stored.") from error
