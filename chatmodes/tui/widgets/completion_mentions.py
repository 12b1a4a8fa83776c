"""`@file` mentions made into the files' contents, at the end of the request.

Only what is a readable, regular text file of bearable size goes out; everything else is refused in a sentence, so
that nobody believes that a model has read what it never got. A mention that names no file stays as it was typed:
`@alice` is a name. What came in with a paste is not attached: a pasted text must not be able to send a file.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from chatmodes.sanitize import clean

MOST_BYTES = 256 * 1024
"""Of one file."""
MOST_BYTES_TOGETHER = 1024 * 1024
_MENTION = re.compile(r'(?<!\S)@(?:"([^"\n]+)"|([^\s"]+))')
_TRAILING = ".,;:!?)]}'\""


@dataclass(frozen=True)
class Expanded:
    """The request's text with the files after it, and what came of each mention."""

    text: str
    attached: tuple[str, ...] = ()
    """Paths whose contents are in `text`."""
    refused: tuple[str, ...] = ()
    """A sentence for each file that is not."""


def mentions_in(text: str) -> tuple[str, ...]:
    """The paths mentioned, each once, in order. Whether they are files is another question."""
    return tuple(dict.fromkeys(match[1] or match[2] for match in _MENTION.finditer(text)))


def expand_mentions(text: str, root: Path | None = None, mentions: Iterable[str] | None = None) -> Expanded:
    """Attach the files that `text` mentions, or those of `mentions` alone. Reads files: call it in a thread."""
    base = root or Path.cwd()
    parts: list[str] = []
    attached: list[str] = []
    refused: list[str] = []
    room = MOST_BYTES_TOGETHER
    for mention in mentions_in(text) if mentions is None else mentions:
        found = _resolve(base, mention)
        if found is None or found[0] in attached:
            continue
        name, path = found
        content = _read(path, name, room)
        if isinstance(content, Refusal):
            refused.append(str(content))
            continue
        room -= len(content.encode())
        attached.append(name)
        parts.append(_block(name, content))
    return Expanded("\n\n".join([text, *parts]), tuple(attached), tuple(refused))


class Refusal(str):
    """The sentence that says why a file was not attached."""

    __slots__ = ()


def _resolve(base: Path, mention: str) -> tuple[str, Path] | None:
    """The file meant, and its name without the punctuation of the sentence around it."""
    for name in (mention, mention.rstrip(_TRAILING)):
        try:
            path = base / Path(name).expanduser()
            if name and path.exists():
                return name, path
        except (OSError, RuntimeError, ValueError):  # a name too long, no home folder, a NUL
            continue
    return None


def _read(path: Path, name: str, room: int) -> str | Refusal:
    name = clean(name)
    if path.is_dir():
        return Refusal(f"{name} is a folder, so it was not attached; name the files in it.")
    if not path.is_file():
        return Refusal(f"{name} is not a regular file, so it was not attached.")
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        return Refusal(f"{name} could not be read ({error.strerror or 'unknown reason'}), so it was not attached.")
    if len(data) > MOST_BYTES:
        return Refusal(
            f"{name} is larger than {MOST_BYTES // 1024} KB, so it was not attached; paste the part that matters."
        )
    if len(data) > room:
        limit = MOST_BYTES_TOGETHER // 1024
        return Refusal(
            f"{name} was not attached: all files together may have {limit} KB; send it with the next prompt."
        )
    try:
        content = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        content = "\0"
    if "\0" in content:
        return Refusal(f"{name} is not UTF-8 text, so it was not attached.")
    return content.replace("\r\n", "\n")


def _block(name: str, content: str) -> str:
    """The file as a fence longer than any in it, so that its own fences cannot end it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", content)), default=2)
    fence = "`" * (longest + 1)
    language = Path(name).suffix.removeprefix(".")
    return f"{name}:\n{fence}{language}\n{content.rstrip()}\n{fence}"
