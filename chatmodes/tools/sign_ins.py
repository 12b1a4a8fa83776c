"""Where a sign-in at a server of tools is kept: a file of its own, which only its owner can read, and never the
settings, which people show to each other.

A sign-in belongs to a name and an address: another address under a known name is sent nothing of it.
"""

import hashlib
import re
from pathlib import Path

from chatmodes.settings import ConfigError, home, keep, read_regular

LARGEST = 200_000


def path_of(name: str, url: str) -> Path:
    """The file of a server's sign-in, whether it is there or not."""
    digest = hashlib.sha256(f"{name}\n{url}".encode()).hexdigest()[:16]
    return home("data") / "mcp" / "sign-ins" / f"{re.sub(r'[^A-Za-z0-9_-]', '_', name)[:32]}-{digest}.json"


def read(name: str, url: str) -> bytes | None:
    """What is kept; None where there is nothing that can be read."""
    try:
        return read_regular(path_of(name, url), LARGEST)
    except (OSError, ConfigError):
        return None


def write(name: str, url: str, data: bytes) -> None:
    """Keep it. Raises `ConfigError` where the file cannot be written."""
    keep(path_of(name, url), data)


def forget(name: str, url: str) -> bool:
    """Delete it, and say whether there was anything. Raises `OSError`."""
    try:
        path_of(name, url).unlink()
    except FileNotFoundError:
        return False
    return True
