"""Sections to lines: markdown-it's tokens walked once, each block drawn for a width."""

from collections.abc import Callable, Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.segment import Segment
from rich.style import Style

from chatmodes.tui.markdown.fences import code_lines, label_line
from chatmodes.tui.markdown.inline import pieces
from chatmodes.tui.markdown.lines import BLANK, Line, Skip, line_of, prefixed
from chatmodes.tui.markdown.palette import Palette
from chatmodes.tui.markdown.tables import Align, Cell, table_lines
from chatmodes.tui.markdown.wrap import wrap

NESTING = 12
"""Levels of quotes and lists that are drawn as such; what lies deeper is text. 10,000 levels parse in a millisecond
this way."""
LEAST = 12
"""Cells that nesting leaves for the text."""
BULLETS = "•◦▪"
BAR = "▎ "


@cache
def _parser() -> MarkdownIt:
    # HTML is text: `List<String>` would lose its `<String>`. Inline text is parsed where it is drawn: most cells of a
    # table of 1,000 columns never are.
    parser = MarkdownIt("gfm-like", {"html": False, "maxNesting": NESTING})
    return parser.disable(["reference", "inline", "linkify", "text_join"])


def parsed(source: str) -> list[Token]:
    """The blocks of any Markdown as they are drawn."""
    return _parser().parse(source)


def markdown_lines(source: str, width: int, palette: Palette, *, number: int | None = None) -> list[Line]:
    """Any Markdown as lines. `number` overrides what its first ordered item says: lists are rendered item by item."""
    painter = _Painter(palette, number)
    return painter.blocks(parsed(source), width, palette.base, 0)


def markdown_table(source: str, width: int, palette: Palette, *, head: bool) -> list[Line]:
    """A table whose head may be there for the widths alone."""
    tokens = parsed(source)
    if not tokens or tokens[0].type != "table_open":
        return markdown_lines(source, width, palette)
    return table_lines(_Painter(palette, None).cells(tokens), width, palette, head=head)


class _Painter:
    def __init__(self, palette: Palette, number: int | None) -> None:
        self.palette = palette
        self.number = number

    def blocks(
        self, tokens: Sequence[Token], width: int, style: Style, depth: int, *, tight: bool = False
    ) -> list[Line]:
        """The blocks of one container, a blank row between them unless it is tight."""
        out: list[Line] = []
        index = 0
        while index < len(tokens):
            end = _matching(tokens, index)
            token = tokens[index]
            lines = self.block(token, tokens[index:end], width, style, depth)
            loose = not tight and token.type not in ("bullet_list_open", "ordered_list_open")
            if out and lines and (loose or depth == 0):
                out.append(BLANK)
            out.extend(lines)
            index = end
        return out

    def block(self, token: Token, tokens: Sequence[Token], width: int, style: Style, depth: int) -> list[Line]:
        palette = self.palette
        draw: dict[str, Callable[[], list[Line]]] = {
            "paragraph_open": lambda: self.inline(tokens[1], width, style),
            "heading_open": lambda: self.heading(token, tokens[1], width),
            "blockquote_open": lambda: self.quote(tokens[1:-1], width, depth),
            "bullet_list_open": lambda: self.items(tokens[1:-1], width, style, depth, None),
            "ordered_list_open": lambda: self.items(
                tokens[1:-1], width, style, depth, int(token.attrGet("start") or 1)
            ),
            "table_open": lambda: table_lines(self.cells(tokens), width, palette),
            "fence": lambda: self.fence(token, width),
            "code_block": lambda: code_lines(token.content.rstrip("\n"), "", width, palette, colours=False),
            "hr": lambda: [line_of([Segment("─" * width, palette.rule)])],
            "inline": lambda: self.inline(token, width, style),
        }
        drawn = draw.get(token.type)
        return drawn() if drawn else []

    def inline(self, token: Token, width: int, style: Style) -> list[Line]:
        return wrap(pieces(token.content, style, self.palette), width)

    def heading(self, token: Token, inline: Token, width: int) -> list[Line]:
        level = int(token.tag[1])
        style = self.palette.heading if level <= 2 else self.palette.heading_minor
        lines = wrap(pieces(inline.content, style, self.palette), width)
        if level == 1 and lines:
            size = min(width, max(line.cells for line in lines))
            lines.append(line_of([Segment("━" * size, self.palette.rule)])._replace(joint="", skips=(Skip(0, size),)))
        return lines

    def quote(self, tokens: Sequence[Token], width: int, depth: int) -> list[Line]:
        if width - len(BAR) < LEAST:
            return self.blocks(tokens, width, self.palette.quote, depth + 1)
        lines = self.blocks(tokens, width - len(BAR), self.palette.quote, depth + 1)
        return [prefixed(line, BAR, self.palette.quote_bar, "> ") for line in lines]

    def items(self, tokens: Sequence[Token], width: int, style: Style, depth: int, number: int | None) -> list[Line]:
        out: list[Line] = []
        index = 0
        if number is not None and self.number is not None and depth == 0:
            number, self.number = self.number, None
        while index < len(tokens):
            end = _matching(tokens, index)
            if out and depth == 0 and tokens[index - 1].map is None and _loose(tokens[index + 1 : end - 1]):
                out.append(BLANK)
            out.extend(self.item(tokens[index + 1 : end - 1], width, style, depth, number))
            number = None if number is None else number + 1
            index = end
        return out

    def item(self, tokens: Sequence[Token], width: int, style: Style, depth: int, number: int | None) -> list[Line]:
        task = _task(tokens)
        if task:
            marker, copy = (" ☑ " if task == "x" else " ☐ "), f"- [{task}] "
        elif number is None:
            marker, copy = f" {BULLETS[min(depth, len(BULLETS) - 1)]} ", "- "
        else:
            marker, copy = f"{number}. ".rjust(4), f"{number}. "
        tight = not _loose(tokens)
        if width - len(marker) < LEAST:
            marker = marker.strip() + " "
            lines = self.blocks(tokens, max(1, width - len(marker)), style, depth + 1, tight=tight) or [BLANK]
        else:
            lines = self.blocks(tokens, width - len(marker), style, depth + 1, tight=tight) or [BLANK]
        blank = " " * len(marker)
        mark = self.palette.marker
        return [
            prefixed(line, blank, style, "  ") if row else prefixed(line, marker, mark, copy)
            for row, line in enumerate(lines)
        ]

    def fence(self, token: Token, width: int) -> list[Line]:
        text = token.content.removesuffix("\n")
        label = label_line(token.info, width, self.palette, text)
        return [label, *code_lines(text, token.info, width, self.palette, colours=True)]

    def cells(self, tokens: Sequence[Token]) -> list[list[Cell]]:
        rows: list[list[Cell]] = []
        for index, token in enumerate(tokens):
            if token.type == "tr_open":
                rows.append([])
            elif token.type in ("th_open", "td_open"):
                style = self.palette.table_head if token.type == "th_open" else self.palette.base
                wanted = str(token.attrGet("style") or "").removeprefix("text-align:")
                align: Align = "right" if wanted == "right" else "center" if wanted == "center" else "left"
                rows[-1].append(Cell(tokens[index + 1].content, style, align))
        return rows


def _matching(tokens: Sequence[Token], index: int) -> int:
    """The index behind the block that starts here."""
    level = 0
    for end in range(index, len(tokens)):
        level += tokens[end].nesting
        if level <= 0:
            return end + 1
    return len(tokens)


def _loose(tokens: Sequence[Token]) -> bool:
    """Whether an item's paragraphs stand apart: markdown-it hides the paragraphs of a tight list."""
    return any(
        token.type == "paragraph_open" and not token.hidden for token in tokens if token.level <= tokens[0].level
    )


def _task(tokens: Sequence[Token]) -> str:
    """`x` or a space for a task, after taking its box away from the text; empty for other items."""
    if len(tokens) < 2 or tokens[1].type != "inline":
        return ""
    box = tokens[1].content[:4].lower()
    if box not in ("[ ] ", "[x] "):
        return ""
    tokens[1].content = tokens[1].content[4:]
    return box[1]
