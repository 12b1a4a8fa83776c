"""What a command reads and writes besides the terminal, looked at before a model is called and paid for."""

import os
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Any, TextIO, TypeVar, cast

from chatmodes.settings import ConfigError

_T = TypeVar("_T")


class OutputError(Exception):
    """Stdout takes no more: a full disk behind it, above all. No `OSError`, which is about some other file."""


class ReaderGoneError(BrokenPipeError):
    """Nobody reads our stdout any more."""


class Output:
    """Stdout, whose failures are told from those of every other file: none of them has a name in its `OSError`."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Raises `OutputError` and `ReaderGoneError`, as `flush` does."""
        return self._tried(lambda: self._stream.write(text))

    def flush(self) -> None:
        self._tried(self._stream.flush)

    def _tried(self, action: Callable[[], _T]) -> _T:
        try:
            return action()
        except BrokenPipeError as error:
            raise ReaderGoneError(*error.args) from error
        except OSError as error:
            raise OutputError(error.strerror or str(error)) from error


class Narration:
    """Stderr, which may be on a full disk or a pipe that nobody reads: what cannot be said costs no answer."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Never raises `OSError`, and neither does `flush`."""
        with suppress(OSError):
            return self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._stream.flush()


@contextmanager
def naming(file: Path) -> Generator[None]:
    """An `OSError` inside names this file: one from writing, unlike one from opening, has no name."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(file)) from error


MOST_PIPED = 64_000_000
"""Bytes of a prompt on stdin. A stream that never ends would fill the memory before any model turned it down."""
PATIENCE = 1.0
"""Seconds after which a person is told what is waited for."""


def piped_text(*, quiet: bool = False, most: int = MOST_PIPED) -> str:
    """Everything on stdin; nothing where the caller closed it. Bytes that are no text are replaced, which is said.

    Raises `ConfigError` for binary data and for more than `most` bytes.
    """
    if sys.stdin is None or sys.stdin.closed:  # pyright: ignore[reportUnnecessaryComparison] - `<&-` makes it None
        return ""
    waiting = threading.Timer(PATIENCE, _say, ["Reading stdin until it ends; `</dev/null` leaves it out."])
    waiting.daemon = True
    if not quiet:
        waiting.start()
    try:
        data = _piped_bytes(most)
    finally:
        waiting.cancel()
    text = data.decode("utf-8-sig", errors="replace")
    lost = text.count("\ufffd") - data.count("\ufffd".encode())
    if lost and not quiet:
        _say(f"Stdin is not all UTF-8 text: \ufffd stands in {lost:,} {'place' if lost == 1 else 'places'}.")
    return text


def _piped_bytes(most: int) -> bytes:
    pieces, size = list[bytes](), 0
    stdin = cast("BufferedReader", sys.stdin.buffer)
    while piece := stdin.read1(1 << 20):
        if b"\0" in piece:
            raise ConfigError("Stdin is binary data (it holds NUL bytes).", "Pipe text in.")
        size += len(piece)
        if size > most:
            bound = f"{most // 1_000_000} MB" if most >= 1_000_000 else f"{most:,} bytes"
            raise ConfigError(f"Stdin is larger than {bound}.", "Pipe less of it in.")
        pieces.append(piece)
    return b"".join(pieces)


def _say(text: str) -> None:
    print(f"chatmodes: {text}", file=sys.stderr, flush=True)


def writable(*files: Path | None) -> None:
    """Raise `ConfigError` for a results file that could not be written once the answers are there."""
    for file in files:
        if file is None:
            continue
        if file.is_dir():
            raise ConfigError(f"{file} is a folder.", "Name a file in it.")
        if file.exists() and not file.is_file():  # what is there is read first, and a pipe would be waited for
            raise ConfigError(f"{file} is no regular file.", "Name one; what is in it is read before it goes on.")
        if not file.parent.is_dir():
            raise ConfigError(
                f"There is no folder {file.parent} to write {file.name} in.", "Make it, or choose another."
            )
        if not os.access(file if file.exists() else file.parent, os.W_OK):
            raise ConfigError(f"{file} may not be written.", "Choose another place, or change its permissions.")
