"""Where files live: the user's folders, which are private to them, and what ships with the program."""

import os
from pathlib import Path
from typing import Literal


def shipped(name: str) -> Path:
    """A file or folder of the shipped `config/`: inside the package in a wheel, beside it in a checkout."""
    package = Path(__file__).parent.parent
    inside = package / "config"
    return (inside if inside.is_dir() else package.parent / "config") / name


def expanded(path: str) -> Path:
    """A path with the home folder for `~`; as it is written where nobody has that name, or no home folder."""
    try:
        return Path(path).expanduser()
    except (RuntimeError, ValueError):  # the latter for a NUL in a name
        return Path(path)


def home(kind: Literal["config", "data", "cache"]) -> Path:
    """The user's folder for a kind of file; all three are under CHATMODES_HOME where that is set. Not created here."""
    root = os.environ.get("CHATMODES_HOME")
    if root:
        return expanded(root) / kind
    import platformdirs  # 6 ms, needed only where CHATMODES_HOME is not set

    path = {
        "config": platformdirs.user_config_path,
        "data": platformdirs.user_data_path,
        "cache": platformdirs.user_cache_path,
    }[kind]
    return path("chatmodes", appauthor=False)


def private_folder(path: Path) -> Path:
    """Create a folder that only its owner can enter (0700), with its parents, and return it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


def working_folder() -> Path | None:
    """The working directory; None where it has been deleted or may not be looked up."""
    try:
        return Path.cwd()
    except OSError:
        return None
