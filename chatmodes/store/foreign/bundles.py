"""Exports of many files: a .zip, a folder, and a .zip inside either.

What a .zip says it unpacks to is believed only within bounds: a few kilobytes can hold terabytes of zeros.
"""

import bisect
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from chatmodes.store.errors import StoreError

DOCUMENTS = (".json", ".jsonl", ".ndjson")
LARGEST = 2**30
"""Bytes of one file: several times the largest export heard of."""
_ALL = 8 * 2**30
"""Bytes that all files of an export unpack to."""
_MANY = 200_000
"""Files of one export."""
_RATIO = 200
"""Times that a large file may have been packed; text comes to five or ten, a bomb to a thousand."""
_SMALL = 16 * 2**20
"""Bytes below which nobody asks how well a file was packed."""
_DEEP = 3
"""A .zip in a .zip in a .zip."""

DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError)
"""What reading a .zip raises, of whatever is wrong with it."""


class Budget:
    """What an export may still unpack to."""

    def __init__(self) -> None:
        self._bytes, self._files = _ALL, _MANY

    def take(self, name: str, size: int, packed: int | None = None) -> None:
        """Raises `StoreError` where a file goes beyond what is left, or is no file that anyone packed by hand."""
        self._bytes -= size
        if size > LARGEST:
            raise StoreError(f"{name} is too large ({size:,} bytes).", f"Up to {LARGEST:,} are read.")
        if self._bytes < 0:
            raise StoreError(f"With {name}, the export unpacks to more than {_ALL:,} bytes.", "Import it in parts.")
        if packed is not None and size > _SMALL and size > _RATIO * max(packed, 1):
            raise StoreError(f"{name} unpacks to {size // max(packed, 1):,} times its size, as no export does.")

    def count(self, name: str, files: int) -> None:
        """Raises `StoreError` where there are too many."""
        self._files -= files
        if self._files < 0:
            raise StoreError(f"{name} holds more than {_MANY:,} files.", "Import it in parts.")


class Bundle(Protocol):
    """Files by name."""

    def names(self) -> list[str]:
        """All of them, in order."""
        ...

    def read(self, name: str) -> bytes:
        """One file. Raises `StoreError`."""
        ...


class Zip:
    """The files of a .zip."""

    def __init__(self, archive: zipfile.ZipFile, shown: str, budget: Budget) -> None:
        self._archive, self._shown, self._budget = archive, shown, budget
        self._infos = {info.filename: info for info in archive.infolist() if not info.is_dir()}
        budget.count(shown, len(self._infos))

    def names(self) -> list[str]:
        return sorted(self._infos)

    def read(self, name: str) -> bytes:
        info = self._infos[name]
        self._budget.take(f"{name} in {self._shown}", info.file_size, info.compress_size)
        try:
            return self._archive.read(info)
        except DAMAGED as error:
            raise unzippable(self._shown, f"{name}: {error}") from error


class Folder:
    """The regular files of a folder and of those in it; links lead nowhere."""

    def __init__(self, folder: Path, budget: Budget) -> None:
        self._folder, self._budget = folder, budget
        self._names: list[str] = []
        for root, folders, files in os.walk(folder, followlinks=False):
            folders.sort()
            budget.count(str(folder), len(files) + len(folders))
            self._names += [str((Path(root) / file).relative_to(folder)) for file in files]

    def names(self) -> list[str]:
        return sorted(self._names)

    def read(self, name: str) -> bytes:
        return read_regular(self._folder / name, self._budget)


def read_regular(path: Path, budget: Budget) -> bytes:
    """A regular file's bytes; nothing that a reader would have to wait for. Raises `StoreError`."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                raise StoreError(f"{path} is no regular file, so it was not read.", "Name a file, or a folder of some.")
            budget.take(str(path), found.st_size)
            return file.read(LARGEST)
    except OSError as error:
        raise StoreError(
            f"{path} cannot be read: {error.strerror or error}.", "Check the name and its permissions."
        ) from error


def zips_in(bundle: Bundle, shown: str, budget: Budget, depth: int = 1) -> Iterator[tuple[Bundle, str]]:
    """A bundle, with those in it. Raises `StoreError` for one that cannot be opened or lies too deep."""
    yield bundle, shown
    for name in bundle.names():
        if name.lower().endswith(".zip"):
            inside = f"{name} in {shown}"
            if depth == _DEEP:
                raise StoreError(f"{inside} lies too deep.", "Unpack it, and import what it holds.")
            try:
                archive = zipfile.ZipFile(io.BytesIO(bundle.read(name)))
            except DAMAGED as error:
                raise unzippable(inside, str(error)) from error
            with archive:
                yield from zips_in(Zip(archive, inside, budget), inside, budget, depth + 1)


def unzippable(shown: str, reason: str) -> StoreError:
    """The error for a .zip that is damaged, encrypted or packed in a way that is not known here."""
    return StoreError(f"{shown} is no .zip that can be read: {reason}.", "Download it again.")


class Files:
    """Finds a file of a bundle by the id that its name begins with, in whatever folder it lies."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._by_base = sorted((PurePosixPath(name.replace(os.sep, "/")).name, name) for name in bundle.names())

    def find(self, id: str) -> tuple[str, bytes] | None:
        """The file's own name and its bytes; None where there is none, or it cannot be read."""
        place = bisect.bisect_left(self._by_base, (id, ""))
        if not id or place == len(self._by_base) or not self._by_base[place][0].startswith(id):
            return None
        base, name = self._by_base[place]
        try:
            return base, self._bundle.read(name)
        except StoreError:
            return None  # counted with those that the export does not hold
