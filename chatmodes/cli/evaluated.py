"""What an evaluation found, for a reader: whole in a pipe, and on a terminal as wide as that is.

An arm a row is the form to compare and to paste. It has a dozen columns, which a terminal of 80 cells breaks to pieces:
there an arm is a column, and what is told by tag stands below its tag.
"""

from collections.abc import Sequence

from chatmodes.cli.table import UNCUT, counted, fits, table
from chatmodes.evaluating.report import HEADER, NUMBERS, Figures, rows, turned


def figures_table(found: Sequence[Figures]) -> str:
    """The figures of all arms."""
    wide = table(HEADER, rows(found), right=NUMBERS, limit=UNCUT)
    if fits(wide):
        return wide
    head, *facts = turned(found)
    return table(head, facts, right=range(1, len(head)))


def tags_table(by_tag: Sequence[Sequence[str]]) -> str:
    """The scores by tag, of `tag_rows`."""
    head, *tagged = by_tag
    right = range(1, len(head))
    wide = table(head, tagged, right=right, limit=UNCUT)
    if fits(wide):
        return wide
    # The tags are the long ones: each has a line of its own, above its figures.
    below = table(
        ["", *head[2:]], [[counted(int(items), "item"), *scores] for _, items, *scores in tagged], right=right
    )
    top, *lines = below.splitlines()
    return "\n".join([top, *(f"{tag}\n{line}" for (tag, *_), line in zip(tagged, lines, strict=True))])
