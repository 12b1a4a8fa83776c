"""The items of an evaluation, from JSON or a table: what people wrote by hand, or benchmarks publish (`forms.py`)."""

import bz2
import codecs
import gzip
import io
import json
import lzma
import re
import zlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import msgspec
from msgspec.structs import replace

from chatmodes.evaluating.forms import item_of
from chatmodes.evaluating.lenient import mended
from chatmodes.evaluating.questions import Criterion, Item
from chatmodes.evaluating.tables import rows_of
from chatmodes.settings import ConfigError

__all__ = ["Criterion", "Item", "load_items"]

LARGEST = 500_000_000
"""Bytes of a packed file's content: a small file may say that it holds any amount."""
_PACKED: dict[bytes, Callable[[io.BytesIO], AbstractContextManager[io.BufferedIOBase]]] = {
    b"\x1f\x8b": lambda data: gzip.GzipFile(fileobj=data),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\0": lzma.LZMAFile,
}
"""What unpacks a file, by how it begins."""
_AS_LINES = "Write it as JSON lines: pandas.read_{}(FILE).to_json('items.jsonl', orient='records', lines=True)"
_REFUSED = {
    b"PAR1": ("a Parquet file", _AS_LINES.format("parquet")),
    b"ARROW1": ("an Arrow file", _AS_LINES.format("feather")),
    b"PK\x03\x04": ("a zip archive or a workbook", "Unpack it, or save the table as CSV UTF-8."),
    b"\x28\xb5\x2f\xfd": ("packed by zstd", "Unpack it first: zstd -d FILE"),
    b"version https://git-lfs": ("a pointer of Git LFS and not the file itself", "Get the file: git lfs pull"),
}
"""What other files are by how they begin, and what to do about it."""
_SOMETHING = re.compile(r"\S")
_LISTING = ("data", "items", "examples", "questions", "rows")
"""Keys under which a file that is one object holds its items."""


def load_items(path: Path, *, judged: bool = False, data: bytes | None = None) -> tuple[list[Item], list[str]]:
    """The usable items, and one sentence for each line that is none. Raises `ConfigError` when there is not one.

    A line that repeats another is none: a second answer to it would be paid for and could not be told from the first.
    `judged` says that every target without choices is free text, which a grader compares. `data` is the file's content
    where that was read already.
    """
    items: list[Item] = []
    problems: list[str] = []
    places: dict[str, str] = {}
    for place, piece in _pieces(path, _text(path, data)):
        if isinstance(piece, str):
            problems.append(f"{path}, {place}: {piece}.")
            continue
        try:
            item = item_of(piece, path.parent)
        except UnicodeDecodeError:
            problems.append(f"{path}, {place}: it is not in UTF-8.")
            continue
        except (ValueError, RecursionError) as error:  # msgspec's own errors are ValueErrors
            problems.append(f"{path}, {place}: {error}.")
            continue
        if judged and item.target and not item.choices:
            item = replace(item, judged=True)
        if (before := places.setdefault(item.key, place)) == place:
            items.append(item)
        else:
            said = f"It repeats {before}, which is answered once; an id of its own makes it another item."
            problems.append(f"{path}, {place}: {said}")
    if not items:
        first = f" {problems[0]}" if problems else ""
        raise ConfigError(
            f"{path} holds no item.{first}",
            'A line is {"input": …, "target": …} or {"input": …, "rubric": [{"criterion": …, "points": …}]}; the first '
            "row of a table names `input` or `question`, and `target` or `answer`.",
        )
    return items, problems


def _text(path: Path, data: bytes | None) -> bytes:
    """The file's text in UTF-8, unpacked where it is packed, and without the mark that Windows' editors begin with."""
    try:
        if data is None:
            with path.open("rb") as file:
                data = file.read(LARGEST + 1)
        for mark, unpacking in _PACKED.items():
            if data.startswith(mark):
                with unpacking(io.BytesIO(data)) as packed:
                    data = packed.read(LARGEST + 1)
                break
    except (EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError) as error:
        raise ConfigError(f"{path} cannot be unpacked: {error}.", "Is it whole? gunzip would tell.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(data) > LARGEST:
        raise ConfigError(f"{path} holds more than {LARGEST // 1_000_000} MB.", "Evaluate a part of it.")
    for mark, (form, remedy) in _REFUSED.items():
        if data.startswith(mark):
            raise ConfigError(f"{path} is {form}, which is not read here.", remedy)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # what PowerShell's `>` writes
        data = data.decode("utf-16", errors="replace").encode()
    return data.removeprefix(codecs.BOM_UTF8)


def _pieces(path: Path, data: bytes) -> list[tuple[str, bytes | str]]:
    """The items' JSON, each with where it stands, or what is wrong there: values one after the other, all in one array
    or in one object, or rows of a table."""
    begin = data.lstrip()[:1]
    if begin == b"[":
        try:
            return _numbered(_in_array(data))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if not _is_json(data.split(maxsplit=1)[0]) and not _is_json(data.strip().splitlines()[0]):
                told = "it is not in UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
                raise ConfigError(f"{path} begins an array that cannot be read: {told}.", "Is it whole?") from error
    elif begin == b"{":
        if found := _in_object(data) or _values(data):
            return _numbered(found)
    elif begin:
        try:
            if rows := rows_of(data.decode()):
                return rows
        except UnicodeDecodeError as error:
            raise ConfigError(
                f"{path} is not in UTF-8.", "Save it as UTF-8; a spreadsheet calls it CSV UTF-8."
            ) from error
    return [(f"line {number}", line) for number, line in enumerate(data.splitlines(), 1) if line.strip()]


def _numbered(values: Sequence[bytes | msgspec.Raw]) -> list[tuple[str, bytes | str]]:
    return [(f"item {number}", bytes(each)) for number, each in enumerate(values, 1)]


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _in_array(data: bytes) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(data, type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        try:
            return msgspec.json.decode(mended(data), type=list[msgspec.Raw])
        except ValueError:
            raise error from None


def _in_object(data: bytes) -> list[msgspec.Raw]:
    """The items in the one list of objects that a file's only object holds, under `row` as the Hub hands them out."""
    try:
        found = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return []
    for key in _LISTING:
        try:
            rows = msgspec.json.decode(found.get(key, b"null"), type=list[dict[str, msgspec.Raw]])
        except msgspec.DecodeError:
            continue
        return [row.get("row") or msgspec.Raw(msgspec.json.encode(row)) for row in rows]
    return []


def _values(data: bytes) -> list[bytes]:
    """Objects that stand one after the other and not a line each, as `jq` prints them; none where one is broken."""
    if _is_json(data.lstrip().splitlines()[0]):
        return []
    reader, found, end = json.JSONDecoder(strict=False), list[bytes](), 0
    try:
        text = data.decode()
        while begin := _SOMETHING.search(text, end):
            _, end = reader.raw_decode(text, begin.start())
            found.append(text[begin.start() : end].encode())
    except (ValueError, RecursionError):
        return []
    return found
