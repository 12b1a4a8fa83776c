"""Code: fences with their language and a copy mark, coloured by Pygments, long lines broken where the width ends."""

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from chatmodes.tui.markdown.display import head, inert
from chatmodes.tui.markdown.lines import Hit, Line, Skip
from chatmodes.tui.markdown.palette import Palette
from chatmodes.tui.markdown.wrap import Piece, wrap

if TYPE_CHECKING:
    from pygments.lexer import Lexer

COPY = "copy"


def label_line(language: str, width: int, palette: Palette, payload: str) -> Line:
    """The fence's first row: its language at the left, the copy mark at the right.

    payload: the fence's text. A fence that is a section of its own has none: the transcript gathers it at the click.
    """
    name = head((inert(language).split() or ["text"])[0], max(4, width - 12))
    left = f" {name}"
    cells = cell_len(left)
    room = width - cells - len(COPY) - 1
    if room < 1:
        return Line(
            (Segment(left, palette.fence_label),), cells, skips=(Skip(0, len(left)),), joint="", fill=palette.fence
        )
    segments = (
        Segment(left, palette.fence_label),
        Segment(" " * room, palette.fence_label),
        Segment(COPY, palette.action),
        Segment(" ", palette.fence_label),
    )
    start = cells + room
    hit = Hit(start, start + len(COPY), "copy", payload)
    return Line(segments, width, skips=(Skip(0, width),), joint="", hits=(hit,), fill=palette.fence)


def code_lines(text: str, language: str, width: int, palette: Palette, *, colours: bool) -> list[Line]:
    """The code's rows, one cell of air at either side."""
    out: list[Line] = []
    space = Segment(" ", palette.fence)
    for pieces in _coloured(text, language, palette) if colours else _plain(text, palette):
        out.extend(
            line._replace(segments=(space, *line.segments), cells=line.cells + 1, lead=1, fill=palette.fence)
            for line in wrap(pieces, width - 2)
        )
    return out


def _plain(text: str, palette: Palette) -> list[list[Piece]]:
    return [[Piece(line.expandtabs(4), palette.fence)] for line in text.split("\n")]


def _coloured(text: str, language: str, palette: Palette) -> list[list[Piece]]:
    known = lexer((language.split() or [""])[0].lower())
    if known is None:
        return _plain(text, palette)
    rows: list[list[Piece]] = [[]]
    styles: dict[object, Style] = {}
    # Some lexers know a line by its newline; the row that the last one begins is left out below.
    for kind, value in known.get_tokens(f"{text.expandtabs(4)}\n"):
        style = styles.get(kind)
        if style is None:
            style = styles[kind] = _style(str(kind), palette)
        first, *rest = value.split("\n")
        if first:
            rows[-1].append(Piece(first, style))
        rows.extend([Piece(part, style)] if part else [] for part in rest)
    return rows[: text.count("\n") + 1]


@lru_cache(64)
def lexer(language: str) -> "Lexer | None":
    """What colours the language; None for plain text and languages unknown."""
    if not language or language in ("text", "plain", "txt", "plaintext"):
        return None
    # 50 ms that only an answer with code needs.
    from pygments.lexers import get_lexer_by_name  # pyright: ignore[reportUnknownVariableType]  # untyped options
    from pygments.util import ClassNotFound

    try:
        # Lexers that add or strip newlines would move the rows.
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _style(kind: str, palette: Palette) -> Style:
    if kind.startswith(("Token.Keyword", "Token.Operator.Word")):
        return palette.keyword
    if kind.startswith("Token.Literal.String"):
        return palette.string
    if kind.startswith("Token.Literal.Number"):
        return palette.number
    if kind.startswith("Token.Generic.Inserted"):
        return palette.inserted
    if kind.startswith("Token.Generic.Deleted"):
        return palette.deleted
    if kind.startswith(("Token.Generic.Heading", "Token.Generic.Subheading")):  # a diff's files and places
        return palette.keyword
    if kind.startswith("Token.Comment"):
        return palette.comment
    if kind.startswith(("Token.Name.Function", "Token.Name.Class", "Token.Name.Decorator", "Token.Name.Tag")):
        return palette.name
    return palette.fence
