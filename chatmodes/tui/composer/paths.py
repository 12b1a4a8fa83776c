"""Finding paths for `@file` mentions: bounded in number and time, whatever folder one happens to stand in.

`match` walks the disk and blocks; the composer calls it in a thread. Started in `/` or a home folder full of
projects, the walk stops after 10,000 entries or 0.4 s, nearest folders first, and says nothing about the rest:
completion is a help, a path typed in full is always taken.
"""

import os
import time
from collections import deque
from pathlib import Path

from chatmodes.settings import expanded

MOST_ENTRIES = 10_000
MOST_SECONDS = 0.4
MOST_IN_FOLDER = 2_000
FRESH = 10.0
"""Seconds for which a walk is used again."""
_SKIPPED = frozenset({"node_modules", "__pycache__", "target", "venv", "site-packages", "dist", "build"})


class PathIndex:
    """The paths under `root`, walked when first asked for and again when `FRESH` has passed; none without a root."""

    def __init__(self, root: Path | None) -> None:
        self.root = root
        self._paths: list[str] = []
        self._walked = float("-inf")

    def match(self, prefix: str, limit: int = 50) -> list[str]:
        """Paths that fit what was typed, best first; folders end in a slash.

        Up to the last slash the prefix is a folder to look into; hidden ones, `~` and `..` too, since they are named.
        Without one it is looked for in all paths below the root, hidden folders left out.
        """
        if self.root is None:
            return []
        folder, slash, name = prefix.rpartition("/")
        if slash or prefix in ("~", "..") or prefix.startswith("."):
            listed = self._folder(self.root, folder + slash, name if slash else prefix)
            if listed or slash:
                return listed[:limit]
        return self._ranked(self.root, prefix, limit)

    def _folder(self, root: Path, folder: str, name: str) -> list[str]:
        if name in ("~", ".."):
            return [f"{name}/"]
        found: list[str] = []
        for path, is_folder in _entries(root / expanded(folder) if folder else root):
            hidden = path.startswith(".")
            if path.casefold().startswith(name.casefold()) and (not hidden or name.startswith(".")):
                found.append(f"{folder}{path}{'/' if is_folder else ''}")
        return sorted(found, key=lambda path: (not path.endswith("/"), path.casefold()))

    def _ranked(self, root: Path, prefix: str, limit: int) -> list[str]:
        if time.monotonic() - self._walked > FRESH:
            self._paths, self._walked = _walk(root), time.monotonic()
        wanted = prefix.casefold()
        # With nothing typed the nearest come first, as in a listing; else the shortest, which is likeliest meant.
        ranked = [
            (rank, len(path) if wanted else 0, path)
            for path in self._paths
            if (rank := _rank(wanted, path.casefold())) is not None
        ]
        return [path for _, _, path in sorted(ranked)[:limit]]


def _rank(wanted: str, path: str) -> int | None:
    name = path.rstrip("/").rpartition("/")[2]
    if name.startswith(wanted):
        return path.rstrip("/").count("/") if not wanted else 0
    if wanted in name:
        return 1
    if wanted in path:
        return 2
    letters = iter(path)
    return 3 if len(wanted) > 2 and all(letter in letters for letter in wanted) else None


def _entries(folder: Path) -> list[tuple[str, bool]]:
    """What is in a folder; nothing where it cannot be read."""
    found: list[tuple[str, bool]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if len(found) >= MOST_IN_FOLDER:
                    break
                if entry.name.isprintable():
                    found.append((entry.name, entry.is_dir()))
    except (OSError, ValueError):  # the latter for a NUL
        pass
    return found


def _walk(root: Path) -> list[str]:
    deadline = time.monotonic() + MOST_SECONDS
    paths: list[str] = []
    folders = deque([""])
    while folders and len(paths) < MOST_ENTRIES and time.monotonic() < deadline:
        folder = folders.popleft()
        for name, is_folder in sorted(_entries(root / folder)):
            if name.startswith(".") or name in _SKIPPED:
                continue
            path = f"{folder}{name}/" if is_folder else f"{folder}{name}"
            paths.append(path)
            # A link to a folder may lead back up: it is offered, not entered.
            if is_folder and not (root / path.rstrip("/")).is_symlink():
                folders.append(path)
    return paths[:MOST_ENTRIES]
