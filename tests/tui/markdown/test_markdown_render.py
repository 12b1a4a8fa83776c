"""Markdown drawn as lines: nothing wider than the width, nothing lost at a break, columns that line up."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from chatmodes.tui.markdown.lines import Line
from chatmodes.tui.markdown.palette import Palette
from chatmodes.tui.markdown.render import render
from chatmodes.tui.markdown.sections import Splitter, split
from chatmodes.tui.markdown.wrap import Piece, wrap

TEXTS = st.text(st.sampled_from("ab c  日本、。é\u0301👍🇩🇪-"), max_size=80)


def drawn(text: str, width: int = 60) -> list[Line]:
    return [line for section in split(text) for line in render(section, width, Palette())]


def texts(text: str, width: int = 60) -> list[str]:
    return [line.text.rstrip() for line in drawn(text, width)]


@given(TEXTS, st.integers(2, 40))
@settings(max_examples=300, deadline=None)
def test_wrapped_lines_fit_and_their_joints_give_the_text_back(text: str, width: int):
    lines = wrap([Piece(text[:10], Style(bold=True)), Piece(text[10:], Style())], width)
    for line in lines:
        assert line.cells == cell_len(line.text) or len(line.segments) > 1
        assert line.cells <= width
    joined = "".join(line.text + line.joint for line in lines)
    assert joined.rstrip() == text.rstrip()


def test_chinese_breaks_anywhere_but_before_a_closing_mark():
    lines = [line.text for line in wrap([Piece("日本語の文章、です。", Style())], 12)]
    assert lines == ["日本語の文", "章、です。"]


def test_words_longer_than_the_line_are_cut_and_spaces_at_the_start_stay():
    assert [line.text for line in wrap([Piece("    abcdefghij", Style())], 8)] == ["    abcd", "efghij"]


def test_items_number_nest_and_tick():
    text = "3. three\n1. four\n   - nested\n     - deeper\n\n- [x] done\n- [ ] open\n"
    wanted = [" 3. three", " 4. four", "     ◦ nested", "        ▪ deeper", " ☑ done", " ☐ open"]
    assert texts(text) == wanted


def test_newlines_that_a_model_sends_are_kept():
    assert texts("Roses are red,\nviolets are blue.") == ["Roses are red,", "violets are blue."]


def test_latex_html_and_file_names_are_text():
    text = r"$x_1^2$ and \alpha in List<String> of README.md <b>x</b>"
    (line,) = drawn(text)
    assert line.text == text.replace("$x_1^2$", "x₁²")
    assert not line.hits


def test_a_link_shows_its_target_once():
    assert texts("[a](http://x.test/) http://y.test/") == ["a (http://x.test/) http://y.test/"]
    long = "http://x.test/" + "p" * 300
    (shortened,) = texts(f"[a]({long})", 200)
    assert len(shortened) < 60
    assert [hit.payload for hit in drawn(f"[a]({long})", 200)[0].hits] == [long, long]


@pytest.mark.parametrize("width", [20, 33, 60, 120])
def test_a_tables_rows_are_equally_wide_whatever_is_in_them(width: int):
    text = (
        "| a | 日本語 | long words in a cell |\n|--:|:-:|---|\n| `1` | **二** | x |\n| 👍 | [l](u) | "
        + "word " * 30
        + "|\n"
    )
    lines = drawn(text, width)
    assert len({line.cells for line in lines}) == 1
    assert lines[0].cells <= width
    columns = [[at for at, letter in enumerate(cells(line)) if letter in "│┼"] for line in lines]
    assert all(column == columns[0] for column in columns)


def cells(line: Line) -> str:
    """The line with wide characters doubled, so that an index is a column."""
    return "".join(letter * max(1, cell_len(letter)) for letter in line.text)


def test_columns_that_do_not_fit_are_counted():
    text = "| column " * 40 + "|\n" + "|---" * 40 + "|\n" + "| value " * 40 + "|\n"
    lines = drawn(text, 60)
    assert max(line.cells for line in lines) <= 60
    assert "+3" in lines[0].text


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("| or | `a | b` |", "or   │ a | b"),
        ("| or | ``a || b`` and more |", "or   │ a || b and more"),
        ("or | `a` | left over", "or   │ a | left over"),
        (r"| or | `a \| b` |", "or   │ a | b"),
        ("| or | b | | |", "or   │ b"),
        ("| or |", "or   │"),
    ],
    ids=["code", "two ticks", "prose", "escaped", "empty cells", "too few"],
)
def test_no_cell_of_a_table_is_lost(row: str, wanted: str):
    assert texts(f"| what | means |\n|---|---|\n{row}\n")[-1] == wanted


def test_a_table_cut_in_two_keeps_its_columns_and_shows_its_head_once():
    rows = "".join(f"| row {number} | value |\n" for number in range(400))
    lines = drawn("| name | what |\n|---|---|\n" + rows)
    assert sum("name" in line.text for line in lines) == 1
    assert len([line for line in lines if "row" in line.text]) == 400


def test_code_is_coloured_when_its_fence_closes_and_plain_before():
    palette = Palette(keyword=Style(color="red"))
    splitter = Splitter()
    splitter.feed("```python\nreturn 1\n")
    (live,) = splitter.tail()
    assert not any(s.style == palette.keyword for line in render(live, 40, palette) for s in line.segments)
    (whole,) = splitter.feed("```\n")
    assert any(s.style == palette.keyword for line in render(whole, 40, palette) for s in line.segments)


def test_tabs_in_code_are_four_columns():
    assert texts("```\n\tx\n```")[1] == "     x"
