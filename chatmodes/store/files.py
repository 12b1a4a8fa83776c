"""Files and pictures, kept apart from the messages they hang on: once, by the hash of their bytes.

A conversation is listed, searched and shown without them; only what is sent to a model and what is exported needs the
bytes. A text file's text is its bytes, so it is kept once too, and given back wherever its message is read.
"""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

import msgspec

from chatmodes.messages import File, Image, Part, Text, ToolResult
from chatmodes.store.words import whole

PLAIN = "text/plain"
_F = TypeVar("_F", File, Image)


class Kept(NamedTuple):
    """One file of a message."""

    hash: str
    data: bytes | None
    """None where only a reference came in."""
    name: str
    media_type: str
    readable: bool
    """The bytes are the text that a model reads."""


def taken_apart(parts: Iterable[Part]) -> tuple[tuple[Part, ...], list[Kept]]:
    """The parts as they are stored, and what is kept beside them."""
    kept: list[Kept] = []
    return tuple(_without_content(part, kept) for part in parts), kept


def _without_content(part: Part, kept: list[Kept]) -> Part:
    match part:
        case Text() if part.file:
            content = whole(part.text).encode()
            file = File(part.file, PLAIN, hash="", size=0, content=content, text=part.text, mentioned=True)
            return _file(file, kept)
        case File():
            return _file(part, kept)
        case Image():
            return _image(part, kept)
        case ToolResult():
            content = tuple(_image(each, kept) if isinstance(each, Image) else each for each in part.content)
            return msgspec.structs.replace(part, content=content)
        case _:
            return part


def _file(part: File, kept: list[Kept]) -> File:
    text = whole(part.text).encode()
    data = part.content or None
    if data is None and text and sha256(text) == part.hash:  # a message that was read from here, without its bytes
        data = text
    readable = bool(data) and data == text
    hash = part.hash if data is None else sha256(data)
    kept.append(Kept(hash, data, part.name, part.media_type, readable))
    size = part.size if data is None else len(data)
    return msgspec.structs.replace(part, content=b"", hash=hash, size=size, text="" if readable else part.text)


def _image(part: Image, kept: list[Kept]) -> Image:
    hash = sha256(part.content) if part.content else part.hash
    kept.append(Kept(hash, part.content or None, part.name, part.media_type, readable=False))
    return msgspec.structs.replace(part, content=b"", hash=hash, size=len(part.content) or part.size)


def sha256(data: bytes) -> str:
    """The hash that content is known by, in hexadecimal."""
    import hashlib  # 3 ms that `ask` has no use for

    return hashlib.sha256(data).hexdigest()


def keep(db: sqlite3.Connection, message: str, files: Iterable[Kept]) -> None:
    """Store what is not stored yet, and hang it on a message."""
    for file in files:
        if file.data is not None:
            db.execute("INSERT OR IGNORE INTO attachments (hash, data) VALUES (?, ?)", (file.hash, file.data))
        elif not db.execute("SELECT 1 FROM attachments WHERE hash = ?", (file.hash,)).fetchone():
            continue  # nobody has it any more
        db.execute(
            "INSERT INTO message_attachments (message, hash, name, media_type, readable) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (message, hash) DO UPDATE SET readable = max(readable, excluded.readable)",
            (message, file.hash, file.name, file.media_type, file.readable),
        )


def with_texts(db: sqlite3.Connection, message: str, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """A message's parts, its text files with their text."""
    if not any(isinstance(part, File) and part.size and not part.text for part in parts):
        return parts
    query = "SELECT hash, data FROM message_attachments JOIN attachments USING (hash) WHERE message = ? AND readable"
    texts = {hash: bytes(data).decode(errors="replace") for hash, data in db.execute(query, (message,))}
    return tuple(
        msgspec.structs.replace(part, text=texts[part.hash])
        if isinstance(part, File) and not part.text and part.hash in texts
        else part
        for part in parts
    )


def with_content(db: sqlite3.Connection, parts: tuple[Part, ...], given: set[str] | None = None) -> tuple[Part, ...]:
    """Parts with the bytes of their files and pictures; what is no longer stored stays a reference, and so does what
    is in `given`, the hashes of what was given before, which grows."""
    return tuple(_with_content(db, part, given) for part in parts)


def _with_content(db: sqlite3.Connection, part: Part, given: set[str] | None) -> Part:
    match part:
        case File():
            return _loaded(db, part, given)
        case Image():
            return _loaded(db, part, given)
        case ToolResult() if any(isinstance(each, Image) for each in part.content):
            content = tuple(_loaded(db, each, given) if isinstance(each, Image) else each for each in part.content)
            return msgspec.structs.replace(part, content=content)
        case _:
            return part


def _loaded(db: sqlite3.Connection, part: _F, given: set[str] | None) -> _F:
    if given is not None:
        if part.hash in given:
            return part
        given.add(part.hash)
    row = db.execute("SELECT data FROM attachments WHERE hash = ?", (part.hash,)).fetchone()
    return msgspec.structs.replace(part, content=bytes(row[0])) if row else part


def shown(parts: Iterable[Part]) -> str:
    """What was written, and the names of what came with it."""
    written: list[str] = []
    names: list[str] = []
    for part in parts:
        if isinstance(part, File | Image):
            names.append(part.name)
        elif isinstance(part, Text):
            (names if part.file else written).append(part.file or part.text)
    told = f"Attached: {', '.join(names)}" if names else ""
    return "\n\n".join(filter(None, ("".join(written), told)))
