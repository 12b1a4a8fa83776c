"""Tables line up in a terminal."""

from chatmodes.cli.table import fit, table, width
from chatmodes.dollars import money


def test_columns_line_up_with_wide_characters() -> None:
    lines = table(["name", "n"], [["漢字", 5], ["plain", 12]], right=[1], limit=80).splitlines()
    assert lines == ["name    n", "漢字    5", "plain  12"]


def test_the_last_column_gives_way() -> None:
    assert table(["a", "answer"], [["x", "long text " * 20]], limit=20).splitlines()[1] == "x  long text long t…"


def test_cells_are_one_clean_line() -> None:
    assert "\x1b" not in table(["a"], [["\x1b[31mred\nblue"]])
    assert len(table(["a"], [["one\ntwo"]]).splitlines()) == 2


def test_width_and_fit_count_cells() -> None:
    assert width("漢a") == 3
    assert fit("漢字漢字", 5) == "漢字…"


def test_money_never_rounds_to_nothing() -> None:
    assert [money(None), money(0.0), money(0.00001), money(0.5)] == ["unknown", "$0", "<$0.0001", "$0.5000"]
