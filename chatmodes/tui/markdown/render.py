"""One section to lines: the door of this package for whoever lays out a transcript."""

from chatmodes.tui.markdown.display import shown
from chatmodes.tui.markdown.fences import code_lines, label_line, lexer
from chatmodes.tui.markdown.lines import BLANK, Line, prefixed
from chatmodes.tui.markdown.palette import Palette
from chatmodes.tui.markdown.sections import Section
from chatmodes.tui.markdown.wrap import Piece, wrap


def warm() -> None:
    """Import what the first answer needs (150 ms): for a thread, while the user reads or types."""
    from chatmodes.tui.markdown.paint import markdown_lines

    markdown_lines("*warm*", 80, Palette())
    lexer("python")


def render(section: Section, width: int, palette: Palette) -> list[Line]:
    """The section's rows, without the gap before it. Costs at most some ten milliseconds, see `sections.CAP`."""
    source = shown(section.raw)
    if section.kind == "plain":
        return plain_lines(source, width, palette)
    if section.kind == "fence":
        return _fence(section, source, width, palette)
    # 100 ms to import: not before the first answer is drawn.
    from chatmodes.tui.markdown.paint import markdown_lines, markdown_table

    if section.kind == "rest":
        dedented = "\n".join(_dedent(line, section.indent) for line in source.split("\n"))
        lines = markdown_lines(dedented, max(1, width - 4), palette)
        return [prefixed(line, "    ", palette.base, "  ") for line in lines]
    if section.kind == "table":
        from chatmodes.tui.markdown.tables import whole_rows

        return markdown_table(whole_rows(shown(section.header) + source), width, palette, head=not section.header)
    return markdown_lines(source, width, palette, number=section.number)


def _dedent(line: str, columns: int) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return line[min(indent, columns) :]


def plain_lines(text: str, width: int, palette: Palette) -> list[Line]:
    """Text that is not Markdown: its newlines kept, wrapped."""
    return wrap([Piece(text.removesuffix("\n").expandtabs(4), palette.base)], width)


def fence_text(section: Section) -> str:
    """The code in a fence's section, without its marks."""
    raw = section.raw.lstrip("\n") if section.opens else section.raw
    lines = raw.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if section.opens:
        indent = len(lines[0]) - len(lines[0].lstrip(" "))
        lines = [_dedent(line, indent) for line in lines[1:]]
    if section.closes:
        while lines and not lines[-1].strip():
            lines.pop()
        lines = lines[:-1]
    return "\n".join(lines)


def _fence(section: Section, source: str, width: int, palette: Palette) -> list[Line]:
    text = shown(fence_text(section)) if section.raw is not source else fence_text(section)
    out: list[Line] = []
    if section.opens:
        out.append(label_line(section.language, width, palette, ""))
    if text or not section.opens:
        out.extend(code_lines(text, section.language, width, palette, colours=not section.live))
    return out or [BLANK]
