"""`chatmodes leaderboard` reads what the store recorded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chatmodes import events as ev
from chatmodes.cli import main
from chatmodes.messages import user
from chatmodes.settings import home, private_folder
from chatmodes.store import Store, open_store


def compare(
    store: Store, prompt: str, winner: str | None, topic: str = "", model: str = "fake/m", cost: float = 0.01
) -> None:
    """A comparison of three modes over one prompt, and a pick."""
    conversation = store.new_conversation()
    message = store.add_message(conversation, None, user(prompt))
    comparison = store.begin_comparison(conversation, message, topic=topic)
    for mode in ("instant", "thinking", "contemplating"):
        run = f"{prompt}-{mode}"
        writer = store.begin_run(run, conversation, message, mode=mode, model=model, comparison=comparison)
        writer.add(
            ev.RunFinished(
                run=run, at=1, method="single", answer=mode, usage=ev.Usage(1, 2), cost=cost, seconds=1.5,
                planned=1, survived=1,
            )
        )  # fmt: skip
        writer.end()
    store.record_pick(comparison, "winner" if winner else "none", f"{prompt}-{winner}" if winner else None, topic=topic)


@pytest.fixture
def store() -> Store:
    return open_store(private_folder(home("data")) / "chatmodes.db")


def test_no_picks_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leaderboard"]) == 0
    assert capsys.readouterr().out == (
        "There are no picks yet: compare a prompt with /compare and pick the better answer.\n"
    )


def test_a_table_bars_and_a_verdict(store: Store, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for n in range(12):
        compare(store, f"p{n}", "contemplating" if n else "instant")
    compare(store, "bad", None)
    picture = tmp_path / "board.svg"
    assert main(["leaderboard", "--plot", str(picture)]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[1].split()[:3] == ["1", "contemplating", "fake/m"]
    assert "●" in out
    assert "contemplating · fake/m is ahead" in out
    assert "In 1 of 13 none was good." in out
    assert picture.read_text().startswith("<?xml")


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_it_fits_the_terminal_and_no_name_is_cut(
    columns: int, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = "anthropic/claude-opus-5-20261101-preview"
    for n in range(12):
        compare(store, f"p{n}", "contemplating" if n else "instant", model=model)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main(["leaderboard"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert max(map(len, out[:-1])) <= columns  # the verdict is a sentence, which the terminal breaks
    assert sum(model in line for line in out[:-1]) == (3 if columns < 200 else 9)
    assert sum("●" in line for line in out) == 3
    assert [line.split()[-3:] for line in out if line.split()[:1] == ["1"]][-1] == ["·", "11", "11"]


def test_without_picks_no_picture_is_promised(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "board.svg"
    assert main(["leaderboard", "--plot", str(picture)]) == 0
    assert "nothing to draw" in capsys.readouterr().err
    assert not picture.exists()


def test_a_models_name_is_inert(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    for n in range(12):
        compare(store, f"p{n}", "contemplating", model="fake/\x1b]52;c;aGk=\x07")
    assert main(["leaderboard"]) == 0
    out = capsys.readouterr().out
    assert "contemplating · fake/]52;c;aGk= is ahead" in out
    assert not set(out) & {"\x1b", "\x07"}


def test_a_tiny_cost_is_not_shown_as_none(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    compare(store, "a", "instant", cost=0.00002)
    assert main(["leaderboard"]) == 0
    out = capsys.readouterr().out
    assert "<$0.0001" in out
    assert "$0.0000" not in out


def test_topics_filter_and_few_picks_are_said(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    compare(store, "a", "instant", topic="maths")
    compare(store, "b", "thinking", topic="poems")
    assert main(["leaderboard", "--topic", "maths", "--json"]) == 0
    board = json.loads(capsys.readouterr().out)
    assert board["picks"] == 1
    assert board["standings"][0]["mode"] == "instant"
    assert board["telling"] is False


def test_an_unknown_topic_names_those_there_are(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    compare(store, "a", "instant", topic="maths")
    compare(store, "b", "thinking", topic="poems")
    assert main(["leaderboard", "--topic", "zz"]) == 2
    assert "No pick has the topic 'zz'. There are: maths, poems." in capsys.readouterr().err


def test_a_topic_where_none_was_ever_given_says_how_to_give_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leaderboard", "--topic", "zz"]) == 2
    assert "A topic is given with a pick" in capsys.readouterr().err


def test_days_back_are_a_date_and_nothing_recent_is_said(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    compare(store, "a", "instant")
    assert main(["leaderboard", "--since", "30d", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["picks"] == 1
    assert main(["leaderboard", "--since", "2999-01-01"]) == 0
    assert "No pick is that recent; the last of 1 pick is of " in capsys.readouterr().out


def test_a_picture_of_another_kind_is_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leaderboard", "--plot", str(tmp_path / "board.gif")]) == 2
    assert ".png or .svg" in capsys.readouterr().err


def test_a_leaderboard_imports_no_heavy_package(store: Store) -> None:
    compare(store, "a", "instant")
    code = (
        "import sys; from chatmodes.cli import main; main(['leaderboard'])\n"
        "print(sorted({'pandas', 'scipy', 'numpy', 'evalica', 'matplotlib'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"
    assert "instant" in done.stdout


def test_a_wrong_date_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leaderboard", "--since", "yesterday"]) == 2
    assert "'yesterday' is no date" in capsys.readouterr().err
