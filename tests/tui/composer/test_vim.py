"""Vim's keys, each on a text with the cursor at `|`; what they come to is what vim does."""

import pytest

from chatmodes.tui.composer.motions import FIRST_HELD, SECOND_HELD, Place
from chatmodes.tui.composer.vim import Vim


class Typist:
    """Presses keys on a text as the text area would, and shows it with the cursor."""

    def __init__(self, shown: str) -> None:
        before, _, after = shown.partition("|")
        self.lines = (before + after).split("\n")
        self.cursor: Place = (before.count("\n"), len(before.rpartition("\n")[2]))
        self.vim = Vim()
        self.vim.inserting = False

    def press(self, keys: str) -> str:
        for key in keys:
            if self.vim.inserting and key != "⎋":
                self._put(self.cursor, self.cursor, key)
                self.cursor = (self.cursor[0], self.cursor[1] + 1)
                continue
            if key == "⎋":
                step = self.vim.escape(self.cursor)
            else:
                step = self.vim.press(key, self.lines, self.cursor, self.lines)
            if step is not None and step.change is not None:
                self._put(*step.change)
            if step is not None and step.cursor is not None:
                self.cursor = step.cursor
        return self.shown

    def _put(self, start: Place, end: Place, text: str) -> None:
        joined = self.lines[start[0]][: start[1]] + text + self.lines[end[0]][end[1] :]
        self.lines[start[0] : end[0] + 1] = joined.split("\n")

    @property
    def shown(self) -> str:
        row, column = self.cursor
        lines = [*self.lines]
        lines[row] = f"{lines[row][:column]}|{lines[row][column:]}"
        return "\n".join(lines)


@pytest.mark.parametrize(
    ("before", "keys", "after"),
    [
        # moving
        ("a|bc", "h", "|abc"),
        ("|abc", "h", "|abc"),
        ("|abc", "l", "a|bc"),
        ("|abc", "9l", "ab|c"),
        ("ab|c", "0", "|abc"),
        ("|abc", "$", "ab|c"),
        ("  ab|c", "^", "  |abc"),
        ("|one two", "w", "one |two"),
        ("|one.two", "w", "one|.two"),
        ("o|ne\n\n  two", "w", "one\n|\n  two"),
        ("one\n|\n  two", "w", "one\n\n  |two"),
        ("|one two three", "2w", "one two |three"),
        ("one tw|o", "w", "one tw|o"),
        ("|one two", "e", "on|e two"),
        ("on|e two", "e", "one tw|o"),
        ("on|e\n\ntwo", "e", "one\n\ntw|o"),
        ("one tw|o", "b", "one |two"),
        ("one |two", "b", "|one two"),
        ("one\n\n|two", "b", "one\n|\ntwo"),
        ("|größe 日本", "w", "größe |日本"),
        ("ab|c\nx\nabc", "jj", "abc\nx\nab|c"),
        ("ab|c\nx\nabc", "jx", "abc\n|\nabc"),
        ("abc\nde|f", "k", "ab|c\ndef"),
        ("|abc\nx\nabc", "$jj", "abc\nx\nab|c"),
        ("a\nb\n|c", "gg", "|a\nb\nc"),
        ("|a\nb\nc", "G", "a\nb\n|c"),
        ("|a\nb\nc", "2G", "a\n|b\nc"),
        ("a\nb\n|c", "2gg", "a\n|b\nc"),
        # deleting
        ("a|bc", "x", "a|c"),
        ("ab|c", "x", "a|b"),
        ("|abc", "2x", "|c"),
        ("|", "x", "|"),
        ("ab|c", "X", "a|c"),
        ("a|bc def", "D", "|a"),
        ("|one two", "dw", "|two"),
        ("one |two\nthree", "dw", "one| \nthree"),
        ("|one two three", "d2w", "|three"),
        ("|one two three", "2dw", "|three"),
        ("o|ne two", "db", "|ne two"),
        ("|one two", "de", "| two"),
        ("one |two", "d0", "|two"),
        ("one |two", "d$", "one| "),
        ("a\n|b\nc", "dd", "a\n|c"),
        ("a\nb\n  |c", "dd", "a\n|b"),
        ("|a", "dd", "|"),
        ("|a\nb\nc", "2dd", "|c"),
        ("|a\nb\nc", "dj", "|c"),
        ("|a\nb", "dk", "|a\nb"),
        ("a\n|b\nc", "dG", "|a"),
        ("a\n|b\nc", "dgg", "|c"),
        ("one\n|two", "db", "|two"),
        ("an one\n|two", "db", "an| \ntwo"),
        # changing and inserting
        ("|one two", "cwfour⎋", "fou|r two"),
        ("on|e two", "cwX⎋", "on|X two"),
        ("one| two", "cwX⎋", "one|Xtwo"),
        ("|one two three", "c2wX⎋", "|X three"),
        ("a\n  |bcd\ne", "ccX⎋", "a\n|X\ne"),
        ("on|e two", "CX⎋", "on|X"),
        ("a|bc", "sX⎋", "a|Xc"),
        ("a\n|bc", "SX⎋", "a\n|X"),
        ("a|bc", "iX⎋", "a|Xbc"),
        ("a|bc", "aX⎋", "ab|Xc"),
        ("  a|bc", "IX⎋", "  |Xabc"),
        ("a|bc", "AX⎋", "abc|X"),
        ("a|bc\nd", "oX⎋", "abc\n|X\nd"),
        ("a\nb|c", "OX⎋", "a\n|X\nbc"),
        ("a|bc", "rX", "a|Xc"),
        ("|abc", "2rX", "X|Xc"),
        ("ab|c", "2rX", "ab|c"),
        # taking and putting
        ("|one two", "dwp", "tone| wo"),
        ("|one two", "ywP", "one| one two"),
        ("a\n|b\nc", "ddp", "a\nc\n|b"),
        ("a\n|b\nc", "ddP", "a\n|b\nc"),
        ("a\n|b", "yyp", "a\nb\n|b"),
        ("|a", "yy3p", "a\n|a\na\na"),
        ("|abc", "xp", "b|ac"),
        ("a|bc", "yb", "|abc"),
        ("|one\ntwo", "yjGp", "one\ntwo\n|one\ntwo"),
        # what is none of it
        ("a|bc", "Zx", "a|c"),
        ("a|bc", "dZx", "a|c"),
        ("a|bc", "d⎋x", "a|c"),
        ("a|bc", "99999999999x", "a|bc"),
        ("a|bc", "p", "a|bc"),
    ],
)
def test_keys_do_what_they_do_in_vim(before: str, keys: str, after: str) -> None:
    assert Typist(before).press(keys) == after


def test_what_is_taken_whole_is_moved_over_and_deleted_whole() -> None:
    vim = Vim()
    vim.inserting = False
    text = ["see <one><two>"]
    lines = ["see " + FIRST_HELD * 5 + SECOND_HELD * 5]
    step = vim.press("x", lines, (0, 4), text)
    assert step.change == ((0, 4), (0, 9), "")
    step = vim.press("p", ["see"], (0, 2), ["see"])
    assert step.change == ((0, 3), (0, 3), "<one>")


def test_an_escape_says_whether_there_was_anything_to_leave() -> None:
    vim = Vim()
    assert vim.escape((0, 3)) == ((0, 2), None, False)
    assert vim.label == "NORMAL"
    assert vim.escape((0, 2)) is None
    vim.press("2", [""], (0, 0), [""])
    vim.press("d", [""], (0, 0), [""])
    assert vim.label == "NORMAL 2d"
    assert vim.escape((0, 0)) is not None
    assert vim.label == "NORMAL"
