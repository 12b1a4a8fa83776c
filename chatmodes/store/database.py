"""The connections and their locks, and the two kinds of transaction everything else is written in.

Reading has a connection of its own: on the writing one it waited up to five seconds behind a transaction that waited
for another program, and the screen with it.
"""

import sqlite3
import threading
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from chatmodes.store import word_index
from chatmodes.store.errors import FullError, StoreError, translate
from chatmodes.store.liveness import Presence
from chatmodes.store.opening import Opened, open_database, open_reader

_NO_ROOM = "Free some space elsewhere first: not even deleting can be done without."


class Database:
    """An open database, usable from any thread; its methods raise `StoreError` and leave no half-written change."""

    def __init__(self, file: Path | None, opened: Opened | None = None) -> None:
        self.file = file
        """Where it lies; None in memory."""
        self.read_only: str
        """Why nothing can be written, in one sentence; empty where it can."""
        self.presence = Presence(file)
        """By what other programs see that this one lives."""
        self.closing = False
        """Whether work in steps should stop behind the one under way."""
        self._lock, self._read_lock = threading.RLock(), threading.RLock()
        self._open(opened)

    def _open(self, opened: Opened | None = None) -> None:
        self._connection, self.read_only, self._full = opened or open_database(self.file)
        alone = self.file is None or bool(self.read_only)
        self._reader = self._connection if alone else None  # opened by the first reading, for 0.2 ms
        if alone:
            self._read_lock = self._lock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; harmless when closed. The writing one last: the last one takes the journal away."""
        self.closing = True
        with self._lock, self._read_lock:
            self._close()
        self.presence.leave()

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._connection.close()
        self._reader = self._connection  # which says that it is closed, where another would be opened

    @contextmanager
    def reading(self) -> Generator[sqlite3.Connection]:
        """A consistent view of the database for several queries. Never waits for a writer, except in memory."""
        with self._read_lock, self._translated():
            if self._reader is None:
                assert self.file is not None, "in memory both are one"
                self._reader = open_reader(self.file)
            with _view(self._reader):
                yield self._reader

    @contextmanager
    def reading_aside(self) -> Generator[sqlite3.Connection]:
        """The same on a connection of its own, for what takes long: nobody's reading waits for it, except in memory."""
        if self.file is None or self.read_only:
            with self.reading() as db:
                yield db
            return
        with closing(open_reader(self.file)) as connection, self._translated(), _view(connection):
            yield connection

    @contextmanager
    def writing(self) -> Generator[sqlite3.Connection]:
        """All or nothing. Waits for other programs' writing, at most `opening.BUSY` seconds.

        The index follows in a transaction of its own, and whatever becomes of that one, what was written stays.
        """
        if self.read_only:
            raise StoreError(self.read_only)
        with self._lock, self._translated():
            with _transaction(self._connection):
                yield self._connection
            if not self._connection.in_transaction and word_index.is_behind(self._connection):
                self._follow()

    def _follow(self) -> None:
        """Bring the index up to what was written. What cannot be done at the moment stays noted for the next time."""
        try:
            with _transaction(self._connection):
                word_index.catch_up(self._connection)
        except sqlite3.Error as error:
            if word_index.is_in_the_way(error, self._connection):
                self.renew_index()

    def renew_index(self) -> None:
        """Empty the index, so that it is filled anew; one that cannot be emptied is replaced, or else left unused.

        Each way in its own transaction: one that has met a damaged page cannot go on. None of it can fail the caller.
        """
        for way in (word_index.empty, word_index.replace, word_index.give_up):
            with self._lock, suppress(sqlite3.Error):
                with _transaction(self._connection):
                    way(self._connection)
                return

    def data_version(self) -> int:
        """A number that changes whenever any window or program has written something: cheap enough to poll.

        What has changed is told by `Conversation.version`.
        """
        with self.reading() as db:
            return int(db.execute("PRAGMA data_version").fetchone()[0])

    def deleting(self, work: Callable[[], None]) -> None:
        """Do what makes the database smaller, on a full disk too; `work` must bear being done twice."""
        if not self._full:
            try:
                return work()
            except FullError:
                if self.file is None:
                    raise
        from chatmodes.store.cramped import in_place

        assert self.file is not None, "no disk, no full one"
        with self._lock, self._read_lock, self._translated():
            self._close()
            try:
                with in_place(self.file) as self._connection:
                    self._reader, self.read_only, self._full = self._connection, "", False
                    work()
            except sqlite3.Error as error:
                failure = translate(error, self.file)
                hint = _NO_ROOM if isinstance(failure, FullError) else failure.hint
                raise type(failure)(failure.message, hint, passing=failure.passing) from error
            finally:
                self._open()
        return None

    def vacuum(self) -> None:
        """Write the whole file anew, without anything that belongs to nobody. Needs as much room again."""
        with self._lock, self._translated():
            self._connection.execute("VACUUM")

    @contextmanager
    def _translated(self) -> Generator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise translate(error, self.file) from error
        except UnicodeEncodeError as error:
            raise StoreError("A name or an id holds half a character, which cannot be stored.") from error


@contextmanager
def _view(connection: sqlite3.Connection) -> Generator[None]:
    """Nothing is written, so it is rolled back: what has met a damaged page could not be committed."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Generator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
