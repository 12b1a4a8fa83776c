"""How configuration is read and written: bounded and never waiting, whole or not at all.

A name in a folder may stand for anything: a pipe that nobody writes to would hold the program for ever, a disk image
would fill its memory. And what is written here is nobody else's business, and must survive a crash half-way.
"""

import os
import stat
import tomllib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from chatmodes.settings.errors import ConfigError
from chatmodes.settings.folders import private_folder, shipped

LARGEST = 1_000_000
"""Bytes of a configuration file; beyond that it is some other file by mistake."""


def read_regular(path: Path, limit: int) -> bytes:
    """The bytes of a regular file of at most `limit` bytes; a larger one is refused unread.

    Never waits for a writer. Raises `FileNotFoundError` for a file that is not there, `ConfigError` for one that is
    too large, is no regular file, or cannot be read.
    """
    try:
        # Without O_NONBLOCK opening a pipe waits until somebody writes to it.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        try:
            found = os.fstat(handle)
            if not stat.S_ISREG(found.st_mode):
                what = "a folder" if stat.S_ISDIR(found.st_mode) else "no regular file"
                raise ConfigError(f"{path} cannot be read: it is {what}.", "Move it away, or put a file in its place.")
            if found.st_size > limit:
                raise ConfigError(f"{path} is too large ({found.st_size:,} bytes).", f"At most {limit:,} are read.")
            with os.fdopen(handle, "rb", closefd=False) as file:
                return file.read(limit)  # and no more of it, should it grow meanwhile
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:  # a name with a NUL in it is a ValueError
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise ConfigError(f"{path} cannot be read: {reason}.", "Check its permissions.") from error


def read_toml(path: Path, limit: int = LARGEST) -> dict[str, Any]:
    """A TOML file's table. Raises `ConfigError` with the file, the line and what is wrong there."""
    try:
        text = read_regular(path, limit).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", "Check its name.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    return parse_toml(text, str(path))


def read_shipped(name: str) -> dict[str, Any]:
    """The table of a TOML file that comes with the program, the caller's own to change. Raises `ConfigError`."""
    return msgspec.msgpack.decode(_packed(shipped(name)))


@cache
def _packed(path: Path) -> bytes:
    """A file that does not change, read once: the table of providers takes 12 ms, and every gateway begins with it."""
    return msgspec.msgpack.encode(read_toml(path))


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """A TOML document's table. Raises `ConfigError`, which begins with `where` the text comes from."""
    try:
        return tomllib.loads(text)
    except ValueError as error:  # a number of thousands of digits is not a TOMLDecodeError
        raise ConfigError(f"{where} is not valid TOML: {error}.", "Mend that line, or move the file away.") from error
    except RecursionError as error:
        hint = "Mend it, or move the file away."
        raise ConfigError(f"{where} is not valid TOML: it is nested too deeply.", hint) from error


def keep(path: Path, data: str | bytes) -> None:
    """Write a file of the program's own into the user's folder, which is made where it is not there, as `write_private`
    does. Raises `ConfigError`, which says what to do."""
    try:
        private_folder(path.parent)
        write_private(path, data)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.", "Check its permissions.") from error


def write_private(path: Path, data: str | bytes) -> None:
    """Write a file that only its owner can read, whole or not at all: a crash leaves what was there before.

    Its folder has to be there. What a link leads to is replaced, not the link. Raises `OSError` naming the file.
    """
    import tempfile  # 5 ms that reading does without

    temporary: Path | None = None
    try:
        target = path.resolve()
        # mkstemp creates with 0600, so that the text is at no moment open to others.
        handle, name = tempfile.mkstemp(prefix=f".{target.name[:80]}-", suffix=".part", dir=target.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)
            file.flush()
            os.fsync(handle)  # without it a power cut may leave the new name with nothing behind it
        temporary.replace(target)
    except BaseException as error:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror or str(error), str(path)) from error
        raise
