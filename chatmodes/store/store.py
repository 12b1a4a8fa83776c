"""The store as its users see it: all its parts on one database."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from chatmodes.store.comparisons import Comparisons
from chatmodes.store.drafts import Drafts
from chatmodes.store.errors import StoreError
from chatmodes.store.ledger import Ledger
from chatmodes.store.runs import Runs
from chatmodes.store.search import Search
from chatmodes.store.trash import KEPT, Trash


class Store(Trash, Runs, Comparisons, Drafts, Search, Ledger):
    """One database, usable from any thread; every method is one short transaction and raises `StoreError`."""

    def tend(self) -> None:
        """Do what opening left for later, in a thread: end dead runs, purge the trash, fill the index.

        In short transactions; minutes after a large index was made anew. What cannot be done is left for the next time,
        and closing the store stops it behind the transaction under way.
        """
        tasks: tuple[Callable[[], object], ...] = (
            self.end_dead_runs,
            lambda: self.purge(time.time() - KEPT),
            self.fill_index,
        )
        for task in tasks:
            if not (self.read_only or self.closing):
                with suppress(StoreError, sqlite3.ProgrammingError):  # the latter of a store closed meanwhile
                    task()


def open_store(path: Path | None, *, private: bool = False) -> Store:
    """Open the database at `path`, made where it does not exist; in memory where `path` is None or `private`.

    The caller makes the folder private (`settings.private_folder(home("data")) / "chatmodes.db"`). Raises `StoreError`.
    A database this program may not write (a newer version, a read-only folder) opens with `read_only` set to the
    reason, which a face shows.
    """
    return Store(None if private else path)


def open_salvaged(path: Path) -> Store:
    """What can be read of a damaged database, in memory and to be read only. Raises `StoreError` where nothing can."""
    from chatmodes.store.salvage import salvaged

    return Store(None, salvaged(path))
