"""Reasoning in think tags told apart from the answer, while both stream in pieces that may cut a tag anywhere.

A tag counts only where a model uses it as one: at the beginning of a line, outside a fenced block. An answer that
explains `<think>` in a sentence or in code stays an answer.
"""

import re
from typing import Literal

Kind = Literal["text", "reasoning"]
Piece = tuple[Kind, str]

OPENING = ("<think>", "<thinking>", "<thought>")
_OPEN = re.compile(r"<(think|thinking|thought)>")
_LONGEST = max(map(len, OPENING))


class ThinkSplitter:
    """`decode` gives each piece of text its kind; `flush` gives what was held back at the end."""

    def __init__(self) -> None:
        self.thinking = False
        """Inside a tag that has not been closed."""
        self._held = ""
        self._closing = ""
        self._blank = True
        """Nothing but white space since the last line break."""
        self._fenced = False
        self._ticks = 0
        """Backticks at the very end of what was seen, which may be part of a fence."""
        self._trim = False
        """The white space next to a tag is markup and not yet over."""

    def decode(self, text: str) -> list[Piece]:
        """The pieces of which the kind is certain."""
        if not self.thinking and not self._held and not self._trim and "<" not in text:
            self._note(text)
            return [("text", text)] if text else []
        return self._split(self._held + text, final=False)

    def flush(self) -> list[Piece]:
        """The rest: half a tag at the end was text after all."""
        return self._split(self._held, final=True)

    def _split(self, text: str, *, final: bool) -> list[Piece]:
        pieces: list[Piece] = []
        self._held = ""
        while text:
            if self._trim:
                text = text.lstrip()
                if not text:
                    break
                self._trim = False
            text = self._inside(text, pieces, final) if self.thinking else self._outside(text, pieces, final)
        return pieces

    def _outside(self, text: str, pieces: list[Piece], final: bool) -> str:
        """Take text up to the next opening tag; returns what is left to look at."""
        noted, at = 0, text.find("<")
        while at >= 0:
            self._note(text[noted:at])
            if self._blank and not self._fenced:
                match = _OPEN.match(text, at)
                if match:
                    self._emit(pieces, "text", text[:at])
                    self.thinking, self._trim, self._closing = True, True, f"</{match[1]}>"
                    return text[match.end() :]
                if not final and any(tag.startswith(text[at : at + _LONGEST]) for tag in OPENING):
                    self._emit(pieces, "text", text[:at])
                    self._held = text[at:]
                    return ""
            noted, at = at, text.find("<", at + 1)
        self._emit(pieces, "text", text)
        self._note(text[noted:])
        return ""

    def _inside(self, text: str, pieces: list[Piece], final: bool) -> str:
        """Take reasoning up to the closing tag; returns what is left to look at."""
        at = text.find(self._closing)
        if at >= 0:
            self._emit(pieces, "reasoning", text[:at])
            self.thinking, self._trim, self._blank = False, True, True
            return text[at + len(self._closing) :]
        keep = 0 if final else _overlap(text, self._closing)
        cut = len(text) - keep
        self._emit(pieces, "reasoning", text[:cut])
        self._held = text[cut:]
        return ""

    def _note(self, text: str) -> None:
        """Remember what decides whether a tag may follow: the line's beginning, and fences."""
        if not text:
            return
        newline = text.rfind("\n")
        if newline >= 0:
            tail = text[newline + 1 :]
            self._blank = not tail or tail.isspace()
        elif self._blank:
            self._blank = text.isspace()
        if self._ticks or "`" in text:
            joined = "`" * self._ticks + text
            fences = len(re.findall("`{3,}", joined)) - (self._ticks >= 3)
            self._fenced ^= bool(fences % 2)
            self._ticks = min(3, len(joined) - len(joined.rstrip("`")))

    @staticmethod
    def _emit(pieces: list[Piece], kind: Kind, text: str) -> None:
        if not text:
            return
        if pieces and pieces[-1][0] == kind:
            pieces[-1] = (kind, pieces[-1][1] + text)
        else:
            pieces.append((kind, text))


def _overlap(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the beginning of `tag`."""
    for size in range(min(len(tag) - 1, len(text)), 0, -1):
        if text.endswith(tag[:size]):
            return size
    return 0
