"""The items of an evaluation, from JSON lines: what people wrote by hand, and what benchmarks publish (`forms.py`)."""

import codecs
import gzip
import io
import zlib
from pathlib import Path

import msgspec
from msgspec.structs import replace

from chatmodes.evaluating.forms import item_of
from chatmodes.evaluating.questions import Criterion, Item
from chatmodes.settings import ConfigError

__all__ = ["Criterion", "Item", "load_items"]

LARGEST = 500_000_000
"""Bytes of a packed file's content: a small file may say that it holds any amount."""


def load_items(path: Path, *, judged: bool = False, data: bytes | None = None) -> tuple[list[Item], list[str]]:
    """The usable items, and one sentence for each line that is none. Raises `ConfigError` when there is not one.

    A line that repeats another is none: a second answer to it would be paid for and could not be told from the first.
    `judged` says that every target without choices is free text, which a grader compares. `data` is the file's content
    where that was read already.
    """
    items: list[Item] = []
    problems: list[str] = []
    places: dict[str, str] = {}
    for place, piece in _pieces(_text(path, data)):
        try:
            item = item_of(piece, path.parent)
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
            'A line is {"input": …, "target": …} or {"input": …, "rubric": [{"criterion": …, "points": …}]}.',
        )
    return items, problems


def _text(path: Path, data: bytes | None) -> bytes:
    """The file's JSON in UTF-8, unpacked where it is gzip's, and without the mark that Windows' editors begin with."""
    try:
        if data is None:
            with path.open("rb") as file:
                data = file.read(LARGEST + 1)
        if data.startswith(b"\x1f\x8b"):
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(LARGEST + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ConfigError(f"{path} cannot be unpacked: {error}.", "Is it whole? gunzip would tell.") from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    if len(data) > LARGEST:
        raise ConfigError(f"{path} holds more than {LARGEST // 1_000_000} MB.", "Evaluate a part of it.")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # what PowerShell's `>` writes
        data = data.decode("utf-16", errors="replace").encode()
    return data.removeprefix(codecs.BOM_UTF8)


def _pieces(data: bytes) -> list[tuple[str, bytes]]:
    """The items' JSON, each with where it stands: a line each, or all in one array."""
    if data.lstrip().startswith(b"["):
        try:
            array = msgspec.json.decode(data, type=list[msgspec.Raw])
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            pass  # lines, the first of which is no item
        else:
            return [(f"item {number}", bytes(each)) for number, each in enumerate(array, 1)]
    return [(f"line {number}", line) for number, line in enumerate(data.splitlines(), 1) if line.strip()]
