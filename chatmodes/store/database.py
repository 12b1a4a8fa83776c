"""The connections and their locks, and the two kinds of transaction everything else is written in.

Reading has a connection of its own: on the writing one it waited up to five seconds behind a transaction that waited
for another program, and the screen with it.
"""

import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from chatmodes.store.errors import StoreError, translate
from chatmodes.store.opening import open_database, open_reader


class Database:
    """An open database, usable from any thread; its methods raise `StoreError` and leave no half-written change."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        """Where it lies; None in memory."""
        self._lock = threading.RLock()
        self._connection, self.read_only = open_database(file)
        alone = file is None or bool(self.read_only)
        self._reader = self._connection if alone else None  # opened by the first reading, for 0.2 ms
        self._read_lock = self._lock if alone else threading.RLock()
        """`read_only`: why nothing can be written, in one sentence; empty where it can."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; harmless when closed. The writing one last: the last one takes the journal away."""
        with self._lock, self._read_lock:
            if self._reader is not None:
                self._reader.close()
            self._connection.close()
            self._reader = self._connection  # which says that it is closed, where another would be opened

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """A consistent view of the database for several queries. Never waits for a writer, except in memory."""
        with self._read_lock:
            if self._reader is None:
                assert self.file is not None, "in memory both are one"
                self._reader = open_reader(self.file)
            yield from self._transaction(self._reader, "BEGIN")

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """All or nothing. Waits for other programs' writing, at most `opening.BUSY` seconds."""
        if self.read_only:
            raise StoreError(self.read_only)
        with self._lock:
            yield from self._transaction(self._connection, "BEGIN IMMEDIATE")

    def _transaction(self, connection: sqlite3.Connection, begin: str) -> Generator[sqlite3.Connection]:
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
