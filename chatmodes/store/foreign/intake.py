"""What the readers of exports share beside the tree: the files that came along, and the account of what was done.

Nobody reads a thousand conversations after an import to see what is missing, so it is counted as it happens.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from chatmodes.messages import File, Part, Reasoning, Text
from chatmodes.sanitize import fenced, one_line
from chatmodes.store.archive import ArchivedFile
from chatmodes.store.files import PLAIN, sha256

Piece = Part | ArchivedFile
"""A part of a message, or a file that hangs on it without being something a model reads."""
Attach = Callable[[bytes, str], Sequence[Part]]
"""Makes the bytes of a file, with its name, into what a model is sent; empty where no model reads such a file."""
Find = Callable[[str], tuple[str, bytes] | None]
"""The name and bytes of the file of the export whose name begins with an id; None where it holds none."""

_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".heic", ".bmp", ".tiff")


class Tally:
    """How much of each kind was kept in another form, and how much was left out."""

    def __init__(self) -> None:
        self.kept: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()


class Intake:
    """One export while it is read."""

    def __init__(self, tally: Tally, find: Find | None = None, attach: Attach | None = None) -> None:
        self._tally = tally
        self._find = find
        self._attach = attach

    def kept(self, kind: str) -> None:
        """Count something that was no message and is kept as text."""
        self._tally.kept[kind] += 1

    def left_out(self, kind: str) -> None:
        """Count something that is not taken in."""
        self._tally.left_out[kind] += 1

    def reasoning(self, text: str) -> list[Piece]:
        """What a model thought, which no model is sent again. Only encrypted, it says nothing here and is counted."""
        if not text.strip():
            self.left_out("encrypted reasoning")
            return []
        return [Reasoning(text)]

    def file(self, name: str, *ids: str, picture: bool = False) -> list[Piece]:
        """A file that a message names, from the export; a word in its place where the export does not hold it."""
        picture = picture or name.lower().endswith(_PICTURES)
        for id in filter(None, ids):
            if self._find and (found := self._find(id)):
                stored, data = found
                return self.bytes(data, name or stored)
        self.left_out("picture" if picture else "file")
        return [Text("[image]" if picture else f"[file {one_line(name) or 'without a name'}]")]

    def bytes(self, data: bytes, name: str, media_type: str = "") -> list[Piece]:
        """A file that is there, as what a model is sent where it can read it."""
        name = one_line(PurePosixPath(name).name) or "file"
        if data and self._attach and (parts := self._attach(data, name)):
            return list(parts)
        return [ArchivedFile(name=name, media_type=media_type, data=data)]


def text_file(name: str, text: str) -> File:
    """A text that came with a message, as a file that a model reads."""
    name, data = one_line(name) or "file", text.encode(errors="replace")
    shown = f"\n\n{name}:\n{fenced(text, PurePosixPath(name).suffix[1:])}"
    return File(name, PLAIN, sha256(data), len(data), data, shown)


def code(text: str, language: str = "") -> Text:
    """Code between fences."""
    return Text(fenced(text, "" if language == "unknown" else language))


def document(title: str, text: str, language: str = "") -> Text:
    """Something that was written beside the conversation, such as a canvas or an artifact."""
    return Text(f"{one_line(title) or 'Document'}:\n\n{fenced(text, language)}")


def call(tool: str, text: str, language: str = "") -> Text:
    """What a tool was asked."""
    return Text(f"Call of {one_line(tool) or 'a tool'}:\n\n{fenced(text, language)}")


def result(tool: str, text: str) -> Text:
    """What a tool answered."""
    return Text(f"Result of {one_line(tool) or 'a tool'}:\n\n{fenced(text)}")


def source_list(sources: dict[str, str]) -> str:
    """Sources, title by address, as a numbered list; empty where there are none."""
    if not sources:
        return ""
    return "Sources:\n\n" + "\n".join(f"{n}. {_source(*each)}" for n, each in enumerate(sources.items(), 1))


def _source(address: str, title: str) -> str:
    title = one_line(title)
    return f"{title}: {address}" if title and title != address else address
