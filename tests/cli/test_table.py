"""Tables line up in a terminal."""

import pytest

from chatmodes.cli.table import fit, table, width
from chatmodes.dollars import money


def test_columns_line_up_with_wide_characters() -> None:
    lines = table(["name", "n"], [["漢字", 5], ["plain", 12]], right=[1], limit=80).splitlines()
    assert lines == ["name    n", "漢字    5", "plain  12"]


def test_the_last_column_goes_on_below_itself_between_words() -> None:
    lines = table(["a", "answer"], [["x", "long text " * 4], ["y", "z"]], limit=25).splitlines()
    assert lines == ["a  answer", "x  long text long text", "   long text long text", "y  z"]


def test_an_excerpt_gives_way() -> None:
    lines = table(["a", "answer"], [["x", "long text " * 20]], limit=20, excerpt=True).splitlines()
    assert lines[1] == "x  long text long t…"


PATH = "/" + "/".join(f"folder{n:03}" for n in range(60))


@pytest.mark.parametrize("limit", [20, 80, 200, 2_000])
def test_a_path_can_be_read_and_copied_at_any_width(limit: int) -> None:
    assert PATH in table(["what", "where"], [["a key", f"It is in {PATH} here."]], limit=limit)
    assert PATH in table(["where", "what"], [[PATH, "a key"], ["here", "another"]], limit=limit)


def test_a_long_cell_widens_no_other_row() -> None:
    lines = table(["where", "what"], [[PATH, "a key"], ["here", "another"]]).splitlines()
    assert len(lines[2]) < 80


@pytest.mark.parametrize("excerpt", [False, True])
def test_nothing_is_cut_in_a_pipe_whatever_the_shell_says_of_its_width(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], excerpt: bool
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    print(table(["what", "where"], [["a key", f"{PATH} and {PATH}"]], excerpt=excerpt))
    assert f"{PATH} and {PATH}" in capsys.readouterr().out


def test_cells_are_one_clean_line() -> None:
    assert "\x1b" not in table(["a"], [["\x1b[31mred\nblue"]])
    assert len(table(["a"], [["one\ntwo"]]).splitlines()) == 2


def test_width_and_fit_count_cells() -> None:
    assert width("漢a") == 3
    assert fit("漢字漢字", 5) == "漢字…"


def test_money_never_rounds_to_nothing() -> None:
    assert [money(None), money(0.0), money(0.00001), money(0.5)] == ["unknown", "$0", "<$0.0001", "$0.5000"]
