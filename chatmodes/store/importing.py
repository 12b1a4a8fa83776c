"""Recognising a file of conversations by what is in it, and reading it.

People don't know what kind of export they hold, and the names (`conversations.json` for two different programs) don't
say; the content does.
"""

import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from chatmodes.store.archive import FORMAT, VERSION, Archive, ArchivedConversation
from chatmodes.store.errors import StoreError
from chatmodes.store.foreign import chatgpt, claude, llm_logs
from chatmodes.store.foreign.building import NoConversationError
from chatmodes.store.foreign.bundles import (
    DAMAGED,
    DOCUMENTS,
    Budget,
    Bundle,
    Files,
    Folder,
    Zip,
    read_regular,
    unzippable,
    zips_in,
)
from chatmodes.store.foreign.decoding import NotJsonError, Unreadable, values
from chatmodes.store.foreign.fields import Fields
from chatmodes.store.foreign.intake import Attach, Intake, Tally

KNOWN = "ChatGPT's or Claude's export (.zip, folder, .json), llm's logs.db, and what `history export` wrote are read."
_SQLITE = b"SQLite format 3\0"

Broken = Callable[[str], None]
"""Told about each conversation that can't be read, in one sentence; the others are read all the same."""


class _UnknownError(StoreError):
    """JSON, but nobody's conversations."""


def read(
    file: Path, broken: Broken, *, tally: Tally | None = None, attach: Attach | None = None
) -> Iterator[ArchivedConversation]:
    """The conversations in a file or folder, of whatever program. Raises `StoreError` where none at all can be read.

    `tally` counts what is kept in another form or left out; `attach` makes pictures and files of the export ready for
    a model.
    """
    tally, budget = tally or Tally(), Budget()
    beginning = _beginning(file)
    if beginning is None:
        yield from _bundled(Folder(file, budget), str(file), budget, broken, tally, attach)
    elif beginning == _SQLITE:
        yield from llm_logs.read(file, broken, Intake(tally, attach=attach))
    elif beginning[:2] == b"PK":
        try:
            archive = zipfile.ZipFile(file)
        except DAMAGED as error:
            raise unzippable(str(file), str(error)) from error
        with archive:
            yield from _bundled(Zip(archive, str(file), budget), str(file), budget, broken, tally, attach)
    else:
        yield from _document(read_regular(file, budget), str(file), broken, Intake(tally, attach=attach))


def _beginning(file: Path) -> bytes | None:
    """The first bytes of a regular file; None for a folder. Raises `StoreError`."""
    try:
        mode = file.stat().st_mode
        if stat.S_ISDIR(mode):
            return None
        if not stat.S_ISREG(mode):  # it might never answer
            raise StoreError(f"{file} is no regular file, so it was not read.", "Name a file, or a folder of some.")
        with file.open("rb") as opened:
            return opened.read(len(_SQLITE))
    except OSError as error:
        raise StoreError(
            f"{file} cannot be read: {error.strerror or error}.", "Check the name and its permissions."
        ) from error


def _bundled(
    outer: Bundle, shown: str, budget: Budget, broken: Broken, tally: Tally, attach: Attach | None
) -> Iterator[ArchivedConversation]:
    """All documents of a bundle: nobody's conversations are passed over, and a broken one costs only itself."""
    failures: list[StoreError] = []
    recognised = False
    for bundle, inside in zips_in(outer, shown, budget):
        intake = Intake(tally, Files(bundle).find, attach)
        for name in bundle.names():
            if not name.lower().endswith(DOCUMENTS):
                continue
            try:
                yield from _document(bundle.read(name), f"{name} in {inside}", broken, intake)
                recognised = True
            except _UnknownError:
                continue
            except StoreError as error:
                failures.append(error)
    if not recognised:
        raise failures[0] if failures else StoreError(f"{shown} holds no conversations.", KNOWN)
    for failure in failures:
        broken(failure.message)


def _document(data: bytes, name: str, broken: Broken, intake: Intake) -> Iterator[ArchivedConversation]:
    """The conversations of one document of JSON. Raises `StoreError`."""
    recognised = False
    strangers: list[str] = []
    try:
        for number, value in enumerate(_unwrapped(values(data)), 1):
            what = f"Conversation {number} of {name}"
            if _is_own(value):
                recognised = True
                yield from _own(value, name, broken)
            elif isinstance(value, Unreadable):
                strangers.append(f"{what} cannot be read: {value.reason}.")
            elif reader := next((r for r in (chatgpt, claude) if r.fits(value)), None):
                recognised = True
                yield from _converted(reader.convert, value, intake, what, broken)
            else:
                strangers.append(f"{what} cannot be read: it is no conversation of ChatGPT's or Claude's.")
    except NotJsonError as error:
        raise StoreError(f"{name} is not JSON: {error}.", KNOWN) from error
    if not recognised:
        raise _UnknownError(f"{name} is JSON, but no export of conversations.", KNOWN)
    for each in strangers:
        broken(each)


def _converted(
    convert: Callable[[Any, Intake], ArchivedConversation | None],
    value: Any,
    intake: Intake,
    what: str,
    broken: Broken,
) -> Iterator[ArchivedConversation]:
    try:
        converted = convert(value, intake)
    except NoConversationError as error:
        broken(f"{what} cannot be read: {error}.")
    else:
        if converted is not None:
            yield converted


def _unwrapped(found: Iterator[Any]) -> Iterator[Any]:
    """The conversations, however they are wrapped."""
    for value in found:
        inner = None if _is_own(value) or not isinstance(value, dict) else value.get("conversations")  # pyright: ignore
        yield from inner if isinstance(inner, list) else [value]  # pyright: ignore[reportUnknownVariableType]


def _is_own(value: Any) -> bool:
    return Fields(value).text("format") == FORMAT


def _own(decoded: Any, name: str, broken: Broken) -> Iterator[ArchivedConversation]:
    version, conversations = decoded.get("version"), decoded.get("conversations")
    if not isinstance(version, int) or version > VERSION:
        raise StoreError(f"{name} was exported by a newer chatmodes.", "Update chatmodes, then import it again.")
    if not isinstance(conversations, list):
        raise StoreError(f"{name} holds no list of conversations.", KNOWN)
    listed: list[Any] = conversations  # pyright: ignore[reportUnknownVariableType] - JSON from outside
    for number, conversation in enumerate(listed, 1):
        try:
            yield msgspec.convert(conversation, ArchivedConversation)
        except msgspec.ValidationError as error:
            broken(f"Conversation {number} of {name} cannot be read: {error}.")


def to_json(conversations: tuple[ArchivedConversation, ...]) -> bytes:
    """A JSON export, complete and indented, that `read` reads."""
    return msgspec.json.format(msgspec.json.encode(Archive(conversations=conversations)), indent=2) + b"\n"
