"""Vim's keys in the composer, for those who set `tui.vim`: a small part of them, done as vim does.

`h j k l w b e 0 ^ $ gg G` move, `d c y` take what a motion goes over or with the key twice the line, `x X D C s S Y r p
P` change, `i a I A o O` insert, `u` undoes, and a number before any of them counts. It knows no widget: it gets a text
and the cursor with each key, and says what is to be done.
"""

from dataclasses import dataclass
from typing import NamedTuple

from chatmodes.tui.composer.motions import (
    WORDS,
    Lines,
    Place,
    changed_word_end,
    deleted_word_end,
    first_written,
    widened,
)

_LAST = 1 << 30
"""A column to the right of every line's end."""
_SHORT = {"x": "dl", "X": "dh", "D": "d$", "C": "c$", "s": "cl", "S": "cc", "Y": "yy"}
"""Keys that stand for others."""
MOST = 9_999
"""The highest count."""


class Step(NamedTuple):
    """What a key comes to: first the change, then the cursor."""

    cursor: Place | None = None
    change: tuple[Place, Place, str] | None = None
    """The range that goes, and what comes in its place."""
    undo: bool = False


class _Motion(NamedTuple):
    to: Place
    whole_lines: bool = False
    included: bool = False


@dataclass
class _Register:
    text: str = ""
    whole_lines: bool = False


class Vim:
    """The state between two keys: which mode one is in, and what was begun."""

    def __init__(self) -> None:
        self.inserting = True
        self._pending = ""
        self._register = _Register()
        self._column: int | None = None
        """Where up and down aim for, on lines that are long enough."""

    @property
    def label(self) -> str:
        """What is shown of it; empty while one types."""
        return "" if self.inserting else f"NORMAL {self._pending}".rstrip()

    def forget(self) -> None:
        """Another text takes the place of this one: nothing of it is put into that one."""
        self.inserting, self._pending, self._register = True, "", _Register()

    def escape(self, cursor: Place) -> Step | None:
        """Escape: leave inserting, or give up what was begun; None where there is nothing to leave."""
        if self.inserting:
            self.inserting = False
            return Step((cursor[0], max(0, cursor[1] - 1)))
        begun, self._pending = self._pending, ""
        return Step() if begun else None

    def press(self, key: str, lines: Lines, cursor: Place, text: Lines) -> Step:
        """A character typed while not inserting.

        lines: the text with held characters for what is taken whole; `text` is the same as it is.
        """
        column, self._column = self._column, None
        self._pending += key
        count, operator, named = _read(self._pending)
        if named is None:
            return Step()
        self._pending = ""
        if count > MOST or not named:
            return Step()
        if operator:
            return self._operate(operator, named, count, lines, cursor, text)
        motion = _motion(named, count, lines, cursor, column)
        if motion is None:
            return self._command(named, max(1, count), lines, cursor)
        if named in ("j", "k"):
            self._column = cursor[1] if column is None else column
        elif named == "$":
            self._column = _LAST
        return Step(_kept(lines, motion.to))

    # What changes the text

    def _operate(self, operator: str, named: str, count: int, lines: Lines, cursor: Place, text: Lines) -> Step:
        row = cursor[0]
        if named == operator:
            return self._on_lines(operator, row, min(len(lines), row + max(1, count)) - 1, lines, text)
        motion = _operated(operator, named, count, lines, cursor)
        if motion is None:
            return Step()
        if motion.whole_lines:
            return self._on_lines(operator, min(row, motion.to[0]), max(row, motion.to[0]), lines, text)
        start, end = sorted((cursor, motion.to))
        if motion.included:
            end = (end[0], min(len(lines[end[0]]), end[1] + 1))
        elif end[1] == 0 and end[0] > start[0]:  # vim's own exception: the line it ends before is not begun
            if start[1] <= first_written(lines, start[0])[1]:
                return self._on_lines(operator, start[0], end[0] - 1, lines, text)
            end = (end[0] - 1, len(lines[end[0] - 1]))
        start, end = widened(lines, start, end)
        if start == end and operator != "c":
            return Step()
        self._register = _Register(_between(text, start, end))
        if operator == "y":
            return Step(start)
        if operator == "c":
            self.inserting = True
            return Step(start, (start, end, ""))
        left = lines[start[0]][: start[1]] + lines[end[0]][end[1] :]
        return Step((start[0], max(0, min(start[1], len(left) - 1))), (start, end, ""))

    def _on_lines(self, operator: str, first: int, last: int, lines: Lines, text: Lines) -> Step:
        self._register = _Register("\n".join(text[first : last + 1]), True)
        if operator == "y":
            return Step((first, 0))
        if operator == "c":
            self.inserting = True
            return Step((first, 0), ((first, 0), (last, len(lines[last])), ""))
        left = [*lines[:first], *lines[last + 1 :]]
        at = first_written(left, min(first, len(left) - 1)) if left else (0, 0)
        if last < len(lines) - 1:
            return Step(at, ((first, 0), (last + 1, 0), ""))
        start = (first - 1, len(lines[first - 1])) if first else (0, 0)
        return Step(at, (start, (last, len(lines[last])), ""))

    def _command(self, named: str, count: int, lines: Lines, cursor: Place) -> Step:
        row, column = cursor
        line = lines[row]
        if named in ("i", "I", "a", "A", "o", "O"):
            self.inserting = True
            places = {"i": column, "I": first_written(lines, row)[1], "a": min(len(line), column + 1), "A": len(line)}
            if named in places:
                return Step((row, places[named]))
            at = (row, len(line)) if named == "o" else (row, 0)
            return Step((row + (named == "o"), 0), (at, at, "\n"))
        if named in ("p", "P"):
            return self._put(count, lines, cursor, after=named == "p")
        if named.startswith("r") and len(named) == 2 and column + count <= len(line):
            start, end = widened(lines, cursor, (row, column + count))
            return Step((row, start[1] + count - 1), (start, end, named[1] * count))
        return Step(undo=named == "u")

    def _put(self, count: int, lines: Lines, cursor: Place, *, after: bool) -> Step:
        kept, (row, column) = self._register, cursor
        if not kept.text and not kept.whole_lines:
            return Step()
        if kept.whole_lines:
            put = "\n".join([kept.text] * count)
            indent = len(put.partition("\n")[0]) - len(put.partition("\n")[0].lstrip())
            if after:
                at = (row, len(lines[row]))
                return Step((row + 1, indent), (at, at, f"\n{put}"))
            return Step((row, indent), ((row, 0), (row, 0), f"{put}\n"))
        put = kept.text * count
        at = (row, min(len(lines[row]), column + 1)) if after else cursor
        return Step(at if "\n" in put else (row, at[1] + len(put) - 1), (at, at, put))


def _read(pending: str) -> tuple[int, str, str | None]:
    """What was pressed so far: its count, 0 where there is none, its operator, and the command or motion.

    That is None where more has to come, and empty where nothing begins so.
    """
    count, rest = _number(pending)
    rest = _SHORT.get(rest, rest)
    operator = rest[:1] if rest[:1] in ("d", "c", "y") else ""
    if operator:
        inner, rest = _number(rest[1:])
        count = max(1, count) * inner if inner else count
    if rest in ("", "g") or (rest == "r" and not operator):
        return count, operator, None
    known = rest in ("gg", operator) or (len(rest) == 1 and rest in "hjklwbe0^$G")
    if not operator:
        known = known or (len(rest) == 1 and rest in "iIaAoOpPu") or (rest[0] == "r" and len(rest) == 2)
    return count, operator, rest if known else ""


def _number(text: str) -> tuple[int, str]:
    """A leading number, which does not begin with a zero, and what is behind it."""
    rest = text.lstrip("0123456789") if text[:1] not in ("", "0") else text
    digits = text[: len(text) - len(rest)]
    return (int(digits[:6]) if digits else 0), rest


def _motion(named: str, count: int, lines: Lines, cursor: Place, column: int | None = None) -> _Motion | None:
    """Where a motion leads; None where it is none."""
    row, at = cursor
    times = max(1, count)
    match named:
        case "h":
            return _Motion((row, max(0, at - times)))
        case "l":
            return _Motion((row, min(len(lines[row]), at + times)))
        case "j" | "k":
            to = row + times if named == "j" else row - times
            return _Motion((max(0, min(to, len(lines) - 1)), at if column is None else column), whole_lines=True)
        case "0":
            return _Motion((row, 0))
        case "^":
            return _Motion(first_written(lines, row))
        case "$":
            to = min(row + times, len(lines)) - 1
            return _Motion((to, len(lines[to])))
        case "gg" | "G":
            to = min(count, len(lines)) - 1 if count else 0 if named == "gg" else len(lines) - 1
            return _Motion(first_written(lines, to), whole_lines=True)
        case "w" | "e" | "b":
            to = cursor
            for _ in range(times):
                to = WORDS[named](lines, to)
            return _Motion(to, included=named == "e")
        case _:
            return None


def _operated(operator: str, named: str, count: int, lines: Lines, cursor: Place) -> _Motion | None:
    """The same behind an operator, for which `w` ends elsewhere; None too where up and down have no line to go to."""
    row, column = cursor
    if named == "w":
        written = column < len(lines[row]) and not lines[row][column].isspace()
        ends = changed_word_end if operator == "c" and written else deleted_word_end
        return _Motion(ends(lines, cursor, max(1, count)))
    motion = _motion(named, count, lines, cursor)
    return None if motion and named in ("j", "k") and motion.to[0] == row else motion


def _kept(lines: Lines, place: Place) -> Place:
    """A place on a character: the cursor stands behind the last one only while one inserts."""
    row, column = place
    return row, max(0, min(column, len(lines[row]) - 1))


def _between(lines: Lines, start: Place, end: Place) -> str:
    if start[0] == end[0]:
        return lines[start[0]][start[1] : end[1]]
    return "\n".join([lines[start[0]][start[1] :], *lines[start[0] + 1 : end[0]], lines[end[0]][: end[1]]])
