"""Attaching: read within bounds, look at what it is, make it ready."""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread

from chatmodes.attaching import kinds
from chatmodes.attaching.apart import apart
from chatmodes.attaching.documents import SECONDS, Pages
from chatmodes.attaching.errors import AttachError
from chatmodes.attaching.pictures import LOCKING, Ready, prepared
from chatmodes.attaching.pictures import SECONDS as PICTURE_SECONDS
from chatmodes.messages import File, Image
from chatmodes.sanitize import fenced, one_line

MOST = 40
"""Attachments of one prompt."""
LARGEST = 64 * 1024 * 1024
"""Bytes of a picture or a PDF as it is on disk."""
LARGEST_TEXT = 1024 * 1024
_URL = re.compile(r"https?://", re.IGNORECASE)

Part = File | Image
T = TypeVar("T")


async def attach(sources: Sequence[str | os.PathLike[str]]) -> list[Part]:
    """The parts of files and addresses, in order. Raises `AttachError` for the first that cannot be attached, before
    anything is sent; an address is fetched here, by the word of whoever named it."""
    if len(sources) > MOST:
        raise AttachError(f"{len(sources)} files are too many for one prompt; attach {MOST} at most.")
    parts: list[Part] = []
    for source in sources:
        if isinstance(source, str) and _URL.match(source):
            from chatmodes.attaching.fetching import fetched

            name, data = await fetched(source)
            parts += await attach_bytes(data, name)
        else:
            parts += await attach_file(Path(source))
    return parts


async def attach_file(path: Path, *, name: str = "", mentioned: bool = False) -> list[Part]:
    """A file's parts: one, or a scanned PDF with its pages. `name` is what it is called, the file's own where empty;
    `mentioned` says that the prompt names it so. Raises `AttachError`."""
    data = await off_loop(partial(read_file, path, name or str(path)))
    return await attach_bytes(data, name or path.name, mentioned=mentioned)


async def attach_bytes(data: bytes, name: str, *, mentioned: bool = False) -> list[Part]:
    """The parts of bytes that are there already. Raises `AttachError`."""
    name = one_line(name, 200) or "file"
    if not data:
        raise AttachError(f"{name} is empty, so it was not attached.")
    found = kinds.kind_of(data)
    if found is None:
        raise AttachError(f"{name} is {kinds.named(data)}, which no model reads; attach text, pictures or PDFs.")
    match found.kind:
        case "image":
            return [await _image(data, name, found.media_type, mentioned=mentioned)]
        case "pdf":
            return await _pdf(data, name, mentioned=mentioned)
        case "text":
            return [await off_loop(partial(_text, data, name, mentioned=mentioned))]


async def picture(data: bytes, name: str) -> Image:
    """Bytes that are to be a picture, and nothing else. Raises `AttachError`."""
    name = one_line(name, 200) or "picture"
    found = kinds.kind_of(data) if data else None
    if found is None or found.kind != "image":
        raise AttachError(f"{name} is no picture that can be read.")
    return await _image(data, name, found.media_type, mentioned=False)


async def _image(data: bytes, name: str, media_type: str, *, mentioned: bool) -> Image:
    if media_type in LOCKING:
        ready = await apart("picture", data, name, Ready, PICTURE_SECONDS)
    else:
        ready = await off_loop(partial(prepared, data, name))

    def made() -> Image:
        sent, hash = ready.content, _hash(ready.content)
        size = ready.width, ready.height
        return Image(name, ready.media_type, hash, *size, len(sent), sent, _hash(data), mentioned)

    return await off_loop(made)


async def _pdf(data: bytes, name: str, *, mentioned: bool) -> list[Part]:
    pages = await apart("pdf", data, name, Pages, SECONDS)
    cut = " (the rest was left out)" if pages.cut else ""
    head = f"\n\n{name}, a PDF of {pages.count} page{'s' if pages.count != 1 else ''}{cut}:\n"
    body = pages.text or "(its pages have no text and are attached as pictures)"
    hash = await off_loop(partial(_hash, data))
    parts: list[Part] = [File(name, "application/pdf", hash, len(data), data, head + fenced(body), mentioned)]
    for at, picture in enumerate(pages.pictures):
        parts.append(await _image(picture, f"{name}, page {at + 1}", "image/png", mentioned=mentioned))
    return parts


def _text(data: bytes, name: str, *, mentioned: bool) -> File:
    if len(data) > LARGEST_TEXT:
        raise AttachError(f"{name} has more than {LARGEST_TEXT // 1024} KB of text; attach the part that matters.")
    text, odd = kinds.decoded(data)
    note = f" ({odd})" if odd else ""
    shown = f"\n\n{name}{note}:\n{fenced(text.replace(chr(13) + chr(10), chr(10)), Path(name).suffix[1:])}"
    return File(name, "text/plain", _hash(data), len(data), data, shown, mentioned)


def read_file(path: Path, name: str) -> bytes:
    """A regular file's bytes, read without ever waiting for a writer. Raises `AttachError`, which calls it `name`."""
    name = one_line(name, 200)
    try:
        handle = os.open(path.expanduser(), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        with os.fdopen(handle, "rb") as file:
            before = os.fstat(handle)
            if stat.S_ISDIR(before.st_mode):
                raise AttachError(f"{name} is a folder; name the files in it.")
            if not stat.S_ISREG(before.st_mode):
                raise AttachError(f"{name} is no regular file, so it was not read.")
            if before.st_size > LARGEST:
                raise AttachError(
                    f"{name} has {before.st_size / 1e6:,.0f} MB; at most {LARGEST // 2**20} are attached."
                )
            data = file.read(LARGEST + 1)
            after = os.fstat(handle)
    except IsADirectoryError as error:
        raise AttachError(f"{name} is a folder; name the files in it.") from error
    except FileNotFoundError as error:
        raise AttachError(f"There is no file {name}.") from error
    except RuntimeError as error:  # ~somebody without a home
        raise AttachError(f"There is no file {name}.") from error
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise AttachError(f"{name} cannot be read: {reason}.") from error
    if before.st_size == after.st_size == 0 and len(data) <= LARGEST:
        return data  # the system makes some files while they are read, and they have no size before
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) != after.st_size:
        raise AttachError(f"{name} changed while it was read; attach it again when it is written.")
    return data


async def off_loop(call: Callable[[], T]) -> T:
    """Call in a thread: what takes long for a large file must not hold up a key press."""
    return await anyio.to_thread.run_sync(call, abandon_on_cancel=True)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
