"""What an evaluation found, for a reader: whole in a pipe, and on a terminal as wide as that is.

An arm a row is the form to compare and to paste. It has a dozen columns, which a terminal of 80 cells breaks to pieces:
there an arm is a column, and what is told by tag stands below its tag.
"""

from collections.abc import Callable, Sequence

from chatmodes.cli.table import UNCUT, counted, fits, table
from chatmodes.evaluating.report import HEADER, NUMBERS, Figures, rows, turned


def figures_table(found: Sequence[Figures]) -> str:
    """The figures of all arms."""
    wide = table(HEADER, rows(found), right=NUMBERS, limit=UNCUT)
    if fits(wide):
        return wide

    def some(arms: slice) -> str:
        head, *facts = turned(found[arms])
        return table(head, facts, right=range(1, len(head)), limit=UNCUT)

    return "\n\n".join(_blocks(len(found), some))


def tags_table(by_tag: Sequence[Sequence[str]]) -> str:
    """The scores by tag, of `tag_rows`."""
    head, *tagged = by_tag
    wide = table(head, tagged, right=range(1, len(head)), limit=UNCUT)
    if fits(wide):
        return wide

    def some(arms: slice) -> str:
        names, below = head[2:][arms], [[counted(int(row[1]), "item"), *row[2:][arms]] for row in tagged]
        return table(["", *names], below, right=range(1 + len(names)), limit=UNCUT)

    told: list[str] = []
    for block in _blocks(len(head) - 2, some):
        # The tags are the long ones: each has a line of its own, above its figures.
        top, *lines = block.splitlines()
        told.append("\n".join([top, *(f"{row[0]}\n{line}" for row, line in zip(tagged, lines, strict=True))]))
    return "\n\n".join(told)


def _blocks(arms: int, some: Callable[[slice], str]) -> list[str]:
    """The arms in as few blocks as leave the terminal room for each; where it has none for one arm, that one alone."""
    blocks: list[str] = []
    for many in range(arms, 0, -1):
        blocks = [some(slice(at, at + many)) for at in range(0, arms, many)]
        if all(map(fits, blocks)):
            break
    return blocks
