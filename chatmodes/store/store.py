"""The store as its users see it: all its parts on one database."""

from pathlib import Path

from chatmodes.store.comparisons import Comparisons
from chatmodes.store.drafts import Drafts
from chatmodes.store.runs import Runs
from chatmodes.store.search import Search
from chatmodes.store.upkeep import Upkeep


class Store(Upkeep, Runs, Comparisons, Drafts, Search):
    """One database, usable from any thread; every method is one short transaction and raises `StoreError`."""


def open_store(path: Path | None, *, private: bool = False) -> Store:
    """Open the database at `path`, made where it does not exist; in memory where `path` is None or `private`.

    The caller makes the folder private (`settings.private_folder(home("data")) / "chatmodes.db"`). Raises `StoreError`.
    A database this program may not write (a newer version, a read-only folder) opens with `read_only` set to the
    reason, which a face shows.
    """
    return Store(None if private else path)
