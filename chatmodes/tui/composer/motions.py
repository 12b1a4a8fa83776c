"""Where vim's motions lead in a text, which is given as its lines. Places are (row, column), ends not included."""

from collections.abc import Callable, Sequence

Place = tuple[int, int]
Lines = Sequence[str]

FIRST_HELD, SECOND_HELD = "\ue000", "\ue001"
"""Stand for each character of what is moved over and taken whole; two, since one such thing may follow another."""


def _kind(character: str) -> int:
    if character.isspace():
        return 0
    return 1 if character.isalnum() or character in ("_", FIRST_HELD, SECOND_HELD) else 2


def _run_end(line: str, column: int) -> int:
    """Behind the characters of one kind that begin here."""
    kind = _kind(line[column])
    while column < len(line) and _kind(line[column]) == kind:
        column += 1
    return column


def _blank_end(line: str, column: int) -> int:
    return _run_end(line, column) if column < len(line) and _kind(line[column]) == 0 else column


def word_forward(lines: Lines, place: Place) -> Place:
    """`w`: the beginning of the next word; an empty line counts as one. The text's end where there is none."""
    row, column = place
    line = lines[row]
    if column < len(line):
        column = _blank_end(line, _run_end(line, column))
    while column >= len(line):
        if row == len(lines) - 1:
            return row, len(line)
        row += 1
        line = lines[row]
        column = _blank_end(line, 0)
        if not line:
            return row, 0
    return row, column


def word_end(lines: Lines, place: Place) -> Place:
    """`e`: the last character of this word, or of the next where one is on it."""
    row, column = place[0], place[1] + 1
    while True:
        column = _blank_end(lines[row], column)
        if column < len(lines[row]):
            return row, _run_end(lines[row], column) - 1
        if row == len(lines) - 1:
            return row, max(0, len(lines[row]) - 1)
        row, column = row + 1, 0


def word_back(lines: Lines, place: Place) -> Place:
    """`b`: the beginning of this word, or of the one before where one is on it."""
    row, column = place
    while True:
        line = lines[row]
        while column > 0 and _kind(line[column - 1]) == 0:
            column -= 1
        if column > 0:
            kind = _kind(line[column - 1])
            while column > 0 and _kind(line[column - 1]) == kind:
                column -= 1
            return row, column
        if row == 0:
            return 0, 0
        row, column = row - 1, len(lines[row - 1])
        if not lines[row]:
            return row, 0


def first_written(lines: Lines, row: int) -> Place:
    """`^`: the first character of a line that is no space."""
    line = lines[row]
    return row, min(len(line) - len(line.lstrip()), max(0, len(line) - 1))


def changed_word_end(lines: Lines, place: Place, count: int) -> Place:
    """Where `cw` ends, itself not included: behind the word and not before the next, as `e` would go."""
    row, column = place
    end = (row, _run_end(lines[row], column) - 1)
    for _ in range(count - 1):
        end = word_end(lines, end)
    return end[0], end[1] + 1


def deleted_word_end(lines: Lines, place: Place, count: int) -> Place:
    """Where `dw` ends: as `w` goes, but the last word of a line is not joined with the next line."""
    before = place
    for _ in range(count):
        before, place = place, word_forward(lines, place)
    return place if place[0] == before[0] else (before[0], len(lines[before[0]]))


def widened(lines: Lines, start: Place, end: Place) -> tuple[Place, Place]:
    """A range that takes what it begins or ends in the middle of, where that is taken whole."""
    return _out_of(lines[start[0]], start, -1), _out_of(lines[end[0]], end, 1)


def _out_of(line: str, place: Place, by: int) -> Place:
    row, column = place
    while 0 < column < len(line) and line[column] == line[column - 1] in (FIRST_HELD, SECOND_HELD):
        column += by
    return row, column


WORDS: dict[str, Callable[[Lines, Place], Place]] = {"w": word_forward, "e": word_end, "b": word_back}
"""The motions that are done as often as a count says."""
