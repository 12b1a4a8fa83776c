"""Someone's Markdown inside a document of ours, so that it can end nothing and begin nothing there.

An answer may hold a heading "You", an unclosed fence or comment, or a definition that turns another's words into a
link. A renderer must show our turns and nothing else as turns, whatever stands in one. Only what would do so is
changed, so that the source stays what the model wrote as far as can be.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from chatmodes.sanitize import clean, fenced, one_line

_OURS = 2
"""Levels of headings that belong to the document: its title and its turns."""
_DEEPEST = 100
"""Quotes in quotes beyond which a text is shown as source: renderers differ on where they stop to look."""
_BRACKETS = 1_000
"""Of one paragraph."""
_AUTOLINK = re.compile(
    r"<(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\x00-\x20]*|[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9][A-Za-z0-9.-]*)>"
)
_HTML = re.compile(r"<[A-Za-z/!?]")
_TICKS = re.compile(r"`+")
_DEFINITION = re.compile(r"\[(?:[^\[\]\\]|\\.)*\]:", re.DOTALL)
_CELL_END = re.compile(r"(?<!\\)\|")
_CLOSING = re.compile(r"(?:^|(?<=\s))#+\s*$")


def enclosed(text: str) -> str:
    """The text with its headings below ours, its last fence closed, its HTML and its definitions as text.

    What cannot be made so stands as source between fences.
    """
    text = clean(text).strip("\n")
    if not text.strip():
        return ""
    edits = _Edits(text)
    if not edits.dense and _keeps_to_itself(made := edits.result()):
        return made
    return fenced(text, "markdown")


def literal(text: str) -> str:
    """Text for one line of Markdown that shows as it is."""
    line = re.sub(r"([\\`*<\[\]&~|]|(?<![^\W_])_|_(?![^\W_]))", r"\\\1", one_line(text, 2_000))
    return re.sub(r"#(?=#*$)", r"\\#", line, count=1)


class _Edits:
    """Changes to the lines of a text, gathered from its tokens and made at once."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._inserted: dict[int, list[tuple[int, str]]] = {}
        """By line: what goes in, and before which column."""
        self._gone: set[int] = set()
        self._closing = ""
        self.dense = False
        """It holds more brackets than a parser should be asked to pair: that takes the square of their number."""
        tokens = _as_text().parse(text)
        for place, token in enumerate(tokens):
            if token.map is not None:
                self._block(token, *token.map, inside=tokens[place + 1].content if place + 1 < len(tokens) else "")

    def result(self) -> str:
        """The text with all changes made."""
        lines: list[str] = []
        for number, line in enumerate(self._lines):
            for column, text in sorted(self._inserted.get(number, ()), reverse=True):
                line = line[:column] + text + line[column:]
            if number not in self._gone:
                lines.append(line)
        return "\n".join([*lines, self._closing] if self._closing else lines)

    def _block(self, token: Token, start: int, end: int, *, inside: str) -> None:
        match token.type:
            case "heading_open":
                self._heading(token, start, end, inside)
            case "paragraph_open":
                self.dense |= inside.count("[") > _BRACKETS
                if definition := _DEFINITION.match(inside):
                    self._insert(start, self._column(start, definition[0].split("\n")[0]), "\\")
                self._escape(start, "\n".join(self._lines[start:end]))
            case "tr_open":
                cells = _CELL_END.split(line := self._lines[start])
                at = 0
                for cell in cells:
                    self._escape(start, cell, column=at)
                    at += len(cell) + 1
                assert at == len(line) + 1
            case "fence" if token.level == 0 and not self._closed(token, start, end):
                self._closing = token.markup
            case _:
                pass

    def _heading(self, token: Token, start: int, end: int, inside: str) -> None:
        level = min(int(token.tag[1:]) + _OURS, 6)
        if token.markup.startswith("#"):
            self._insert(start, self._lines[start].index(token.markup), "#" * (level - len(token.markup)))
            self._escape(start, self._lines[start])
            return
        # Underlined: its lines become one, since there are only two such levels, both ours.
        first, *more = inside.split("\n")
        column = self._column(start, first)
        whole = " ".join([first, *(line.strip() for line in more)])
        if closing := _CLOSING.search(whole):
            whole = f"{whole[: closing.start()]}\\{whole[closing.start() :]}"
        self._lines[start] = self._lines[start][:column] + whole
        self._gone.update(range(start + 1, end))
        self._insert(start, column, "#" * level + " ")
        self._escape(start, self._lines[start])

    def _column(self, line: int, content: str) -> int:
        """Where the content of a block begins in its first line, behind the marks of lists and quotes."""
        return max(self._lines[line].rfind(content.rstrip()), 0)

    def _closed(self, token: Token, start: int, end: int) -> bool:
        last = self._lines[min(end, len(self._lines)) - 1].strip()
        return end - 1 > start and set(last) == {token.markup[0]} and len(last) >= len(token.markup)

    def _escape(self, line: int, text: str, *, column: int = 0) -> None:
        for at in _tags(text):
            before = text[:at]
            number = line + before.count("\n")
            self._insert(number, at - (before.rfind("\n") + 1) + (column if number == line else 0), "\\")

    def _insert(self, line: int, column: int, text: str) -> None:
        self._inserted.setdefault(line, []).append((column, text))


def _tags(text: str) -> Iterator[int]:
    """Where HTML would begin in running text: not in code, and no address in angle brackets."""
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
        elif text[at] == "`":
            ticks = _TICKS.match(text, at)
            assert ticks is not None
            closing = next((run for run in _TICKS.finditer(text, ticks.end()) if run[0] == ticks[0]), None)
            at = closing.end() if closing else ticks.end()
        elif text[at] == "<":
            link = _AUTOLINK.match(text, at)
            if link is None and _HTML.match(text, at):
                yield at
            at = link.end() if link else at + 1
        else:
            at += 1


def _keeps_to_itself(text: str) -> bool:
    """Whether a renderer that allows everything sees nothing of ours, and nothing left open, in it."""
    env: dict[str, object] = {}
    tokens = _as_anything().parse(f"{text}\n\n# end", env)
    return (
        not env
        and [token.tag for token in tokens[-3:]] == ["h1", "", "h1"]
        and not any(_reaches_out(token) for token in tokens[:-3])
    )


def _reaches_out(token: Token) -> bool:
    children: Sequence[Token] = token.children or ()
    return (
        token.type in ("html_block", "html_inline")
        or (token.type == "heading_open" and int(token.tag[1:]) <= _OURS)
        or token.level >= _DEEPEST - 2
        or any(map(_reaches_out, children))
    )


@cache
def _as_text() -> MarkdownIt:
    """A parser of blocks alone, for which HTML and definitions are text, as they will be."""
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST})
    return parser.enable("table").disable(["reference", "inline"])


@cache
def _as_anything() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True, "maxNesting": _DEEPEST}).enable("table")
