"""`@file` mentions made into the files' contents, at the end of the request.

Only what is a readable, regular text file of bearable size goes out; everything else is refused in a sentence, so
that nobody believes that a model has read what it never got. A mention that names no file stays as it was typed:
`@alice` is a name. Only what was typed or completed by hand is attached: a pasted text must not be able to send a file,
nor when it comes back as a draft or an earlier prompt. So what is remembered is the marks that are somebody's own; text
of any other origin has none.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from chatmodes.messages import Text, user
from chatmodes.sanitize import clean
from chatmodes.settings import working_folder

MOST_BYTES = 256 * 1024
"""Of one file."""
MOST_BYTES_TOGETHER = 1024 * 1024
_MENTION = re.compile(r'(?<!\S)@(?:"([^"\n]+)"|([^\s"]+))')
_MARK = re.compile(r'(?<!\S)@(?:"[^"\n]*"?|[^\s"]*)')
"""A mention as it stands in the text, also while it is being typed."""
_TRAILING = ".,;:!?)]}'\""


@dataclass(frozen=True)
class Expanded:
    """A prompt as it was written, the files that go out after it, and what came of each mention."""

    written: str
    files: tuple[Text, ...] = ()
    """A part of the message for each file that is attached."""
    refused: tuple[str, ...] = ()
    """A sentence for each file that is not."""

    @property
    def text(self) -> str:
        """What the model reads."""
        return user(self.written, self.files).text

    @property
    def attached(self) -> tuple[str, ...]:
        """The paths of the files."""
        return tuple(file.file for file in self.files)


def mentions_in(text: str, marks: Collection[str] | None = None) -> tuple[str, ...]:
    """The paths mentioned, or those of `marks` alone, each once, in order. They need not be files."""
    found = (match for match in _MENTION.finditer(text) if marks is None or match[0] in marks)
    return tuple(dict.fromkeys(match[1] or match[2] for match in found))


def marks_in(text: str) -> frozenset[str]:
    """The mentions as they stand in the text."""
    return frozenset(_MARK.findall(text))


def mark_from(line: str, start: int) -> str:
    """The mark whose @ stands at `start`; empty where there is none."""
    return next((match[0] for match in _MARK.finditer(line) if match.start() == start), "")


def mark_before(line: str, column: int) -> tuple[int, str]:
    """Where the mark that `column` is in or at the end of begins, and the mark; -1 and nothing where there is none."""
    found = ((m.start(), m[0]) for m in _MARK.finditer(line) if m.start() < column <= m.end())
    return next(found, (-1, ""))


def expand_mentions(text: str, root: Path | None = None, mentions: Iterable[str] | None = None) -> Expanded:
    """Attach the files that `text` mentions, or those of `mentions` alone. Reads files: call it in a thread."""
    base = root or working_folder()
    mentions = None if mentions is None else tuple(mentions)
    files: dict[str, Text] = {}
    refused: list[str] = []
    room = MOST_BYTES_TOGETHER
    for mention in mentions_in(text) if mentions is None else mentions:
        found = _resolve(base, mention)
        if found is None and mentions is not None and _meant_as_file(mention):
            refused.append(f"{clean(mention)} is no file here, so nothing was attached for it.")
        if found is None or found[0] in files:
            continue
        name, path = found
        content = _read(path, name, room)
        if isinstance(content, Refusal):
            refused.append(str(content))
            continue
        room -= len(content.encode())
        files[name] = Text(f"\n\n{_block(name, content)}", name)
    if mentions is not None:
        refused += _not_by_hand(base, text, files)
    return Expanded(text, tuple(files.values()), tuple(refused))


def _meant_as_file(mention: str) -> bool:
    """Whether a mention that names nothing was meant to: it has a folder or a file's ending, which no name has."""
    return "/" in mention or bool(re.search(r"\w\.[A-Za-z]\w{0,4}$", mention.rstrip(_TRAILING)))


def mentions_of(written: str, files: Iterable[Text]) -> tuple[str, ...]:
    """The mentions in a prompt for which its files were attached."""
    names = {file.file for file in files}
    return tuple(one for one in mentions_in(written) if one in names or one.rstrip(_TRAILING) in names)


def _not_by_hand(base: Path | None, text: str, attached: Collection[str]) -> list[str]:
    """A sentence on the files that are mentioned and not attached; not on those that the text has in full already."""
    found = filter(None, (_resolve(base, mention) for mention in mentions_in(text)))
    names = [clean(name) for name, path in found if path.is_file() and name not in attached]
    names = [name for name in dict.fromkeys(names) if f"\n{name}:\n```" not in text]
    if not names:
        return []
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    how = "an @path is where it was typed or chosen by hand, in a prompt without a command."
    return [f"Not attached: {shown}; {how}"]


class Refusal(str):
    """The sentence that says why a file was not attached."""

    __slots__ = ()


def _resolve(base: Path | None, mention: str) -> tuple[str, Path] | None:
    """The file meant, and its name without the punctuation of the sentence around it.

    Without a folder to start from only a path in full means one.
    """
    for name in (mention, mention.rstrip(_TRAILING)):
        try:
            path = (base or Path()) / Path(name).expanduser()
            if name and (base or path.is_absolute()) and path.exists():
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
