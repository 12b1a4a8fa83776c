"""Markdown cut into sections as it arrives: what lies before the last section is never looked at again.

A parser that starts at the top for every token makes a stream quadratic (the reason given for leaving Textual's
Markdown). The splitter scans each line once, by CommonMark's rules for where a top-level block ends, and gives
sections that can be parsed, rendered, measured and forgotten one by one. A list is cut into its items, a long fence
into pieces, and anything longer than `CAP` at a line's end or a space, so the cost of a frame has a bound for every
text. Link definitions do not reach across sections.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["paragraph", "heading", "fence", "list", "quote", "table", "indented", "rule", "rest", "plain"]

CAP = 4_096
"""Characters of a section. 4,096 of the worst text (nested emphasis, brackets) parse in 40 ms, common text in 5."""
TABLE_CAP = 8_192
"""A table's columns are as wide as its cells, so it is cut later."""
BLANKS_CAP = 512
"""Blank lines that one section takes along."""
LINES = 120
"""Lines of a fence or a table in one section. Until a fence's section is whole it is drawn without colours."""

_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})\s*(.*)$")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_SETEXT = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")
_ITEM = re.compile(r"( *)([-*+]|(\d{1,9})[.)])( +|$)")
_QUOTE = re.compile(r" {0,3}>")
_DELIMITER = re.compile(r" {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")


@dataclass(slots=True)
class Section:
    """One piece of Markdown that can be rendered alone."""

    kind: Kind
    raw: str
    """Its source, newlines and following blank lines included: the sections' sources joined are the text."""
    gap: int = 1
    """Blank rows before it, unless it is the first."""
    number: int | None = None
    """Of an item in an ordered list."""
    indent: int = 0
    """Of the rest of an item that was cut: the columns to take away from the source's lines."""
    language: str = ""
    opens: bool = False
    closes: bool = False
    """Whether a fence's piece is the first and the last one."""
    serial: int = 0
    """Which fence of the text it belongs to."""
    header: str = ""
    """The head of a table that was cut: its two first lines."""
    live: bool = False
    """Not whole yet: the text that follows may change it."""


@dataclass
class _List:
    """The list under way."""

    marker: str
    """The bullet, or the delimiter behind a number."""
    number: int | None
    content: int
    """The column where the item's text starts: less indentation leaves the item."""


@dataclass
class Splitter:
    """Takes text in pieces of any size, gives the sections that are complete; `tail` is the unfinished rest."""

    kind: Kind | None = None
    lines: list[str] = field(default_factory=list[str])
    size: int = 0
    blanks: int = 0
    partial: str = ""
    fence: str = ""
    """The fence's opening marks while inside one."""
    language: str = ""
    opened: bool = False
    serial: int = 0
    items: _List | None = None
    header: str = ""
    gap: int = 1
    out: list[Section] = field(default_factory=list[Section])

    def feed(self, text: str) -> list[Section]:
        """The sections that this text completes."""
        lines = (self.partial + text).split("\n")
        self.partial = lines.pop()
        for line in lines:
            self._line(line)
        if len(self.partial) > CAP:
            self.partial = self._long(self.partial)
        return self._take()

    def flush(self) -> list[Section]:
        """The rest, when no more text comes."""
        if self.partial:
            partial, self.partial = self.partial, ""
            self._line(partial, newline=False)
        self._cut()
        return self._take()

    def tail(self) -> list[Section]:
        """What `flush` would give, without ending: the sections are drawn, and replaced by the next tail."""
        if not self.partial and not self.lines:
            return []
        items = replace(self.items) if self.items else None
        ghost = replace(self, lines=list(self.lines), out=[], items=items)
        sections = ghost.flush()
        for section in sections:
            section.live = True
        return sections

    def _take(self) -> list[Section]:
        out, self.out = self.out, []
        return out

    def _line(self, line: str, *, newline: bool = True) -> None:
        ending = "\n" if newline else ""
        if len(line) > CAP:
            line = self._long(line)
        if self.fence:
            self._in_fence(line, ending)
        elif not line.strip():
            self._blank(line + ending)
        else:
            self._text(line, ending)

    def _in_fence(self, line: str, ending: str) -> None:
        self._push(line + ending)
        mark = line.strip()
        if mark.startswith(self.fence) and not mark.strip(self.fence[0]) and len(line) - len(line.lstrip(" ")) < 4:
            self._cut(closes=True)
            self.fence = ""
        elif len(self.lines) >= LINES or self.size > 2 * CAP:
            self._cut()
            self.kind, self.gap = "fence", 0

    def _blank(self, line: str) -> None:
        if self.kind in ("list", "rest", "indented"):
            self._push(line)  # what follows decides whether the block goes on
            self.blanks += 1
            if self.blanks > BLANKS_CAP:
                self._cut()
        elif self.lines and self.kind is not None:
            self._push(line)
            self._cut()
        else:
            self.kind, self.gap = None, 1
            if self.size > BLANKS_CAP:
                self._cut()
            self._push(line)  # goes with what follows

    def _text(self, line: str, ending: str) -> None:
        indent = len(line) - len(line.lstrip(" \t")) + 3 * (line[: len(line) - len(line.lstrip())].count("\t"))
        if self.items is not None and self._in_list(line, ending, indent):
            return
        if self.kind == "indented":
            if indent >= 4:
                self._grow(line, ending)
                return
            self._cut()
        if self.kind == "paragraph":
            if _SETEXT.match(line):
                self._push(line + ending)
                self.kind = "heading"
                self._cut()
                return
            if "|" in self.lines[-1] and "-" in line and _DELIMITER.match(line):
                self._table(line, ending)
                return
        if self.kind in ("paragraph", "table", "quote"):
            quote = self.kind == "quote" and _QUOTE.match(line)
            if quote or not self._starts_block(line):
                self._grow(line, ending)
                return
        tight = self.kind == "paragraph"
        if self.kind is not None:
            self._cut()
        self._start(line, ending, indent, tight=tight)

    def _starts_block(self, line: str) -> bool:
        item = _ITEM.match(line)
        interrupts = item is not None and len(item[1]) < 4 and bool(item[4]) and item[3] in (None, "1")
        return interrupts or any(rule.match(line) for rule in (_FENCE, _HEADING, _RULE, _QUOTE))

    def _in_list(self, line: str, ending: str, indent: int) -> bool:
        """Whether the list under way has taken the line."""
        items = self.items
        assert items is not None
        if indent >= items.content:
            self._grow(line, ending)
            return True
        item = None if _RULE.match(line) else _ITEM.match(line)
        if item is not None and indent < 4:
            blanks = self.blanks
            same = items.marker == item[2][-1]
            number = items.number + 1 if same and items.number is not None else None
            self._cut()
            self._item(line, ending, item, number)
            self.gap = 1 if blanks or not same else 0
            return True
        if self.blanks == 0 and not self._starts_block(line):
            self._grow(line, ending)  # a paragraph's lazy continuation
            return True
        self._cut()
        self.items, self.kind, self.gap = None, None, 1
        return False

    def _item(self, line: str, ending: str, item: "re.Match[str]", number: int | None) -> None:
        if number is None and item[3]:
            number = int(item[3])
        spaces = len(item[4])
        content = len(item[1]) + len(item[2]) + (spaces if 1 <= spaces <= 4 else 1)
        self.items = _List(item[2][-1], number, content)
        self.kind = "list"
        self._push(line + ending)

    def _start(self, line: str, ending: str, indent: int, *, tight: bool) -> None:
        """The first line of a block."""
        if fence := _FENCE.match(line):
            self.kind, self.fence, self.language, self.opened = "fence", fence[1], fence[2].strip(), True
            self.serial += 1
            self._push(line + ending)
        elif _HEADING.match(line):
            self.kind = "heading"
            self._push(line + ending)
            self._cut()
        elif _RULE.match(line):
            self.kind = "rule"
            self._push(line + ending)
            self._cut()
        elif _QUOTE.match(line):
            self.kind = "quote"
            self._push(line + ending)
        elif indent >= 4:
            self.kind = "indented"
            self._push(line + ending)
        elif item := _ITEM.match(line):
            self._item(line, ending, item, None)
            self.gap = 0 if tight else 1
        else:
            self.kind = "paragraph"
            self._push(line + ending)

    def _table(self, line: str, ending: str) -> None:
        head = self.lines.pop()
        if any(other.strip() for other in self.lines):
            self.size -= len(head)
            self._cut()
        else:
            head = "".join(self.lines) + head
            self.lines.clear()
            self.size = 0
        self.kind, self.header = "table", head + line + "\n"
        self._push(head)
        self._push(line + ending)

    def _push(self, line: str) -> None:
        self.lines.append(line)
        self.size += len(line)

    def _grow(self, line: str, ending: str) -> None:
        """Add a line to the block under way, and cut the block where it grows too long."""
        self._push(line + ending)
        self.blanks = 0
        table = self.kind == "table"
        if self.size <= (TABLE_CAP if table else CAP) and not (table and len(self.lines) >= LINES):
            return
        kind = self.kind
        header = self.header
        self._cut()
        self.gap = 0
        if kind in ("list", "rest"):
            self.kind = "rest"
        elif kind in ("table", "quote", "indented"):
            self.kind, self.header = kind, header

    def _long(self, line: str) -> str:
        """Give a line longer than the cap away in pieces; what is left of it goes on."""
        while len(line) > CAP:
            space = line.rfind(" ", CAP // 2, CAP)
            end = space + 1 if space > 0 else CAP
            piece, line = line[:end], line[end:]
            if self.lines and not self.fence:
                self._cut()
            if not self.fence:
                self.kind = "paragraph"
            self._push(piece)
            self._cut()
            self.gap = 0
            if self.fence:
                self.kind = "fence"
        return line

    def _cut(self, *, closes: bool = False) -> None:
        """End the section under way."""
        if not self.lines:
            return
        kind: Kind = self.kind or "paragraph"
        section = Section(kind, "".join(self.lines), self.gap if self.kind is not None else 0)
        if kind == "fence":
            section.language, section.serial = self.language, self.serial
            section.opens, section.closes = self.opened, closes
            self.opened = False
        elif kind == "list" and self.items is not None:
            section.number = self.items.number
        elif kind == "rest" and self.items is not None:
            section.indent = self.items.content
        elif kind == "table" and not section.raw.lstrip("\n").startswith(self.header.lstrip("\n")):
            section.header = self.header
        self.out.append(section)
        self.lines = []
        self.size = self.blanks = 0
        self.kind = None
        self.gap = 1


def split(text: str) -> list[Section]:
    """The sections of a whole text."""
    splitter = Splitter()
    return splitter.feed(text) + splitter.flush()


def split_plain(text: str, start: int = 0) -> list[Section]:
    """Text that is not Markdown, in sections of whole lines (or parts of a line longer than the cap)."""
    out: list[Section] = []
    while start < len(text):
        end = min(start + CAP, len(text))
        if end < len(text):
            newline = text.rfind("\n", start, end)
            space = text.rfind(" ", start, end) if newline < 0 else newline
            end = space + 1 if space > start else end
        out.append(Section("plain", text[start:end], gap=0))
        start = end
    return out
