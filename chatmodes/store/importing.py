"""Recognising a file of conversations by what is in it, and reading it.

People don't know what kind of export they hold, and the names (`conversations.json` for two different programs) don't
say; the content does.
"""

import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from chatmodes.store.archive import FORMAT, VERSION, Archive, ArchivedConversation
from chatmodes.store.errors import StoreError
from chatmodes.store.foreign import chatgpt, claude, llm_logs

KNOWN = "ChatGPT's or Claude's conversations.json or its .zip, llm's logs.db, and what `history export` wrote are read."
_LIMIT = 4 * 2**30
"""Bytes that one file inside a .zip may unpack to: thousands of times the largest export heard of."""

Broken = Callable[[str], None]
"""Told about each conversation that can't be read, in one sentence; the others are read all the same."""


def read(file: Path, broken: Broken) -> Iterator[ArchivedConversation]:
    """The conversations in a file, of whatever program. Raises `StoreError` where nothing at all can be read."""
    try:
        with file.open("rb") as opened:
            beginning = opened.read(16)
        if beginning == b"SQLite format 3\0":
            yield from llm_logs.read(file, broken)
        elif beginning[:2] == b"PK":
            yield from _zipped(file, broken)
        else:
            yield from _json(file.read_bytes(), str(file), broken)
    except OSError as error:
        raise StoreError(
            f"{file} cannot be read: {error.strerror or error}.", "Check the name and its permissions."
        ) from error


def _zipped(file: Path, broken: Broken) -> Iterator[ArchivedConversation]:
    try:
        with zipfile.ZipFile(file) as archive:
            parts = [
                info
                for info in archive.infolist()
                if (name := info.filename.rpartition("/")[2]).startswith("conversations") and name.endswith(".json")
            ]
            if not parts:
                raise StoreError(f"{file} holds no conversations.json.", KNOWN)
            for part in sorted(parts, key=lambda info: info.filename):
                if part.file_size > _LIMIT:
                    raise StoreError(f"{part.filename} in {file} is too large ({part.file_size:,} bytes).", KNOWN)
                yield from _json(archive.read(part), f"{part.filename} in {file}", broken)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise StoreError(f"{file} is no .zip that can be read: {error}.", "Download it again.") from error


def _json(data: bytes, name: str, broken: Broken) -> Iterator[ArchivedConversation]:
    try:
        decoded: Any = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StoreError(f"{name} is not JSON: {error}.", KNOWN) from error
    if isinstance(decoded, dict) and decoded.get("format") == FORMAT:  # pyright: ignore[reportUnknownMemberType]
        yield from _own(decoded, name, broken)
        return
    conversations = _listed(decoded)
    reader = next((r for r in (chatgpt, claude) if any(map(r.fits, conversations))), None)
    if reader is None:
        raise StoreError(f"{name} is JSON, but no export of conversations.", KNOWN)
    for number, conversation in enumerate(conversations, 1):
        try:
            converted = reader.convert(conversation)
        except (msgspec.ValidationError, OverflowError) as error:
            broken(f"Conversation {number} of {name} cannot be read: {error}.")
        else:
            if converted is not None:
                yield converted


def _listed(decoded: Any) -> list[Any]:
    """The list of conversations, however it is wrapped."""
    if isinstance(decoded, list):
        return decoded  # pyright: ignore[reportUnknownVariableType]
    inner = decoded.get("conversations") if isinstance(decoded, dict) else None  # pyright: ignore
    return inner if isinstance(inner, list) else [decoded]  # pyright: ignore


def _own(decoded: Any, name: str, broken: Broken) -> Iterator[ArchivedConversation]:
    version = decoded.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise StoreError(f"{name} was exported by a newer chatmodes.", "Update chatmodes, then import it again.")
    for number, conversation in enumerate(_listed(decoded), 1):
        try:
            yield msgspec.convert(conversation, ArchivedConversation)
        except msgspec.ValidationError as error:
            broken(f"Conversation {number} of {name} cannot be read: {error}.")


def to_json(conversations: tuple[ArchivedConversation, ...]) -> bytes:
    """A JSON export, complete and indented, that `read` reads."""
    return msgspec.json.format(msgspec.json.encode(Archive(conversations=conversations)), indent=2) + b"\n"
