"""Files of exports: named by what is in them, written whole, and over nothing that was not to go."""

import errno
import os
import unicodedata
from datetime import date
from pathlib import Path

from chatmodes.settings import write_private

_BYTES = 120
"""Of a name without its number and ending; the least that a file system in use takes is 143."""


def file_name(title: str, day: date) -> str:
    """A title and a day as a name that every file system takes, without an ending: letters and digits of any script."""
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" else "-" for c in unicodedata.normalize("NFC", title))
    words = "-".join(filter(None, kept.lower().split("-")))
    room = _BYTES - len(f"-{day}")
    short = words.encode()[:room].decode(errors="ignore").strip("-")
    return f"{short or 'conversation'}-{day}"


def free_path(folder: Path, name: str, form: str) -> Path:
    """A path in a folder that no file has yet, numbered where others are called so."""
    paths = (folder / f"{name}{number}.{form}" for number in ("", *(f"-{n}" for n in range(2, 1000))))
    return next((path for path in paths if not path.exists()), folder / f"{name}.{form}")


def save(file: Path, document: str, *, overwrite: bool = False) -> None:
    """Write a document whole or not at all; it may hold what is nobody else's business, so only its owner reads it.

    Raises `FileExistsError`, unless it may be overwritten, and other `OSError`s, all of them naming the file.
    """
    if file.exists() and not (overwrite and file.is_file()):  # a device is no file to be replaced by one
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(file))
    write_private(file, document)
