"""Large pastes folded to a chip: what the editor holds in their place, and the way back.

A chip is a run of ordinary characters in the editor's document, so that the cursor, wrapping and undo treat it like
text. Its first character is from plane 16's private area and numbers the paste; the rest is the label, with a private
filler for spaces so that it does not wrap. It says "quoted" where every line is a quotation. Nothing typed can be
mistaken for it, and the paste itself is kept aside, whole, so that undo finds it again.
"""

import itertools
import re
from collections.abc import Iterable

from chatmodes.tui.figures import line_count

FOLD_LINES = 10
"""A paste of more lines than this is folded …"""
FOLD_CHARACTERS = 2_000
"""… or of more characters."""

_FIRST, _LAST, FILLER = 0x10F000, 0x10FFF0, "\U0010fff8"
_CHIP = re.compile(f"([\U0010f000-\U0010fff0])(?:pasted|quoted){FILLER}[0-9,]+{FILLER}(?:lines|characters)\\]")


def is_large(text: str) -> bool:
    """Whether a paste is folded."""
    return len(text) > FOLD_CHARACTERS or line_count(text) > FOLD_LINES


def label_shown(document_text: str) -> str:
    """A piece of the document with its private characters as the reader sees them, cell for cell."""
    if not any(ord(character) >= _FIRST for character in document_text):
        return document_text
    return _CHIP.sub(lambda match: "[" + match[0][1:], document_text).replace(FILLER, " ")


def chips(line: str) -> list[tuple[int, int]]:
    """The spans of the chips in a line of the document."""
    return [match.span() for match in _CHIP.finditer(line)]


def held(line: str, characters: tuple[str, str]) -> str:
    """A line with one of two characters, in turn, for every character of a chip: what is moved over as one."""
    held_by = itertools.cycle(characters)
    return _CHIP.sub(lambda match: next(held_by) * len(match[0]), line)


class Folds:
    """The pastes of one draft. They are kept until the next draft is loaded, since undo may bring a chip back."""

    def __init__(self) -> None:
        self._pastes: dict[str, str] = {}

    def fold(self, text: str) -> str:
        """A new chip that stands for `text`."""
        lines = line_count(text)
        size = f"{lines:,} lines" if lines > 1 else f"{len(text):,} characters"
        marker = chr(_FIRST + len(self._pastes) % (_LAST - _FIRST + 1))
        self._pastes[marker] = text
        what = "quoted" if all(line.startswith(">") for line in text.splitlines()) else "pasted"
        return f"{marker}{what} {size}]".replace(" ", FILLER)

    def unfold(self, document_text: str) -> str:
        """The document with every chip replaced by what it stands for: the text that is sent."""
        return _CHIP.sub(lambda match: self._pastes.get(match[1], match[0]), document_text)

    def content(self, chip: str) -> str:
        """What one chip stands for; the chip itself where it is none of this draft's."""
        return self._pastes.get(chip[:1], chip)

    def spans(self, document_text: str) -> tuple[tuple[int, int], ...]:
        """Where the folded pastes are in the unfolded text, for `refold`."""
        found: list[tuple[int, int]] = []
        shift = 0
        for match in _CHIP.finditer(document_text):
            paste = self.content(match[0])
            start = match.start() + shift
            found.append((start, start + len(paste)))
            shift += len(paste) - len(match[0])
        return tuple(found)

    def refold(self, text: str, spans: Iterable[tuple[int, int]]) -> str:
        """The document for a draft that was kept as its text and `spans`; spans that do not fit are ignored."""
        parts: list[str] = []
        end = 0
        for start, stop in sorted(spans):
            if end <= start < stop <= len(text):
                parts += [text[end:start], self.fold(text[start:stop])]
                end = stop
        return "".join([*parts, text[end:]])

    def clear(self) -> None:
        """Forget the pastes: the draft they belong to is gone."""
        self._pastes.clear()
