"""`@file` mentions as they stand in a prompt's text. What they name is looked for in `expanding`.

Only what was typed or completed by hand is attached: a pasted text must not be able to send a file, nor when it comes
back as a draft or an earlier prompt. So what is remembered is the marks that are somebody's own; text of any other
origin has none.
"""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatmodes.messages import Message

_MENTION = re.compile(r'(?<!\S)@(?:"([^"\n]+)"|([^\s"]+))')
_MARK = re.compile(r'(?<!\S)@(?:"[^"\n]*"?|[^\s"]*)')
"""A mention as it stands in the text, also while it is being typed."""
_TRAILING = ".,;:!?)]}'\""


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


def names_of(mention: str) -> tuple[str, ...]:
    """What a mention may name: as it stands, and without the punctuation of the sentence around it."""
    return tuple(dict.fromkeys(filter(None, (mention, mention.rstrip(_TRAILING)))))


def meant_as_file(mention: str) -> bool:
    """Whether a mention that names nothing was meant to: it has a folder or a file's ending, which no name has."""
    return "/" in mention or bool(re.search(r"\w\.[A-Za-z]\w{0,4}$", mention.rstrip(_TRAILING)))


def mentions_of(message: "Message") -> tuple[str, ...]:
    """The mentions in a prompt for which its files and pictures were attached."""
    names = {file.file for file in message.files} | {part.name for part in message.attached if part.mentioned}
    return tuple(one for one in mentions_in(message.written) if names.intersection(names_of(one)))
