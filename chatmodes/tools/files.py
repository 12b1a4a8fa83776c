"""`read_file` and `find_files`: the working directory and nothing outside it.

A path is walked part by part from an open folder and no part may be a link: a check of the whole path beforehand can be
overtaken by a link that is put there a moment later.
"""

import errno
import os
import stat
from collections.abc import Generator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

import msgspec
from anyio import to_thread

from chatmodes.tools.base import Arguments, Context, ToolError, Touch, read, schema

LARGEST = 10_000_000
"""Bytes of a file that is read."""
SEARCHED = 1_000_000
"""Bytes of a file that is searched for a text."""
LINES = 400
"""Lines that are read unless more are asked for."""
FOUND = 200
"""Files that are listed."""
VISITED = 50_000
"""Files that are looked at."""
_SKIPPED = frozenset((".git", ".hg", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".mypy_cache"))
_SECRET = (".env", ".env.*", "*.pem", "*.key", "id_rsa*", "id_ed25519*", "id_ecdsa*", ".netrc", ".pgpass", ".ssh",
           ".gnupg", ".aws", ".git-credentials", ".npmrc", ".pypirc")  # fmt: skip
"""Names of what holds keys. A model's prompt is no place for them; who means it attaches the file by hand."""


class _Read(msgspec.Struct, frozen=True):
    path: str
    line: int = 1
    lines: int = LINES


class _Find(msgspec.Struct, frozen=True):
    pattern: str = "*"
    contains: str = ""


class ReadFile:
    """A text file of the working directory."""

    name = "read_file"
    description = (
        "Reads a text file of the user's working directory, with line numbers. Long files are read in parts: `line` is "
        "the first line wanted, `lines` how many."
    )
    parameters = schema(
        ("path",),
        path=("string", "Relative to the working directory"),
        line=("integer", "The first line, from 1"),
        lines=("integer", f"How many lines; {LINES} unless said"),
    )
    touches: tuple[Touch, ...] = ("reads",)

    def scope(self, arguments: Arguments) -> str:
        """Which file is read."""
        return f"read the file {read(arguments, _Read).path} in the working directory"

    def subjects(self, arguments: Arguments) -> tuple[str, ...]:
        """The path, in its shortest form."""
        return ("/".join(_parts(read(arguments, _Read).path)) or ".",)

    def pattern(self, arguments: Arguments) -> str:
        """Every file of the working directory."""
        del arguments
        return ""

    async def run(self, arguments: Arguments, context: Context) -> str:
        """The lines. Raises `ToolError` for what is no text file inside the working directory."""
        wanted = read(arguments, _Read)
        text = await to_thread.run_sync(_text_of, _root(context), wanted.path, LARGEST, abandon_on_cancel=True)
        lines = text.splitlines()
        first = min(max(wanted.line, 1), max(len(lines), 1))
        shown = lines[first - 1 : first - 1 + max(wanted.lines, 1)]
        last = first + len(shown) - 1
        body = "\n".join(f"{number:>6}  {line}" for number, line in enumerate(shown, first))
        rest = f"\n[lines {first} to {last} of {len(lines)}]" if len(shown) < len(lines) else ""
        return (body or "(the file is empty)") + rest


class FindFiles:
    """Files of the working directory by name and content."""

    name = "find_files"
    description = (
        "Lists files of the user's working directory whose path fits a pattern such as *.py or docs/*.md and, where "
        f"`contains` is given, that hold that text. At most {FOUND} are listed."
    )
    parameters = schema(
        (),
        pattern=("string", "With * and ?; without a slash it is the name's"),
        contains=("string", "A text that the file holds, upper and lower case alike"),
    )
    touches: tuple[Touch, ...] = ("reads",)

    def scope(self, arguments: Arguments) -> str:
        """What is looked for."""
        wanted = read(arguments, _Find)
        inside = f" that contain {wanted.contains!r}" if wanted.contains else ""
        return f"look for files named {wanted.pattern}{inside} in the working directory"

    def subjects(self, arguments: Arguments) -> tuple[str, ...]:
        """The pattern."""
        return (read(arguments, _Find).pattern,)

    def pattern(self, arguments: Arguments) -> str:
        """Every search."""
        del arguments
        return ""

    async def run(self, arguments: Arguments, context: Context) -> str:
        """The paths with their sizes, in order."""
        wanted = read(arguments, _Find)
        return await to_thread.run_sync(_found, _root(context), wanted, abandon_on_cancel=True)


def _root(context: Context) -> Path:
    if context.folder is None:
        raise ToolError("There is no working directory.")
    if os.open not in os.supports_dir_fd:
        raise ToolError("Files cannot be read safely on this system.")
    return context.folder


def _parts(path: str) -> tuple[str, ...]:
    """The names of a path inside the working directory. Raises `ToolError` for one that leads out."""
    pure = PurePosixPath(path.strip())
    if "\0" in path or pure.is_absolute() or ".." in pure.parts or path.startswith("~"):
        raise ToolError(f"{path[:200]!r} is outside the working directory; only what is inside it may be read.")
    return pure.parts


def _secret(name: str) -> bool:
    return any(fnmatchcase(name.lower(), pattern) for pattern in _SECRET)


@contextmanager
def _opened(root: Path, parts: tuple[str, ...]) -> Generator[int]:
    """The file at the end of the parts, none of which is a link. Raises `OSError`."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    handle = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for at, part in enumerate(parts):
            last = at == len(parts) - 1
            inner = os.open(part, flags if last else flags | os.O_DIRECTORY, dir_fd=handle)
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def _text_of(root: Path, path: str, largest: int) -> str:
    parts = _parts(path)
    if any(map(_secret, parts)):
        raise ToolError(f"{path[:200]!r} holds secrets by its name, and is not read. The user can attach it.")
    try:
        with _opened(root, parts) as handle:
            found = os.fstat(handle)
            if stat.S_ISDIR(found.st_mode):
                raise ToolError(f"{path[:200]!r} is a folder; find_files lists what is in it.")
            if not stat.S_ISREG(found.st_mode):
                raise ToolError(f"{path[:200]!r} is no regular file.")
            if found.st_size > largest:
                raise ToolError(f"{path[:200]!r} is too large ({found.st_size:,} bytes; {largest:,} are read).")
            with os.fdopen(os.dup(handle), "rb") as file:
                data = file.read(largest)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.EMLINK):
            raise ToolError(f"{path[:200]!r} leads through a link or a file; links are not followed.") from error
        raise ToolError(f"{path[:200]!r} cannot be read: {error.strerror or error}.") from error
    if b"\0" in data[:8192]:
        raise ToolError(f"{path[:200]!r} is no text file.")
    return data.decode("utf-8-sig", errors="replace")


def _found(root: Path, wanted: _Find) -> str:
    needle = wanted.contains.casefold()
    lines: list[str] = []
    visited = 0
    for folder, folders, names, handle in os.fwalk(root, follow_symlinks=False):
        folders[:] = sorted(each for each in folders if each not in _SKIPPED and not _secret(each))
        inside = PurePosixPath(Path(folder).relative_to(root).as_posix())
        for name in sorted(names):
            visited += 1
            if visited > VISITED or len(lines) >= FOUND:
                return "\n".join([*lines, f"[stopped at {len(lines)} files found, {visited:,} looked at]"])
            path = (inside / name).as_posix()
            if _secret(name) or not _fits(path, name, wanted.pattern):
                continue
            try:
                found = os.stat(name, dir_fd=handle, follow_symlinks=False)
            except OSError:  # it vanished meanwhile
                continue
            if stat.S_ISREG(found.st_mode) and (not needle or _holds(root, path, needle)):
                lines.append(f"{path}  {found.st_size:,} bytes")
    return "\n".join(lines) or "No file fits."


def _fits(path: str, name: str, pattern: str) -> bool:
    if "/" not in pattern:
        return fnmatchcase(name, pattern)
    return fnmatchcase(path, pattern) or ("**/" in pattern and fnmatchcase(path, pattern.replace("**/", "")))


def _holds(root: Path, path: str, needle: str) -> bool:
    try:
        return needle in _text_of(root, path, SEARCHED).casefold()
    except ToolError:  # too large, no text, or not to be read
        return False
