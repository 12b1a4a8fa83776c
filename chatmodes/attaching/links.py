"""Where a name really leads: a link in a folder that somebody else filled may mean a private key by `notes`."""

import os
from pathlib import Path

from chatmodes.attaching.errors import AttachError
from chatmodes.sanitize import one_line
from chatmodes.settings import working_folder


def followed(path: Path, root: Path | None = None) -> Path:
    """The file that a path means, its links followed. It asks the disk: call it in a thread.

    Raises `AttachError`, which names the target, where a link leads out of `root`, or out of the path's own folder
    where that lies elsewhere; and for a path of which nothing can be said.
    """
    target, inside = _target(path, root)
    if not inside:
        shown = one_line(str(path), 200)
        raise AttachError(
            f"{shown} is a link out of its folder, to {one_line(str(target), 200)}; name that to attach it."
        )
    return target


def leads_out(path: Path) -> Path | None:
    """Where a path leads that is a link out of its folder, or out of the working folder where it lies in that; None for
    one that stays. Raises `AttachError` for a path of which nothing can be said."""
    target, inside = _target(path, working_folder())
    return None if inside else target


def _target(path: Path, root: Path | None) -> tuple[Path, bool]:
    try:
        named = _plain(path.expanduser())
        target = named.resolve()
        home = root if root is not None and named.is_relative_to(_plain(root)) else named.parent
        return target, target.is_relative_to(home.resolve())
    except (OSError, RuntimeError, ValueError) as error:  # no home folder, a loop of links, a NUL
        raise AttachError(f"There is no file {one_line(str(path), 200)}.") from error


def _plain(path: Path) -> Path:
    """A path in full and without `..`, whatever is on the disk."""
    return Path(os.path.normpath(path.absolute()))
