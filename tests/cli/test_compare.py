"""`chatmodes compare`: columns stay correct whatever becomes of their neighbours."""

import json
import os
from pathlib import Path

import pytest

from chatmodes.cli import main
from chatmodes.settings import home as folder
from chatmodes.store import open_store
from tests.fake import Fake


def compare(fake: Fake, *args: str) -> int:
    """Run the command against the loopback server, in this process."""
    return main(["compare", *args, "--base-url", fake.url])


def test_json_has_the_contracts_form(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    code = compare(fake, "What is 2+2?", "--modes", "instant,contemplating", "--models", "say:ANSWER: 4", "--json")
    told = json.loads(capsys.readouterr().out)
    assert code == 0
    assert told["prompt"] == "What is 2+2?"
    assert [run["mode"] for run in told["runs"]] == ["instant", "contemplating"]
    for run in told["runs"]:
        assert {"mode", "model", "answer", "usage", "cost", "ttft", "seconds"} <= run.keys()
        assert run["answer"].endswith("ANSWER: 4")
        assert "error" not in run
    assert told["runs"][1]["planned"] == 5


def test_one_column_fails_and_the_others_answer(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    models = "say:fine,fault:401,fault:reset-mid-stream"
    assert compare(fake, "Hi", "--modes", "instant", "--models", models, "--json") == 0
    fine, refused, cut = json.loads(capsys.readouterr().out)["runs"]
    assert fine["answer"] == "fine"
    assert refused["error"]["kind"] == "auth"
    assert cut["error"]["kind"] in ("stream_cut", "network")
    assert cut["answer"]


def test_all_columns_failing_is_code_1(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(fake, "Hi", "--modes", "instant", "--models", "fault:401,fault:404") == 1
    out = capsys.readouterr().out
    assert "key" in out


def test_a_comparison_that_nothing_came_of_is_set_aside_until_something_does(
    fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    assert compare(fake, "Hi", "--modes", "instant", "--models", "fault:401,fault:404") == 1
    with open_store(folder("data") / "chatmodes.db") as store:
        assert store.conversations() == []
        assert [each.name for each in store.conversations(archived=True)] == ["Not answered: Hi"]
    assert compare(fake, "Hi?", "--modes", "instant", "--models", "fault:401,echo", "-c") == 0
    with open_store(folder("data") / "chatmodes.db") as store:
        assert [each.name for each in store.conversations()] == ["Hi"]


def test_the_plain_form_shows_answers_and_a_table(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(fake, "Hi", "--modes", "instant", "--models", "say:one,say:two") == 0
    out = capsys.readouterr().out
    assert "one\n" in out
    assert "two\n" in out
    assert out.splitlines()[-3].startswith("mode")


@pytest.mark.parametrize("columns", [60, 80, 300])
def test_the_figures_fit_the_terminal_and_no_name_is_cut(
    columns: int, fake: Fake, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    long = "say:ANSWER: an answer of ten"
    assert compare(fake, "Hi", "--modes", "instant,contemplating", "--models", f"{long},echo") == 0
    lines = capsys.readouterr().out.splitlines()
    figures = lines[max(n for n, line in enumerate(lines) if not line) + 1 :]
    assert max(map(len, figures)) <= columns
    assert sum(f"endpoint/{long}" in line for line in figures) == 2
    assert "agreement" in "".join(figures)
    assert max(len(line) for line in lines if line.startswith("──")) <= columns


def test_markdown_escapes_the_tables_bars(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(fake, "a|b", "--modes", "instant", "--models", "say:x|y", "--markdown") == 0
    out = capsys.readouterr().out
    assert out.startswith("# Comparison\n\n> a|b\n")
    assert "endpoint/say:x\\|y" in out


def test_a_page_with_hostile_text_holds_no_element_of_it(fake: Fake, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    models = "say:<script>alert(1)</script>,say:plain"
    assert compare(fake, "<b>bold?</b>", "--modes", "instant", "--models", models, "--html", str(page)) == 0
    html = page.read_text("utf-8")
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html


def test_only_a_page_of_a_comparison_is_written_over(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><p>my thesis</p>")
    options = ("--modes", "instant", "--html", str(page))
    assert compare(fake, "Hi", *options, "--models", "say:one") == 2
    assert f"{page} exists and is no page of a comparison." in capsys.readouterr().err
    assert "my thesis" in page.read_text()
    assert not fake.requests
    page.unlink()
    assert compare(fake, "Hi", *options, "--models", "say:one") == 0
    assert compare(fake, "Hi", *options, "--models", "say:another") == 0
    assert "another" in page.read_text()
    assert page.stat().st_mode & 0o777 == 0o600


def test_a_file_of_prompts_goes_on_where_it_stopped(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts, out = tmp_path / "prompts.txt", tmp_path / "results.jsonl"
    prompts.write_text('first\n{"input": "second"}\n')
    options = ("--prompts", str(prompts), "--out", str(out), "--modes", "instant", "--models", "echo")
    assert compare(fake, *options) == 0
    assert len(fake.chats) == 2
    out.write_text(out.read_text().splitlines()[0] + '\n{"prompt": "seco')  # a crash while the second was written
    assert compare(fake, *options) == 0
    assert len(fake.chats) == 3
    assert "1 of 2 prompts" in capsys.readouterr().err
    assert compare(fake, *options) == 0
    assert len(fake.chats) == 3, "the answer after the crash can be read"
    assert "2 of 2 prompts" in capsys.readouterr().err


def test_what_other_modes_and_models_answered_is_no_answer_of_these(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts, out = tmp_path / "prompts.txt", tmp_path / "results.jsonl"
    prompts.write_text("first\nsecond\n")

    def goes_on(modes: str, model: str) -> int:
        before = len(fake.chats)
        compare(fake, "--prompts", str(prompts), "--out", str(out), "--modes", modes, "--models", model)
        return len(fake.chats) - before

    assert goes_on("instant", "say:one") == 2
    assert goes_on("instant", "say:other") == 2
    assert goes_on("thinking,instant", "say:one") == 4
    assert goes_on("thinking", "say:one") == goes_on("instant", "say:other") == 0
    assert "2 of 2 prompts" in capsys.readouterr().err
    assert goes_on("instant", "fault:404") == goes_on("instant", "fault:404") > 0  # what failed is asked again


def test_a_file_of_prompts_is_read_behind_its_mark_and_each_prompt_asked_once(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts, out = tmp_path / "prompts.txt", tmp_path / "results.jsonl"
    prompts.write_bytes('{"input": "one"}\r\ntwo\r\none\r\n'.encode("utf-8-sig"))
    options = ("--prompts", str(prompts), "--out", str(out), "--modes", "instant", "--models", "echo")
    assert compare(fake, *options) == 0
    assert [json.loads(line)["prompt"] for line in out.read_bytes().splitlines()] == ["one", "two"]
    assert len(fake.chats) == 2


@pytest.mark.parametrize("turns", [[{"role": "user", "content": "Hi"}], 5, {"text": "Hi"}])
def test_a_prompt_that_is_no_text_is_not_sent_as_one(
    fake: Fake, tmp_path: Path, turns: object, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts = tmp_path / "prompts.jsonl"
    prompts.write_text('{"prompt": "fine"}\n' + json.dumps({"input": turns}))
    assert compare(fake, "--prompts", str(prompts), "--out", str(tmp_path / "out"), "--models", "echo") == 2
    assert "line 2: the prompt is no text" in capsys.readouterr().err
    assert not fake.requests


@pytest.mark.parametrize(
    "content", ["my thesis\n", "my thesis", '{"prompt": "Hi"}\n', '{"input": "Hi"}', "[1]\n", "7\n"]
)
def test_results_are_added_to_results_only(
    fake: Fake, tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (prompts := tmp_path / "prompts").write_text("Hi\n")
    (out := tmp_path / "out").write_text(content)
    assert compare(fake, "--prompts", str(prompts), "--out", str(out), "--models", "echo") == 2
    assert f"{out} exists and holds no results of a comparison." in capsys.readouterr().err
    assert out.read_text() == content
    assert not fake.requests


@pytest.mark.parametrize("cut", ["", "{", '{"prompt": "H'])
def test_results_that_a_crash_cut_at_the_first_are_gone_on_with(fake: Fake, tmp_path: Path, cut: str) -> None:
    (prompts := tmp_path / "prompts").write_text("Hi\n")
    (out := tmp_path / "out").write_text(cut)
    options = ("--prompts", str(prompts), "--out", str(out), "--modes", "instant", "--models", "echo")
    assert [compare(fake, *options), compare(fake, *options)] == [0, 0]
    assert len(fake.chats) == 1


def test_a_line_ends_at_a_newline_alone(fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prompts, out = tmp_path / "prompts.txt", tmp_path / "results.jsonl"
    odd = "one\u2028two\x85three"
    prompts.write_bytes(f'{{"input": "{odd}"}}\r\nplain {odd}\r\n'.encode())
    options = ("--prompts", str(prompts), "--out", str(out), "--modes", "instant", "--models", "echo")
    assert compare(fake, *options) == 0
    assert [json.loads(line)["prompt"] for line in out.read_bytes().splitlines()] == [odd, f"plain {odd}"]
    assert compare(fake, *options) == 0
    assert len(fake.chats) == 2, "nothing is paid for again"
    assert "2 of 2 prompts" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--modes", "instant,quick", "Hi"], "no mode 'quick'"),
        (["Hi", "--prompts", "x"], "Name one prompt"),
        ([], "Name one prompt"),
        (["--prompts", "none.txt", "--out", "o"], "cannot be read"),
        (["--prompts", "none.txt"], "needs --out"),
        ([" "], "prompt is empty"),
        (["Hi", "--modes", ","], "names no mode"),
    ],
)
def test_wrong_usage_is_code_2(fake: Fake, args: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(fake, *args) == 2
    assert said in capsys.readouterr().err


def test_the_answers_are_stored_as_siblings_of_one_comparison(fake: Fake) -> None:
    assert compare(fake, "Hi", "--modes", "instant", "--models", "say:one,say:two") == 0
    with open_store(folder("data") / "chatmodes.db") as store:
        conversation = store.latest()
        assert conversation
        prompt, *answers = store.tree(conversation.id)
        assert {answer.parent for answer in answers} == {prompt.id}
        assert {answer.message.text for answer in answers} == {"one", "two"}
        (comparison,) = store.comparisons(conversation.id)
        assert len(comparison.runs) == 2


def test_a_costly_comparison_is_not_sent_unasked(
    fake: Fake, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "config").mkdir()
    (home / "config" / "providers.toml").write_text(f'[openai]\nbase_url = "{fake.like("openai")}"\n')
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    args = ["compare", "Hi", "--modes", "contemplating", "--models", "openai/gpt-5.6-sol"]
    assert main(args) == 2
    assert "may cost up to $" in capsys.readouterr().err
    assert fake.chats == []


@pytest.mark.parametrize("option", ["--html", "--out"])
@pytest.mark.parametrize("name", ["", "missing/results"])
def test_a_results_file_that_cannot_be_written_is_known_before_anything_is_asked(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, name: str
) -> None:
    (prompts := tmp_path / "prompts").write_text("Hi\n")
    what = ["--prompts", str(prompts)] if option == "--out" else ["Hi"]
    assert compare(fake, *what, option, str(tmp_path / name), "--models", "say:x") == 2
    assert str(tmp_path / name).split("/")[-1] in capsys.readouterr().err
    assert not fake.requests


@pytest.mark.parametrize("words", [["compare", "--prompts", "items.jsonl"], ["eval", "items.jsonl"]])
def test_results_go_to_no_pipe_since_what_is_there_is_read_first(
    words: list[str], fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("items.jsonl").write_text('{"input": "1+1?", "target": "2"}\n')
    os.mkfifo("pipe")
    assert main([*words, "--out", "pipe", "--base-url", fake.url, "--model", "echo"]) == 2
    assert "pipe is no regular file." in capsys.readouterr().err


@pytest.mark.parametrize("words", [["compare", "--prompts", "/dev/zero"], ["eval", "/dev/zero"]])
def test_a_file_without_end_is_read_to_a_bound(
    words: list[str], fake: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for bound in ("chatmodes.evaluating.items.LARGEST", "chatmodes.cli.compare.MOST_PIPED"):
        monkeypatch.setattr(bound, 1_000_000)
    assert main([*words, "--out", str(tmp_path / "out"), "--base-url", fake.url, "--model", "echo"]) == 2
    assert "/dev/zero holds more than 1 MB." in capsys.readouterr().err
