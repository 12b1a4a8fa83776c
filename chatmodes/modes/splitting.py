"""Reasoning and answer told apart in one stream of text, for models that reason only because the prompt says so.

The prompt asks for the working, then a line that begins with "ANSWER:". Models that were trained on think tags write
those instead, and small ones forget one, the other or both. What a splitter sends out cannot be taken back, so the
rules are chosen for a stream:

- a text that opens with a tag reasons until the closing one;
- a text without one reasons, too, until a closing tag or a line that begins with "Answer:";
- unless it ends within `SHORT` characters and one line: that is an answer, and nobody thought.
"""

import re
from typing import Literal

Kind = Literal["reasoning", "answer"]
Piece = tuple[Kind, str]

SHORT = 240
"""Characters of an untagged text that are held back until it is clear whether more follows."""
_OPEN = re.compile(r"\s*<(?:think|thinking|thought|reasoning)>", re.I)
_OPEN_LATER = re.compile(r"<(?:think|thinking|thought|reasoning)>", re.I)
_CLOSE = re.compile(r"</(?:think|thinking|thought|reasoning)>", re.I)
_GAP = r"[^\S\n]"
_MARK = re.compile(
    rf"(?:\A|\n){_GAP}{{0,8}}(?:[*_#]|{_GAP}){{0,6}}(?:the{_GAP}{{1,2}})?(?:final{_GAP}{{1,2}})?"
    rf"answer(?:[*_]|{_GAP}){{0,4}}[:：][*_]{{0,4}}(?=[^*_])",
    re.I,
)
"""On one line and no longer than `_LONGEST_MARK`, or the cuts of the stream would say whether it is one."""
_TAGS = ("<think>", "<thinking>", "<thought>", "<reasoning>", "</think>", "</thinking>", "</thought>", "</reasoning>")
_LONGEST_MARK = 40


class Splitter:
    """Feed it text as it comes; it gives back pieces, each reasoning or answer, and never holds back much."""

    def __init__(self) -> None:
        self._state: Literal["start", "tagged", "untagged", "answer"] = "start"
        self._held: str = ""
        self._blank = True  # whether what follows is still the white space in front of the answer
        self._fresh = True  # whether nothing was sent yet: only then does what is held begin a line without a newline

    @property
    def answering(self) -> bool:
        """Whether the answer has begun."""
        return self._state == "answer"

    def native(self) -> list[Piece]:
        """The provider sends reasoning of its own: what is held belongs to it, the text that follows is the answer."""
        held, self._held = self._held, ""
        pieces = self._answer(held) if self._state == "answer" else _some("reasoning", held)
        self._state, self._blank = "answer", True
        return pieces

    def feed(self, text: str) -> list[Piece]:
        """Take a piece of the stream in."""
        self._held += text
        pieces: list[Piece] = []
        while True:
            before = (self._state, self._held)
            pieces += self._step()
            if (self._state, self._held) == before or not self._held:
                return pieces

    def flush(self) -> list[Piece]:
        """The stream has ended: give out what is held."""
        held, self._held = self._held, ""
        if self._state == "start":
            self._state = "answer"  # short and untagged
        if self._state == "answer":
            return self._answer(held)
        if mark := self._mark(held + "\n") if self._state == "untagged" else None:
            self._state = "answer"
            return self._thought(held[: mark.start()]) + self._answer(held[mark.end() :])
        return self._thought(held)

    def _step(self) -> list[Piece]:
        match self._state:
            case "start":
                return self._begin()
            case "answer":
                held, self._held = self._held, ""
                return self._answer(held)
            case _:
                return self._reason()

    def _begin(self) -> list[Piece]:
        if opened := _OPEN.match(self._held):
            self._state, self._held = "tagged", self._held[opened.end() :]
            return []
        start = self._held = self._held.lstrip()  # kept, a model that loops in line breaks would be read ever anew
        if not start or any(tag.startswith(start.lower()) for tag in _TAGS):
            return []
        if len(start) > SHORT or "\n" in start.rstrip() or _CLOSE.search(start) or _MARK.match(start):
            self._state = "untagged"
        return []

    def _reason(self) -> list[Piece]:
        held = self._held
        end = _CLOSE.search(held)
        if self._state == "untagged":
            mark = self._mark(held)
            if mark and (end is None or mark.start() < end.start()):
                end = mark
            if (opened := _OPEN_LATER.search(held)) and (end is None or opened.start() < end.start()):
                self._state, self._held = "tagged", held[opened.end() :]
                return self._thought(held[: opened.start()])
        if end:
            self._state, self._held = "answer", held[end.end() :]
            return self._thought(held[: end.start()])
        keep = self._unsure(held)
        self._held = held[len(held) - keep :]
        return self._thought(held[: len(held) - keep])

    def _mark(self, text: str) -> re.Match[str] | None:
        for found in _MARK.finditer(text):
            if self._fresh or found[0].startswith("\n"):
                return found
        return None

    def _thought(self, text: str) -> list[Piece]:
        self._fresh = self._fresh and not text
        return _some("reasoning", text)

    def _unsure(self, text: str) -> int:
        """How much of the end may still become a tag or a marker."""
        at = text.rfind("<", max(0, len(text) - 12))
        keep = len(text) - at if at >= 0 and any(tag.startswith(text[at:].lower()) for tag in _TAGS) else 0
        if self._state == "untagged":
            line = text.rfind("\n")
            tail = text[max(line, 0) :]
            if len(tail) < _LONGEST_MARK and (line >= 0 or self._fresh) and _could_mark(tail):
                keep = max(keep, len(tail))
        return keep

    def _answer(self, text: str) -> list[Piece]:
        if self._blank:
            text = text.lstrip()
            self._blank = not text
        return _some("answer", text)


_MARKS = [f"{the}{final}answer{colon}" for the in ("", "the ") for final in ("", "final ") for colon in ":："]


def _could_mark(line: str) -> bool:
    words = re.sub(r" (?=[:：])", "", re.sub(r"[*_#\s]+", " ", line).strip().lower())
    return any(mark.startswith(words) for mark in _MARKS)


def _some(kind: Kind, text: str) -> list[Piece]:
    return [(kind, text)] if text else []
