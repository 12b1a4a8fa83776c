"""Bytes of an export into values, whatever wrote them: one document, or a line for each conversation.

Programs that cut texts by UTF-16 units write halves of characters, as bytes (CESU-8) and as escapes, and Windows puts a
byte order mark before; strict readers refuse all of these, and a whole history with them.
"""

import codecs
import json
from collections.abc import Iterator
from typing import Any

import msgspec

from chatmodes.store.words import UNREADABLE, whole_values

_lines = msgspec.json.Decoder(list[msgspec.Raw])
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class NotJsonError(ValueError):
    """This is no JSON; the message says why not."""


class Unreadable(msgspec.Struct, frozen=True):
    """In the place of one value that is no JSON, among others that are."""

    reason: str


def values(data: bytes) -> Iterator[Any]:
    """The values of a document: those in its list, its only one, or one a line. Raises `NotJsonError`."""
    data = _utf8(data).strip()
    if data[:1] == b"[":
        try:
            parts = _lines.decode(data)
        except UNREADABLE:
            yield from _loose_list(data)
        else:
            for part in parts:
                yield _each(bytes(part))
        return
    try:
        decoded = _decoded(data)
    except NotJsonError as error:
        yield from _by_line(data, error)
    else:
        yield decoded


def _loose_list(data: bytes) -> Iterator[Any]:
    decoded = _decoded(data)
    if not isinstance(decoded, list):
        raise NotJsonError("it begins as a list and is none")
    yield from decoded


def _by_line(data: bytes, whole: NotJsonError) -> Iterator[Any]:
    """A value a line, as JSON Lines has them: the first must be one, or else it is what it is as a whole."""
    first, *more = data.split(b"\n")
    try:
        yield _decoded(first)
    except NotJsonError:
        raise whole from None
    for line in more:
        if line.strip():
            yield _each(line)


def _each(data: bytes) -> Any:
    try:
        return _decoded(data)
    except NotJsonError as error:
        return Unreadable(str(error))


def _decoded(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except UNREADABLE:
        pass
    # The standard library's reader takes halves of characters and numbers that are none.
    try:
        return whole_values(json.loads(data))
    except (ValueError, RecursionError) as error:
        raise NotJsonError(str(error) or "it is nested too deep") from error


def _utf8(data: bytes) -> bytes:
    """The same text in UTF-8, halves of characters put together, and U+FFFD for bytes that are no text."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :] if encoding == "utf-8" else data[len(mark) :].decode(encoding, "replace").encode()
    try:
        data.decode()
    except UnicodeDecodeError:
        text = data.decode("utf-8", _HALVES)
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
    return data


def _halves(error: UnicodeError) -> tuple[str | bytes, int]:
    try:
        return codecs.lookup_error("surrogatepass")(error)
    except UnicodeError:
        return codecs.lookup_error("replace")(error)


_HALVES = "chatmodes-halves"
codecs.register_error(_HALVES, _halves)
