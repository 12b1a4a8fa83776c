"""`chatmodes history`, as it is called from a shell: stdout is data, stderr is narration, exit codes tell."""

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chatmodes import cli
from chatmodes.messages import Message, Text, ToolCall, ToolResult, assistant, user
from chatmodes.store import Store, open_store
from tests.store.test_runs import contemplation

HOSTILE = (
    "\x1b]52;c;aGk=\x07<script>alert(1)</script> \u202egnp.exe ![x](http://evil.example/t.png) [l](javascript:alert(1))"
)

History = Callable[..., tuple[int, str, str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHATMODES_HOME", str(tmp_path / "home"))
    (tmp_path / "home" / "data").mkdir(parents=True)
    return tmp_path / "home"


@pytest.fixture
def history(home: Path, capsys: pytest.CaptureFixture[str]) -> History:
    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = cli.main(["history", *arguments])
        except SystemExit as exit:  # argparse's own way to say wrong usage
            code = int(exit.code or 0)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def database(home: Path) -> Store:
    return open_store(home / "data" / "chatmodes.db")


def talk(home: Path, *texts: str, title: str = "") -> str:
    with database(home) as store:
        conversation = store.new_conversation(title)
        parent: str | None = None
        for number, text in enumerate(texts):
            says = assistant if number % 2 else user
            parent = store.add_message(conversation, parent, says(text))
        return conversation


def contemplate(home: Path) -> str:
    with database(home) as store:
        conversation = store.new_conversation()
        prompt = store.add_message(conversation, None, user("a prompt"))
        for run in ("r1", "r2"):
            writer = store.begin_run(run, conversation, prompt, mode="contemplating", model="local/small")
            for event in contemplation(run)[: None if run == "r1" else 17]:
                writer.add(event)
            writer.end()
        return conversation


def test_nothing_stored_yet(history: History) -> None:
    assert history() == (0, "", "No conversations yet.\n")
    assert history("search", "x", "--json") == (0, "[]\n", "")
    assert history("--json") == (0, "[]\n", "")


def test_the_list_and_what_it_takes_to_show_one(home: Path, history: History) -> None:
    first = talk(home, "What is a quine?", "A program that prints itself.")
    second = talk(home, "Hello", title="Greeting")
    code, out, _ = history()
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()[1:]] == [second, first]
    assert "What is a quine?" in out
    assert [c["id"] for c in json.loads(history("list", "--json", "-n", "1")[1])] == [second]
    code, out, _ = history("show", first[:13])
    assert code == 0
    assert out.startswith("# What is a quine?")
    assert "A program that prints itself." in out


def test_search_gives_what_show_export_and_delete_take(home: Path, history: History) -> None:
    id = talk(home, 'the "quick" fox', "jumps over it")
    talk(home, "another quick one")
    code, out, _ = history("search", '"quick fox"', "--json")
    (hit,) = json.loads(out)
    assert code == 0
    assert hit["id"] == id
    assert hit["title"] == 'the "quick" fox'
    assert hit["snippet"] == 'the "quick" fox'
    assert hit["at"].endswith("Z")
    for command in ("show", "export", "delete"):
        assert history(command, hit["id"])[0] == 0
    assert history("search", "fox", "--json")[1] == "[]\n"
    code, out, err = history("search", "fox")
    assert (code, out, err) == (0, "", "Nothing found.\n")


def test_search_by_mode_model_and_day(home: Path, history: History) -> None:
    id = contemplate(home)

    def found(*arguments: str) -> list[str]:
        code, out, _ = history("search", *arguments, "--json")
        assert code == 0
        return [hit["id"] for hit in json.loads(out)]

    assert found("four", "--mode", "contemplating", "--model", "small") == [id]
    assert found("--mode", "contemplating", "--since", "1d") == [id, id]
    assert found("four", "--mode", "instant") == []
    assert found("four", "--until", "2020-01-01") == []
    assert found("four", "--since", "2020-01-01T00:00:00+02:00") == [id]


@pytest.mark.parametrize(
    "arguments",
    [
        ("search",),
        ("search", "x", "--since", "yesterday-ish"),
        ("search", "x", "-n", "0"),
        ("search", "x", "--mode", "pondering"),
        ("show",),
        ("show", "nosuchid"),
        ("delete", "nosuchid"),
        ("export",),
        ("export", "nosuchid"),
        ("export", "--all", "--format", "md"),
        ("export", "x", "--format", "pdf"),
        ("prune",),
        ("frobnicate",),
    ],
)
def test_wrong_usage_is_exit_code_2_and_one_clear_line(
    home: Path, history: History, arguments: tuple[str, ...]
) -> None:
    talk(home, "hello")
    code, out, err = history(*arguments)
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert len(err.splitlines()[-1]) > 20


def test_one_wrong_id_deletes_nothing(home: Path, history: History) -> None:
    id = talk(home, "hello")
    assert history("delete", id, "nosuchid")[0] == 2
    assert history("show", id)[0] == 0


def test_json_comes_back_as_the_same_tree(home: Path, history: History, tmp_path: Path) -> None:
    id = contemplate(home)
    other = talk(home, "two", "conversations")
    file = tmp_path / "all.json"
    assert history("export", "--all", "-o", str(file)) == (0, "", "")
    assert file.stat().st_mode & 0o777 == 0o600
    assert history("delete", id, other)[0] == 0
    code, out, err = history("import", str(file))
    assert (code, out) == (0, "")
    assert "2 conversations with 5 new messages" in err
    assert history("export", "--all")[1] == file.read_text()
    assert "0 conversations with 0 new messages; 2 conversations already here" in history("import", str(file))[2]


def test_an_existing_file_is_overwritten_only_when_asked(home: Path, history: History, tmp_path: Path) -> None:
    id = talk(home, "hello")
    file = tmp_path / "taken.md"
    file.write_text("mine")
    code, _, err = history("export", id, "-o", str(file))
    assert code == 2
    assert "--force" in err
    assert file.read_text() == "mine"
    assert history("export", id, "-o", str(file), "--force")[0] == 0
    assert "hello" in file.read_text()
    code, _, err = history("export", id, "-o", str(tmp_path / "no" / "such" / "folder.md"))
    assert code == 1
    assert "cannot be written" in err


def test_a_folder_gets_a_file_that_says_what_is_in_it(home: Path, history: History, tmp_path: Path) -> None:
    id = talk(home, "How tall is the tower?")
    (tmp_path / "exports").mkdir()
    code, out, err = history("export", id, "-o", str(tmp_path / "exports"))
    (file,) = (tmp_path / "exports").iterdir()
    assert (code, out) == (0, "")
    assert file.name.startswith("how-tall-is-the-tower-")
    assert str(file) in err


def test_a_page_shows_drafts_reasoning_and_other_answers(home: Path, history: History) -> None:
    id = contemplate(home)
    code, out, _ = history("export", id, "--format", "html")
    assert code == 0
    for text in (
        "Reasoning of a1",
        "Let me think",
        "Draft of a2",
        "Surely 4.",
        "Another answer",
        "The answer is four.",
    ):
        assert text in out
    assert "This answer was cut" in out
    assert "Content-Security-Policy" in out
    assert 'name="viewport"' in out


def test_tools_that_an_answer_used_are_in_exports(home: Path, history: History) -> None:
    with database(home) as store:
        id = store.new_conversation()
        prompt = store.add_message(id, None, user("What time is it?"))
        parts = (
            Text("I'll look."), ToolCall("c1", "now", '{"zone": "UTC"}'), ToolResult("c1", "now", (Text("noon ```"),)),
            ToolCall("c2", "later", "{}"), Text("It is *noon*."),
        )  # fmt: skip
        store.add_message(id, prompt, Message("assistant", parts))
    written = history("export", id)[1]
    assert 'I\'ll look.\n\n- Called now: {"zone": "UTC"}\n\n- Called later: {}\n\nIt is *noon*.' in written
    page = history("export", id, "--format", "html")[1]
    for shown in ("Called now", "noon ```", "It was stopped before it ran.", "It is <em>noon</em>."):
        assert shown in page


@pytest.mark.parametrize("form", ["md", "html", "json"])
def test_hostile_text_is_inert_in_every_form(home: Path, history: History, form: str) -> None:
    id = talk(home, HOSTILE, HOSTILE, title=HOSTILE)
    for out in (
        history("export", id, "--format", form)[1],
        history("show", id)[1],
        history()[1],
        history("search", "l")[1],
    ):
        assert "\x1b" not in out
        assert "\x07" not in out
        assert "\u202e" not in out
    page = history("export", id, "--format", "html")[1]
    assert "<script" not in page
    assert "<img" not in page
    assert 'href="javascript' not in page
    if form == "json":
        exported: Any = json.loads(history("export", id, "--format", form)[1])
        assert exported["conversations"][0]["title"] == HOSTILE, "JSON keeps every character, escaped"


def test_import_goes_on_past_what_cannot_be_read(home: Path, history: History, tmp_path: Path) -> None:
    broken, whole = tmp_path / "broken.json", tmp_path / "whole.json"
    broken.write_text("{")
    whole.write_text(json.dumps([{"uuid": "c", "chat_messages": [{"uuid": "m", "sender": "human", "text": "Hi"}]}]))
    code, _, err = history("import", str(tmp_path / "missing.json"), str(broken), str(whole))
    assert code == 1
    assert "No such file" in err
    assert "is not JSON" in err
    assert "1 conversation with 1 new message\n" in err
    assert "0 conversations" not in err
    assert len(json.loads(history("--json")[1])) == 1


def test_prune_shows_first_and_deletes_only_when_told(home: Path, history: History) -> None:
    id = talk(home, "old news")
    code, out, err = history("prune", "--older-than", "0d")
    assert code == 0
    assert id in out
    assert "Nothing has been deleted" in err
    assert history("show", id)[0] == 0
    code, _, err = history("prune", "--older-than", "0d", "--yes")
    assert "Deleted 1 conversation with 1 message" in err
    assert history("show", id)[0] == 2
    assert history("prune", "--older-than", "0d") == (0, "", "Nothing is that old.\n")


def test_sizes(home: Path, history: History) -> None:
    contemplate(home)
    code, out, err = history("sizes")
    assert code == 0
    assert "messages" in out
    assert str(home) in err


def test_a_damaged_database_is_exit_code_1_and_untouched(home: Path, history: History) -> None:
    file = home / "data" / "chatmodes.db"
    file.write_bytes(b"damaged" * 1000)
    code, out, err = history()
    assert (code, out) == (1, "")
    assert "damaged or no database" in err
    assert file.read_bytes() == b"damaged" * 1000


def test_a_newer_database_can_be_read(home: Path, history: History) -> None:
    id = talk(home, "hello")
    with closing(sqlite3.connect(home / "data" / "chatmodes.db")) as db:
        db.execute("PRAGMA user_version = 1000")
    code, out, err = history("show", id)
    assert code == 0
    assert "hello" in out
    assert "newer chatmodes" in err
    assert history("delete", id)[0] == 1


def test_one_store_serves_many_threads(home: Path) -> None:
    with database(home) as store:
        conversation = store.new_conversation()

        def work(name: str) -> None:
            for number in range(20):
                store.add_message(conversation, None, user(f"{name} {number}"))
                store.search(name)

        threads = [threading.Thread(target=work, args=(f"thread{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(store.tree(conversation)) == 160


@pytest.mark.parametrize("words", [["-n", "9" * 30], ["search", "sky", "-n", "9" * 30]])
def test_a_limit_beyond_every_number_means_all(home: Path, history: History, words: list[str]) -> None:
    talk(home, "Why is the sky blue?", "Air.")
    code, out, _ = history(*words)
    assert code == 0
    assert "sky" in out


def test_an_offset_beyond_every_number_finds_nothing(home: Path, history: History) -> None:
    talk(home, "Why is the sky blue?", "Air.")
    assert history("search", "sky", "--offset", "9" * 30)[:2] == (0, "")


def test_an_export_goes_to_stdout_for_a_dash_and_over_no_device(
    home: Path, history: History, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    conversation = talk(home, "Why is the sky blue?", "Air.")
    code, out, _ = history("export", conversation, "-o", "-")
    assert (code, out.splitlines()[0]) == (0, "# Why is the sky blue?")
    assert not Path("-").exists()
    code, _, err = history("export", conversation, "-o", "/dev/null", "--force")
    assert (code, "/dev/null is no regular file." in err) == (2, True)
