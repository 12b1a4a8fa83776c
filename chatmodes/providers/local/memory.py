"""How much memory a model needs and how much there is, so that a load that cannot succeed is refused in a sentence.

Without this the kernel decides: it kills the server, or the user's browser.
"""

import os
from pathlib import Path

from chatmodes.providers.local.gguf import Header

OVERHEAD = 150 * 2**20
"""Bytes for the process, its buffers for one batch and the list of words; measured 130 MB with a 135M model."""


def needed(file_size: int, header: Header, tokens: int) -> int:
    """Bytes to run a model with room for `tokens` tokens in all its slots together."""
    return file_size + header.cache_per_token * tokens + OVERHEAD


def available() -> int | None:
    """Bytes that can be had without swapping, within the container's limit where there is one; None where unknown."""
    found = [amount for amount in (_of_machine(), _of_container()) if amount is not None]
    return min(found, default=None)


def _of_machine() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # macOS has no such name
        return None


def _of_container() -> int | None:
    folder = Path("/sys/fs/cgroup")
    try:
        limit = int((folder / "memory.max").read_text())
        return max(0, limit - int((folder / "memory.current").read_text()))
    except (OSError, ValueError):  # no such control group, or "max" for no limit
        return None


def readable(size: int) -> str:
    """A number of bytes as people say it: "940 MB", "5.4 GB"."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(1, round(size / 1e6))} MB"
