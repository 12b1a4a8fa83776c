"""Tags as one types them, words behind a hash that may be left out where only tags are expected; and as SQL finds
them."""

import json
import re
from collections.abc import Iterable

from chatmodes.sanitize import one_line

_HASHED = re.compile(r"(?<!\S)#(?!\d+(?!\S))\S*")
LONGEST = 40
"""Characters of a tag."""


def tag_of(word: str) -> str:
    """The tag that a word names, in lower case; empty where it names none."""
    return one_line(word, LONGEST).strip().lstrip("#").lower()


def changed(now: tuple[str, ...], text: str) -> tuple[str, ...]:
    """The tags after what was typed: each word adds one, or takes it away behind a minus."""
    after = list(now)
    for word in text.replace(",", " ").split():
        tag = tag_of(word.removeprefix("-"))
        if word.startswith("-"):
            after = [one for one in after if one != tag]
        elif tag and tag not in after:
            after.append(tag)
    return tuple(after)


def shown(tags: Iterable[str]) -> str:
    """Tags as they are shown and searched for."""
    return " ".join(f"#{tag}" for tag in tags)


def split(query: str) -> tuple[str, tuple[str, ...]]:
    """What a search asks for: its words and phrases, and the tags it names by a hash. `#12` is a word, and what stands
    in quotes is no tag."""
    found: list[str] = []

    def named(hashed: re.Match[str]) -> str:
        found.append(tag_of(hashed[0]))
        return ""

    pieces = query.split('"')
    pieces[::2] = [_HASHED.sub(named, piece) for piece in pieces[::2]]
    return '"'.join(pieces).strip(), tuple(filter(None, found))


def tags_like(tag: str, *, begins: bool = False) -> str:
    """The LIKE pattern (escaped by a backslash) of a stored list of tags that holds this one, or with `begins` one that
    begins so."""
    told = json.dumps(tag, ensure_ascii=False)  # as the column has it
    return f"%{literally(told[:-1] if begins else told)}%"


def literally(text: str) -> str:
    """A text whose every character stands for itself in a LIKE pattern escaped by a backslash."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
