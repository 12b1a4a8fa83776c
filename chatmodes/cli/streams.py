"""What a command reads and writes besides the terminal, looked at before a model is called and paid for."""

import os
import sys
from pathlib import Path

from chatmodes.settings import ConfigError


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
