"""The files that a prompt mentions, read and made ready to go out with it.

What cannot be attached is refused in a sentence, so that nobody believes that a model has seen what it never got. A
mention that names no file stays as it was typed: `@alice` is a name.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from chatmodes.attaching import AttachError, attach_file, followed
from chatmodes.messages import File, Image, Text
from chatmodes.sanitize import clean
from chatmodes.settings import working_folder
from chatmodes.tui.composer.mentions import meant_as_file, mentions_in, names_of
from chatmodes.tui.reading import read

MOST_TEXT = 1024 * 1024
"""Bytes of all text files together."""


@dataclass(frozen=True)
class Expanded:
    """What came of the mentions in a prompt."""

    parts: tuple[Text | File | Image, ...] = ()
    """What is sent beside the text."""
    refused: tuple[str, ...] = ()
    """A sentence for each mention that was meant and cannot be attached."""
    passed_over: str = ""
    """A sentence on the files that are named in the text and were not mentioned by hand; empty where there is none."""

    @property
    def attached(self) -> tuple[str, ...]:
        """The names of what is sent."""
        return tuple(part.file if isinstance(part, Text) else part.name for part in self.parts)


async def expand_mentions(text: str, root: Path | None = None, mentions: Iterable[str] | None = None) -> Expanded:
    """Attach the files that `text` mentions, or those of `mentions` alone, as what they are."""
    base = root or working_folder()
    wanted = mentions_in(text) if mentions is None else tuple(mentions)
    made: dict[str, list[Text | File | Image]] = {}
    refused: list[str] = []
    room = MOST_TEXT
    for mention in wanted:
        try:
            found = await read(partial(_named, base, mention))
            if found is None and mentions is not None and meant_as_file(mention):
                refused.append(f"{clean(mention)} is no file here.")
            if found is None or found[0] in made:
                continue
            name, path = found
            parts = [_as_text(part) for part in await attach_file(path, name=name, mentioned=True)]
        except AttachError as problem:
            refused.append(str(problem))
            continue
        room -= sum(len(part.text.encode()) for part in parts if isinstance(part, Text))
        if room < 0:
            refused.append(f"{clean(name)} is too much: all text files together may have {MOST_TEXT // 1024} KB.")
            break
        made[name] = parts
    passed_over = "" if mentions is None else await read(partial(_not_by_hand, base, text, wanted))
    return Expanded(tuple(part for parts in made.values() for part in parts), tuple(refused), passed_over)


def _named(base: Path | None, mention: str) -> tuple[str, Path] | None:
    """What a mention calls a file, and the file. Raises `AttachError` for a link that leads out of the folder."""
    path = _existing(base, mention)
    return (path[0], followed(path[1], base)) if path else None


def _existing(base: Path | None, mention: str) -> tuple[str, Path] | None:
    """Without a folder to start from only a path in full means a file."""
    for name in names_of(mention):
        try:
            path = (base or Path()) / Path(name).expanduser()
            if (base or path.is_absolute()) and path.exists():
                return name, path
        except (OSError, RuntimeError, ValueError):  # a name too long, no home folder, a NUL
            continue
    return None


def _as_text(part: File | Image) -> Text | File | Image:
    """A text file as text under its name: it is stored once so, and read anew when its prompt is edited."""
    return Text(part.text, file=part.name) if isinstance(part, File) and part.media_type == "text/plain" else part


def _not_by_hand(base: Path | None, text: str, wanted: Collection[str]) -> str:
    """A sentence on the files that are mentioned and not attached; not on those that the text has in full already."""
    found = [_existing(base, mention) for mention in mentions_in(text) if mention not in wanted]
    names = [clean(each[0]) for each in found if each and each[1].is_file()]
    names = [name for name in dict.fromkeys(names) if f"\n{name}:\n```" not in text]
    if not names:
        return ""
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    how = "an @path is where it was typed or chosen by hand, in a prompt without a command."
    return f"Not attached: {shown}; {how}"
