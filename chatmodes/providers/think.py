"""Reasoning marked in the text told apart from the answer, while both stream in pieces that may cut a mark anywhere.

An opening mark counts only where a model uses it as one: at the beginning of a line, outside a fenced block. An answer
that explains `<think>` in a sentence or in code stays an answer. The marks themselves are data (`markers.py`).
"""

import re
from functools import cache
from typing import Literal

from chatmodes.providers.markers import ENDS, FRAMES, HARMONY, ORPHANS, REASONING

Kind = Literal["text", "reasoning", "orphan"]
Piece = tuple[Kind, str]

_MARK = re.compile(r"[<\[◁]")
_QUOTES = ("`", "'", '"', "“")
_AT_LINE = (*REASONING, *FRAMES, *HARMONY.begins)
_IN_HARMONY = (*HARMONY.begins, *HARMONY.ends)
_MARKS = sorted({*_AT_LINE, *_IN_HARMONY, *ORPHANS, *ENDS, "<s>"}, key=len, reverse=True)
_LONGEST = max(map(len, _MARKS))
_HELD = 200
"""Characters behind a token that ends a turn, which show that it did not."""
_AT_ONCE = 4096
"""Characters that are looked at together: behind each mark the rest is looked through again, and a model that loops
writes thousands."""


class ThinkSplitter:
    """`decode` gives each piece of text its kind; `flush` gives what was held back at the end.

    A piece of the kind `orphan` is empty, and says that all text so far was reasoning: its closing mark has come, and
    never an opening one.
    """

    def __init__(self, *, thinking: bool = False) -> None:
        """`thinking`: the text begins with reasoning, whose opening mark stood in the prompt."""
        self.thinking = thinking
        """Inside a mark that has not been closed."""
        self.assumed = thinking
        """Inside reasoning that no mark began."""
        self._closings: tuple[str, ...] = tuple(ORPHANS) if thinking else ()
        self._held = ""
        self._beginning: str | None = "" if not thinking else None
        """All of the text so far, while it may be the bare beginning of harmony's form; None once that is known."""
        self._header = False
        """Inside the head of a message in harmony's form."""
        self._harmony = False
        self._seen = False
        """An opening mark was seen, as one or as a word, so that a closing one is no orphan."""
        self._struck = False
        """`<s>` was seen: `</s>` is HTML."""
        self._last = ""
        self._blank = True
        """Nothing but white space since the last line break."""
        self._fenced = False
        self._ticks = 0
        """Backticks at the very end of what was seen, which may be part of a fence."""
        self._trim = False
        """The white space next to a mark is markup and not yet over."""

    def decode(self, text: str) -> list[Piece]:
        """The pieces of which the kind is certain."""
        if len(text) > _AT_ONCE:
            parts = (text[at : at + _AT_ONCE] for at in range(0, len(text), _AT_ONCE))
            return [piece for part in parts for piece in self.decode(part)]
        if self._beginning is not None:
            text = self._begin(self._beginning + text)
        plain = not (self.thinking or self._held or self._trim)
        if plain and "<" not in text and "[" not in text and "◁" not in text:
            self._note(text)
            return [("text", text)] if text else []
        return self._split(self._held + text, final=False)

    def flush(self) -> list[Piece]:
        """The rest: half a mark at the end was text after all, a token that ends the turn was not."""
        beginning, self._beginning = self._beginning or "", None
        return self._split(beginning + self._held, final=True)

    def answers(self) -> None:
        """What follows is no reasoning, whatever was assumed."""
        if self.assumed:
            self.thinking = self.assumed = False

    def _begin(self, text: str) -> str:
        """Look whether the text begins with what is left of harmony's marks; returns what can be told apart by now.

        No sentence begins with a word in small letters and a capital right behind it.
        """
        bare, begin = HARMONY.bare_begin, text.lstrip()
        if len(begin) <= len(bare) and bare.startswith(begin):
            self._beginning = text
            return ""
        self._beginning = None
        if not (begin.startswith(bare) and begin[len(bare)].isupper()):
            return text
        self.thinking = self._seen = True
        self._closings = (HARMONY.bare_end,)
        return begin[len(bare) :]

    def _split(self, text: str, *, final: bool) -> list[Piece]:
        pieces: list[Piece] = []
        self._held = ""
        while text:
            if self._trim:
                text = text.lstrip()
                if not text:
                    break
                self._trim = False
            if self._header:
                text = self._head(text, pieces, final)
            else:
                text = self._inside(text, pieces, final) if self.thinking else self._outside(text, pieces, final)
        return pieces

    def _outside(self, text: str, pieces: list[Piece], final: bool) -> str:
        """Take text up to the next mark; returns what is left to look at."""
        noted = 0
        for found in _MARK.finditer(text):
            at = found.start()
            self._note(text[noted:at])
            noted = at
            if self._fenced:
                continue
            if (rest := self._mark(text, at, pieces, final)) is not None:
                return rest
        self._emit(pieces, "text", text)
        self._note(text[noted:])
        return ""

    def _mark(self, text: str, at: int, pieces: list[Piece], final: bool) -> str | None:
        """Take the mark at this place and the text before it; returns what is left, None where there is no mark."""
        whole = _whole().match(text, at)
        if whole is None and (final or len(text) - at >= _LONGEST):
            return None
        rest, mark = text[at:], whole[0] if whole else ""
        if not final and self._may_be(rest, mark):
            self._emit(pieces, "text", text[:at])
            self._held = rest
            return ""
        if (self._blank or self._harmony) and mark in _AT_LINE:
            self._emit(pieces, "text", text[:at])
            return self._open(mark, rest)
        if self._harmony and mark in HARMONY.ends:
            self._emit(pieces, "text", text[:at])
            self._trim = True
            return rest[len(mark) :]
        if mark in ORPHANS and not self._seen and self._last not in _QUOTES:
            self._emit(pieces, "text", text[:at])
            pieces.append(("orphan", ""))
            self._seen = self._trim = self._blank = True
            return rest[len(mark) :]
        self._seen = self._seen or mark in REASONING
        self._struck = self._struck or mark == "<s>"
        if self._ends(rest, final):
            self._emit(pieces, "text", text[:at])
            self._held = "" if final else rest
            return ""
        return None

    def _open(self, mark: str, rest: str) -> str:
        if mark in HARMONY.begins:
            self._header = self._seen = True
            return rest
        self._trim = True
        if mark in REASONING:
            self.thinking = self._seen = True
            self._closings = (REASONING[mark],)
        return rest[len(mark) :]

    def _ends(self, rest: str, final: bool) -> bool:
        """Whether nothing follows but tokens that end a turn; told for certain only at the end."""
        if len(rest) > _HELD and not final:
            return False
        while end := next((mark for mark in ENDS if rest.startswith(mark)), ""):
            if end == "</s>" and self._struck:
                return False
            rest = rest[len(end) :].lstrip()
            if not rest:
                return True
        return not final and bool(rest) and len(rest) < _LONGEST and any(mark.startswith(rest) for mark in ENDS)

    def _may_be(self, rest: str, mark: str) -> bool:
        """Whether more text could make this another mark than it is."""
        if len(rest) >= _LONGEST:
            return False
        marks = _IN_HARMONY if self._harmony else _AT_LINE if self._blank else ()
        # A word that looks like an opening mark is waited for as well, since it decides about a closing one.
        wanted = (*marks, *ORPHANS, *ENDS, *REASONING)
        return any(len(each) > len(mark) and each.startswith(rest) for each in wanted)

    def _head(self, text: str, pieces: list[Piece], final: bool) -> str:
        """Take the head of a message in harmony's form, which says what the message is."""
        at = text.find(HARMONY.message)
        if at < 0 and len(text) <= HARMONY.longest_header and not final:
            self._held = text
            return ""
        self._header = False
        if not 0 <= at <= HARMONY.longest_header:
            self._emit(pieces, "text", text[0])
            self._note(text[0])
            return text[1:]
        self._harmony = self._trim = True
        if any(word in text[:at] for word in HARMONY.reasoning):
            self.thinking, self._closings = True, HARMONY.ends
        return text[at + len(HARMONY.message) :]

    def _inside(self, text: str, pieces: list[Piece], final: bool) -> str:
        """Take reasoning up to the closing mark; returns what is left to look at."""
        found = min(((at, mark) for mark in self._closings if (at := text.find(mark)) >= 0), default=None)
        if found is not None:
            at, mark = found
            self._emit(pieces, "reasoning", text[:at])
            self.thinking = self.assumed = False
            self._trim = self._blank = self._seen = True
            return text[at:] if mark in HARMONY.begins or mark == "<|start|>" else text[at + len(mark) :]
        keep = 0 if final else max(_overlap(text, mark) for mark in self._closings)
        cut = len(text) - keep
        self._emit(pieces, "reasoning", text[:cut])
        self._held = text[cut:]
        return ""

    def _note(self, text: str) -> None:
        """Remember what decides whether a mark may follow: the line's beginning, and fences."""
        if not text:
            return
        self._last = text[-1]
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


def behind_another(reasoning: str) -> str:
    """What stands behind the last closing mark in reasoning that its own one never closed; empty where there is none.
    Some models begin with `<think>` and end with `</thinking>`."""
    found = [
        mark for mark in _whole().finditer(reasoning)
        if mark[0] in ORPHANS and not reasoning.endswith(_QUOTES, 0, mark.start())
    ]  # fmt: skip
    return reasoning[found[-1].end() :].strip() if found else ""


@cache
def _whole() -> re.Pattern[str]:
    """Any mark. Compiled for the first text with one of the marks' characters, which the first token seldom is."""
    return re.compile("|".join(map(re.escape, _MARKS)))


def _overlap(text: str, mark: str) -> int:
    """How many characters at the end of `text` may be the beginning of `mark`."""
    for size in range(min(len(mark) - 1, len(text)), 0, -1):
        if text.endswith(mark[:size]):
            return size
    return 0
