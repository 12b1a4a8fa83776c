"""Messages and files for tests of the store."""

import hashlib

from chatmodes.messages import File, Message
from chatmodes.store import Store
from chatmodes.store.rows import write_content


def rewrite(store: Store, message: str, content: Message) -> None:
    """Put other content into a message, as the end of a run does."""
    with store.writing() as db:
        write_content(db, message, content, None)


def file_of(content: bytes, name: str, media_type: str = "application/octet-stream", text: str = "") -> File:
    """A file as it is attached."""
    hash = hashlib.sha256(content).hexdigest()
    return File(name=name, media_type=media_type, hash=hash, size=len(content), content=content, text=text)
