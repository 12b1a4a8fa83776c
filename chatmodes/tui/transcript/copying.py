"""A selection to text: what was drawn without what decorates it, and whole blocks as they were written."""

from textual.selection import Selection

from chatmodes.tui.transcript.document import Document, Place
from chatmodes.tui.transcript.places import unpacked


def selected_text(document: Document, selection: Selection) -> str:
    """The selected text. A block between the first and the last is copied from its source, so Markdown stays
    Markdown."""
    if not document.entries:
        return ""
    first, last = Place(0, 0, 0), Place(len(document.entries) - 1, 1 << 23, 0)
    start_x, end_x = 0, None
    if selection.start is not None:
        first, start_x = unpacked(selection.start.y), max(0, selection.start.x)
    if selection.end is not None:
        last, end_x = unpacked(selection.end.y), max(0, selection.end.x)
    pieces: list[str] = []
    for index in range(first.entry, min(last.entry, len(document.entries) - 1) + 1):
        if first.entry < index < last.entry:
            block = document.entries[index]
            pieces.append(block.block.head if block.block.folded else block.source.strip("\n"))
            continue
        begin = (first, start_x) if index == first.entry else None
        end = (last, end_x) if index == last.entry else None
        pieces.append(_part(document, index, begin, end))
    return "\n\n".join(piece for piece in pieces if piece)


def _part(document: Document, index: int, begin: tuple[Place, int] | None, end: tuple[Place, int | None] | None) -> str:
    """One block's text, from a place in it or its start, to a place in it or its end."""
    document.row(Place(index, 0, 0))  # has its units built
    units = document.entries[index].units or []
    low = begin[0].unit if begin else 0
    high = min(end[0].unit if end else len(units) - 1, len(units) - 1)
    out: list[str] = []
    joint = ""
    for unit in range(low, high + 1):
        if joint and units[unit].gap:
            joint += "\n" * units[unit].gap
        lines = document.lines(index, unit)
        for row, line in enumerate(lines):
            start, stop = 0, None
            if begin and unit == low:
                if row < begin[0].row:
                    continue
                start = begin[1] if row == begin[0].row else 0
            if end and unit == end[0].unit:
                if row > end[0].row:
                    break
                stop = end[1] if row == end[0].row else None
            if not line.joint and not line.copied(0, None, continues=False):
                continue  # decoration, such as the rule under a heading: what the line before ends with still holds
            continues = bool(joint) and not joint.startswith("\n")
            out.append(joint + line.copied(start, stop, continues=continues))
            joint = line.joint if line.joint != "" or not line.skips else ""
    return "".join(out).strip("\n")
