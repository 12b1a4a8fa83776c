"""Lines that go on under their own text, at any width."""

import pytest
from rich.cells import cell_len
from textual.content import Content

from chatmodes.tui.hanging import NARROWEST, Hanging, Line, TitledRow, terms

MEANING = (
    "a chain of thought first, 日本語の長い文章 shown apart and folded, with a_word_that_is_longer_than_any_column_is"
)


@pytest.mark.parametrize("width", range(2, 90, 4))
def test_what_a_term_means_goes_on_below_itself_and_nothing_is_lost(width: int) -> None:
    (line,) = terms([("Thinking", MEANING)], "bold", indent=2)
    shown = Hanging([line]).at(width).plain.split("\n")
    assert "".join("".join(shown).split()) == "".join(f"Thinking{MEANING}".split())
    if width >= 6:
        assert all(cell_len(row) <= width for row in shown)
    if width - line.hang >= NARROWEST:
        assert all(row.startswith(" " * line.hang) for row in shown[1:])
    elif width >= 10:
        assert all(row.startswith("    ") for row in shown[1:])


def test_terms_of_any_script_stand_in_a_column() -> None:
    rows = Hanging(terms([("a", "one"), ("漢字", "two")], "")).at(40).plain.split("\n")
    assert [cell_len(row[: row.index(word)]) for row, word in zip(rows, ("one", "two"), strict=True)] == [6, 6]


def test_a_title_gives_way_to_a_short_remark_and_a_long_remark_goes_on_below() -> None:
    assert TitledRow("The capital of France is Paris", "You", right=True).at(21).plain == "The capital of…  You"
    assert TitledRow("Find", "Ctrl+F", right=True).at(20).plain == "Find         Ctrl+F"
    assert TitledRow("Find", "Ctrl+F").at(20).plain == "Find  Ctrl+F"
    assert TitledRow("gpt", "400k context · $1 in").at(16).plain == "gpt  400k\n  context · $1\n  in"
    assert TitledRow("A long title here", "and more", below=True).at(10).plain == "A long ti…\n  and more"


def test_the_words_searched_for_are_marked_wherever_they_stand() -> None:
    row = TitledRow("Find (here)", "Ctrl+F finds", right=True, words=["find", "(here"]).at(40)
    marked = [row.plain[span.start : span.end] for span in row.spans if "accent" in str(span.style)]
    assert marked == ["Find", "(here", "find"]
    assert not TitledRow("Find", "").at(10).spans


def test_what_fits_is_left_as_it_is() -> None:
    assert Hanging([Line(Content("one"), 2), Line(Content("two"))]).at(3).plain == "one\ntwo"
