"""Where conversations are kept: a tree of messages in SQLite, with the events of every run that answered."""

from chatmodes.store.errors import StoreError
from chatmodes.store.runs import RunWriter
from chatmodes.store.store import Store, open_salvaged, open_store

__all__ = ["RunWriter", "Store", "StoreError", "open_salvaged", "open_store"]
