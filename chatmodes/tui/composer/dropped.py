"""Files that were dropped on the terminal, which pastes their paths, and paths that somebody pastes alone.

Terminals write them differently: as they are, quoted, with backslashes before spaces, as `file://` addresses, several
in a row. A path counts only where a regular file of that name is there; whatever else was pasted is text.
"""

import os
import re
import shlex
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

LONGEST = 16_384
"""Characters of a paste that may be paths."""
_BEGINS = re.compile(r"""["']?(?:/|~/|\\|file://|[A-Za-z]:[\\/])""")
_DRIVE = re.compile(r"([A-Za-z]):[\\/](.*)", re.DOTALL)


def may_be_paths(text: str) -> bool:
    """Whether a paste looks like paths and nothing else, without a look at the disk."""
    return len(text) <= LONGEST and _BEGINS.match(text.strip()) is not None


def files_of(text: str, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """The regular files that a paste names, all of it; empty where it is a text. It asks the disk: call it in a
    thread."""
    for reading in _readings(text.strip()):
        paths = [_path(each, environ) for each in reading]
        if paths and all(path is not None and _is_file(path) for path in paths):
            return [path for path in paths if path is not None]
    return []


def _readings(text: str) -> list[list[str]]:
    """What a paste may name: one path with its spaces, one a line, or words as a shell reads them."""
    readings = [[text], [line.strip() for line in text.splitlines() if line.strip()]]
    with suppress(ValueError):  # a quotation mark without another
        readings.append(shlex.split(text))
    return readings


def _path(word: str, environ: Mapping[str, str]) -> Path | None:
    drive = _DRIVE.fullmatch(word)
    if drive and environ.get("WSL_DISTRO_NAME"):
        return Path("/mnt", drive[1].lower(), drive[2].replace("\\", "/"))
    try:
        path = Path(unquote(urlsplit(word).path)) if word.startswith("file://") else Path(word).expanduser()
    except (RuntimeError, ValueError):  # ~somebody without a home; `file://[`, a NUL
        return None
    return path if path.is_absolute() else None


def _is_file(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (OSError, ValueError):  # no such file, a name too long, a NUL
        return False
