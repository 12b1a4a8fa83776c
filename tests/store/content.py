"""Messages and files for tests of the store."""

import hashlib
import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from chatmodes.messages import File, Message
from chatmodes.store import Store
from chatmodes.store.rows import write_content


@contextmanager
def quick_folder() -> Generator[Path]:
    """A folder in memory where there is one, for what writes thousands of times: the syncs would take minutes."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        yield Path(folder)


def rewrite(store: Store, message: str, content: Message) -> None:
    """Put other content into a message, as the end of a run does."""
    with store.writing() as db:
        write_content(db, message, content, None)


def file_of(content: bytes, name: str, media_type: str = "application/octet-stream", text: str = "") -> File:
    """A file as it is attached."""
    hash = hashlib.sha256(content).hexdigest()
    return File(name=name, media_type=media_type, hash=hash, size=len(content), content=content, text=text)
