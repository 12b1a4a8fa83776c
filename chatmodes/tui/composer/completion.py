"""What can be completed at the cursor, and the candidates for it: commands, their arguments, files.

Plain functions over strings; the popup shows what they find and the composer puts the chosen one in.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

Arguments = Mapping[str, Callable[[], Sequence[tuple[str, str]]]]
"""For a command such as `/model`, what may follow it: (value, help), asked for each time."""


class Candidate(NamedTuple):
    """One line of the popup, and what it puts in place of what was typed."""

    label: str
    help: str
    insert: str


class Query(NamedTuple):
    """What is being typed: it starts at column `start` of the line and ends at the cursor."""

    kind: Literal["command", "argument", "file"]
    prefix: str
    start: int
    command: str = ""


_COMMAND = re.compile(r"/(\S*)$")
_ARGUMENT = re.compile(r"(/\S+)\s+(\S*)$")
_FILE = re.compile(r'(?<!\S)@("[^"]*|[^\s"]*)$')


def query_at(before: str, *, first_line: bool) -> Query | None:
    """The query in the line up to the cursor. Commands are commands only at the very beginning of the text."""
    if first_line and (match := _COMMAND.match(before)):
        return Query("command", match[1], 0)
    if first_line and (match := _ARGUMENT.match(before)):
        return Query("argument", match[2], match.start(2), match[1])
    if match := _FILE.search(before):
        return Query("file", match[1].removeprefix('"'), match.start())
    return None


def _rank(prefix: str, text: str) -> int | None:
    """How well a candidate fits, 0 the best: it begins with what was typed, holds it, or holds its letters in order."""
    wanted, text = prefix.casefold(), text.casefold()
    if text.startswith(wanted):
        return 0
    if wanted in text:
        return 1
    letters = iter(text)
    return 2 if len(wanted) > 1 and all(letter in letters for letter in wanted) else None


def commands(prefix: str, known: Iterable[tuple[str, str]]) -> list[Candidate]:
    """The commands that fit, in the order given within each quality of fit. Names come with or without their slash."""
    found: list[tuple[int, Candidate]] = []
    for given, text in known:
        name = given.lstrip("/")
        rank = _rank(prefix, name)
        if rank is not None:
            found.append((rank, Candidate(f"/{name}", text, f"/{name} ")))
    return [candidate for _, candidate in sorted(found, key=lambda pair: pair[0])]


def arguments(query: Query, known: Arguments) -> list[Candidate]:
    """What may follow a command."""
    source = known.get(query.command) or known.get(query.command.lstrip("/"))
    if source is None:
        return []
    ranked = [(_rank(query.prefix, value), value, text) for value, text in source()]
    fitting = sorted(((rank, v, t) for rank, v, t in ranked if rank is not None), key=lambda entry: entry[0])
    return [Candidate(value, text, value) for _, value, text in fitting[:200]]


def file_candidate(path: str) -> Candidate:
    """A path as a mention: quoted where it holds a space; a folder stays open for what is in it."""
    quoted = f'@"{path}"' if " " in path else f"@{path}"
    if path.endswith("/"):
        return Candidate(path, "folder", quoted.removesuffix('"'))
    return Candidate(path, "", f"{quoted} ")
