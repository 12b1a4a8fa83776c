"""Files that items come with: named beside the questions, relative to the items' file, and within its folder.

An items' file is often somebody else's. It may name what it came with and nothing more: no path in full, no way up, no
link out, no address, or an evaluation would send a provider what is on the disk of whoever runs it.
"""

import hashlib
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import msgspec

from chatmodes.attaching import AttachError, Part, attach_bytes, followed, kind_of, off_loop, read_file


class Attached(msgspec.Struct, frozen=True):
    """A file of an item: another content makes another item."""

    name: str
    """Relative to the items' file."""
    hash: str
    """SHA-256 of the file, in hex."""
    picture: bool = False


def looked_up(names: Sequence[str], folder: Path) -> tuple[Attached, ...]:
    """The files that an item names. It reads them. Raises `ValueError` for what cannot be attached."""
    found: list[Attached] = []
    for name in names:
        try:
            data = _read(name, folder)
        except AttachError as problem:
            raise ValueError(str(problem).rstrip(".")) from problem
        kind = kind_of(data)
        if kind is None or not data:
            raise ValueError(f"{name} is {'no file that models read' if data else 'empty'}")
        found.append(Attached(name, hashlib.sha256(data).hexdigest(), kind.kind == "image"))
    return tuple(found)


async def parts_of(files: Sequence[Attached], folder: Path) -> list[Part]:
    """The files made ready to send. Raises `AttachError`, also for one that is no longer what the item was made of."""
    parts: list[Part] = []
    for file in files:
        data = await off_loop(partial(_read, file.name, folder))
        if hashlib.sha256(data).hexdigest() != file.hash:
            raise AttachError(f"{file.name} was changed while the evaluation ran.")
        parts += await attach_bytes(data, PurePosixPath(file.name).name)
    return parts


def _read(name: str, folder: Path) -> bytes:
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "://" in name or name.startswith("~"):
        raise AttachError(f"{name or 'An empty name'} is outside the folder of the items.")
    return read_file(followed(folder / path, folder), name)
