"""What a command reads and writes besides the terminal, looked at before a model is called and paid for."""

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO, TypeVar

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


@contextmanager
def naming(file: Path) -> Generator[None]:
    """An `OSError` inside names this file: one from writing, unlike one from opening, has no name."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(file)) from error


def piped_text() -> str:
    """Everything on stdin; nothing where the caller closed it. Raises `ConfigError` for what is no text."""
    if sys.stdin is None or sys.stdin.closed:  # pyright: ignore[reportUnnecessaryComparison] - `<&-` makes it None
        return ""
    data = sys.stdin.buffer.read()
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"Stdin is not text (byte {error.start} is no UTF-8).", "Pipe text in.") from None
    if "\0" in text:
        raise ConfigError("Stdin is binary data (it holds NUL bytes).", "Pipe text in.")
    return text


def writable(*files: Path | None) -> None:
    """Raise `ConfigError` for a results file that could not be written once the answers are there."""
    for file in files:
        if file is None:
            continue
        if file.is_dir():
            raise ConfigError(f"{file} is a folder.", "Name a file in it.")
        if not file.parent.is_dir():
            raise ConfigError(
                f"There is no folder {file.parent} to write {file.name} in.", "Make it, or choose another."
            )
        if not os.access(file if file.exists() else file.parent, os.W_OK):
            raise ConfigError(f"{file} may not be written.", "Choose another place, or change its permissions.")
