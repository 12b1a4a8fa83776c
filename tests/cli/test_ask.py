"""`chatmodes ask`: the contract that scripts are written against."""

import errno
import json
import os
import signal
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from chatmodes.cli import main
from chatmodes.cli.streams import naming
from chatmodes.store import open_store
from tests.cli.program import chatmodes, inside, start
from tests.fake import Fake


def messages(fake: Fake, request: int = 0) -> list[dict[str, str]]:
    """The messages of a chat request that the server received."""
    body = fake.chats[request].json
    assert body is not None
    return body["messages"]


TERMINAL = {"run_finished", "run_failed", "run_cancelled"}


def test_the_answer_alone_is_on_stdout(fake: Fake) -> None:
    result = chatmodes("ask", "Hello there", "--base-url", fake.url, "--model", "say:Good morning!")
    assert (result.code, result.out, result.err) == (0, "Good morning!\n", "")


def test_piped_stdin_is_appended_to_the_prompt(fake: Fake) -> None:
    result = chatmodes("ask", "Summarise:", "--base-url", fake.url, "--model", "echo", stdin="the text")
    assert result.code == 0
    assert messages(fake, 0) == [{"role": "user", "content": "Summarise:\n\nthe text"}]


@pytest.mark.parametrize("words", [[], ["-"]])
def test_stdin_alone_is_the_prompt(fake: Fake, words: list[str]) -> None:
    result = inside("ask", *words, "--base-url", fake.url, "--model", "echo", stdin="What is 2+2?\n")
    assert result.code == 0
    assert messages(fake, 0)[-1]["content"] == "What is 2+2?"


@pytest.mark.parametrize("mode", ["instant", "thinking", "contemplating", "auto"])
def test_json_events_end_in_exactly_one_terminal(fake: Fake, mode: str) -> None:
    result = inside("ask", "What is 2+2?", "-m", mode, "--json", "--base-url", fake.url, "--model", "say:ANSWER: 4")
    assert (result.code, result.err) == (0, "")
    types = [event["type"] for event in result.events]
    assert types[0] == "run_started"
    assert types[-1] == "run_finished"
    assert len(TERMINAL & set(types)) == 1
    assert len({event["run"] for event in result.events}) == 1
    at = [event["at"] for event in result.events]
    assert at == sorted(at)
    answer = "".join(event["text"] for event in result.events if event["type"] == "answer_delta")
    assert result.events[-1]["answer"] == answer


def test_contemplating_runs_the_agents_it_is_told_to(fake: Fake) -> None:
    result = inside(
        "ask", "Why?", "-m", "contemplating", "--agents", "3", "--json", "--base-url", fake.url, "--model", "echo"
    )  # fmt: skip
    drafts = [e["agent"] for e in result.events if e["type"] == "agent_started" and e["role"] == "draft"]
    assert len(drafts) == 3


def test_system_and_environment_reach_the_model(fake: Fake) -> None:
    result = inside(
        "ask", "Hi", "--system", "Be brief.",
        CHATMODES_BASE_URL=fake.url, CHATMODES_MODEL="say:ok", CHATMODES_API_KEY="sk-test-1", CHATMODES_MODE="instant",
    )  # fmt: skip
    assert result.out == "ok\n"
    request = fake.chats[0]
    assert messages(fake)[0] == {"role": "system", "content": "Be brief."}
    assert request.headers["authorization"] == "Bearer sk-test-1"


def test_a_conversation_is_continued(fake: Fake) -> None:
    asked = ("--base-url", fake.url, "--model", "say:Nice to meet you.")
    assert inside("ask", "I am Ada.", *asked).code == 0
    assert inside("ask", "Who am I?", "--continue", *asked).code == 0
    assert [m["content"] for m in messages(fake, 1)] == ["I am Ada.", "Nice to meet you.", "Who am I?"]


def test_private_leaves_nothing_on_disk(fake: Fake, home: Path) -> None:
    assert inside("ask", "secret", "--private", "--base-url", fake.url, "--model", "echo").code == 0
    assert not list((home / "data").glob("*")) if (home / "data").exists() else True


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("401", "key"),
        ("404", "model"),
        ("html", "HTML"),
        ("reset-mid-stream", "connection"),
        ("empty", "empty"),
    ],
)
def test_a_failure_is_one_sentence_with_a_hint_and_code_1(fake: Fake, fault: str, said: str) -> None:
    result = inside("ask", "Hi", "--base-url", fake.url, "--model", f"fault:{fault}")
    assert result.code == 1
    assert len(result.err.strip().splitlines()) == 1
    assert result.err.startswith("chatmodes: ")
    assert said.lower() in result.err.lower()


@pytest.mark.parametrize(
    ("model", "said"),
    [
        ("nobody/model", "PROVIDER is one of meta, openai,"),
        ("openai/gpt-6-luna", "chatmodes keys set openai"),
        ("openai/", "chatmodes models openai"),
        ("azure/mine", "AZURE_OPENAI_ENDPOINT"),
        ("local/none", "chatmodes models pull"),
    ],
)
def test_a_model_that_cannot_be_called_is_wrong_usage_with_a_next_step(model: str, said: str) -> None:
    result = inside("ask", "Hi", "--model", model, AZURE_OPENAI_API_KEY="k")
    assert result.code == 2
    assert said in result.err
    assert len(result.err.strip().splitlines()) == 1


def test_the_partial_answer_survives_a_cut(fake: Fake) -> None:
    result = inside("ask", "Hi", "--json", "--base-url", fake.url, "--model", "fault:reset-mid-stream")
    assert result.code == 1
    last = result.events[-1]
    assert last["type"] == "run_failed"
    assert last["partial"]
    assert last["partial"] == "".join(e["text"] for e in result.events if e["type"] == "answer_delta")


@pytest.mark.parametrize(
    ("args", "stdin", "said"),
    [
        (["ask", ""], "", "prompt is empty"),
        (["ask", "  \n"], "", "prompt is empty"),
        (["ask", "x"], b"\xff\xfe\x00binary", "binary"),
        (["ask", "x"], b"nul\x00byte", "binary"),
        (["compare", "-"], b"\xff\xfe\x00binary", "binary"),
        (["ask", "x", "-m", "quick"], "", "-m/--mode must be one of instant, thinking, contemplating, auto."),
        (["ask", "x", "-m", "contemplating", "--agents", "0"], "", "from 1 to 64"),
        (["ask", "x", "-m", "contemplating", "--agents", "65"], "", "from 1 to 64"),
        (["ask", "x", "--rounds", "0"], "", "contemplating.rounds is 0; it must be from 1 to 10."),
        (["ask", "x", "--quorum", "-1"], "", "contemplating.quorum is -1; it must be at least 0."),
        (["ask", "x", "--continue"], "", "no conversation to continue"),
        (["ask", "x", "--conversation", "nope"], "", "no conversation 'nope'"),
        (["frobnicate"], "", "`chatmodes` has no command of that name. The commands are ask, compare, history,"),
    ],
)
def test_wrong_usage_is_code_2(args: list[str], stdin: str | bytes, said: str) -> None:
    result = inside(*args, stdin=stdin, CHATMODES_BASE_URL="http://127.0.0.1:9/v1", CHATMODES_MODEL="m")
    assert (result.code, result.out) == (2, "")
    assert said in result.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("mode = ", "not valid TOML"),
        ('mode = "fast"', 'mode is "fast"; it must be one of instant, thinking, contemplating, auto.'),
        ("colour = 1", "there is no setting colour."),
        ("[contemplating]\nagents = 100", "from 1 to 64"),
    ],
)
def test_a_broken_settings_file_is_named(home: Path, content: str, said: str) -> None:
    folder = home / "config"
    folder.mkdir()
    (folder / "settings.toml").write_text(content)
    result = inside("ask", "x")
    assert result.code == 2
    assert str(folder / "settings.toml") in result.err
    assert said in result.err


def test_a_project_may_not_name_a_file_to_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".chatmodes.toml").write_text('[local]\ngguf = "/tmp/evil.gguf"\n')
    monkeypatch.chdir(tmp_path)
    result = inside("ask", "x")
    assert result.code == 2
    assert "which a project's file may not" in result.err


@pytest.mark.parametrize("url", ["http://no-such-host.invalid/v1", "http://127.0.0.1:1/v1"])
def test_an_unreachable_host_is_a_network_error(url: str) -> None:
    result = inside("ask", "x", "--json", "--base-url", url, "--model", "m")
    assert result.code == 1
    assert result.events[-1]["error"]["kind"] == "network"


def test_a_prompt_of_5_mb_arrives_whole(fake: Fake) -> None:
    prompt = "word " * 1_000_000
    result = inside("ask", "-", "--base-url", fake.url, "--model", "say:read", stdin=prompt)
    assert result.out == "read\n"
    assert len(messages(fake, 0)[0]["content"]) == len(prompt.strip())


def test_ctrl_c_keeps_what_came_and_exits_130(fake: Fake) -> None:
    program = start("ask", "Tell me", "--json", "--base-url", fake.url, "--model", "slow:tps=20,repeat=200")
    assert program.stdout
    lines: list[bytes] = []
    while b'"answer_delta"' not in (line := program.stdout.readline()):
        lines.append(line)
    program.send_signal(signal.SIGINT)
    rest, err = program.communicate(timeout=60)
    last = json.loads(rest.splitlines()[-1])
    assert (program.returncode, last["type"], err) == (130, "run_cancelled", b"")
    assert last["partial"]
    fake.wait_until(lambda: fake.open_connections == 0)


def test_a_reader_that_goes_away_ends_the_run(fake: Fake) -> None:
    program = start("ask", "Tell me", "--base-url", fake.url, "--model", "slow:tps=50,repeat=2000")
    assert program.stdout
    program.stdout.read(10)
    program.stdout.close()
    assert program.wait(timeout=60) == 130
    assert program.stderr
    assert b"Traceback" not in program.stderr.read()


def test_escape_sequences_of_the_model_do_not_reach_the_terminal(fake: Fake) -> None:
    hostile = "say:a\x1b]52;c;aGk=\x07\x9b31mb\u202ec"
    plain = inside("ask", "x", "--base-url", fake.url, "--model", hostile)
    assert plain.out == "a]52;c;aGk=31mbc\n"
    events = inside("ask", "x", "--json", "--base-url", fake.url, "--model", hostile)
    assert not set(events.out) & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert events.events[-1]["answer"] == "a\x1b]52;c;aGk=\x07\x9b31mb\u202ec"


def test_a_terminal_is_needed_for_the_chat_and_said() -> None:
    result = chatmodes()
    assert result.code == 2
    assert "chatmodes ask" in result.err


def test_the_console_script_is_installed() -> None:
    script = Path(sys.executable).with_name("chatmodes")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert done.stdout.startswith("chatmodes 0.")


def test_an_address_with_a_part_too_many_works_and_is_mentioned(fake: Fake) -> None:
    result = inside("ask", "Hello", "--base-url", f"{fake.url}/chat/completions", "--model", "say:Good.")
    assert (result.code, result.out) == (0, "Good.\n")
    assert "/chat/completions" in result.err


def test_an_address_without_a_scheme_is_wrong_usage(fake: Fake) -> None:
    result = inside("ask", "Hello", "--base-url", fake.url.removeprefix("http://"), "--model", "echo")
    assert (result.code, result.out) == (2, "")
    assert "has no scheme" in result.err


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_closed_stream_is_no_bug(fake: Fake, closed: str) -> None:
    command = [sys.executable, "-m", "chatmodes", "ask", "hi", "--base-url", fake.url, "--model", "say:yes"]
    result = subprocess.run(["sh", "-c", f'"$@" {closed}', "sh", *command], capture_output=True, check=False)
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout == (b"" if closed == ">&-" else b"yes\n")


def test_a_full_disk_behind_stdout_is_one_sentence(fake: Fake) -> None:
    command = [sys.executable, "-m", "chatmodes", "ask", "hi", "--base-url", fake.url, "--model", "say:yes"]
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, check=False)
    assert result.returncode == 1
    assert b"No space left" in result.stderr
    assert b"Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "The system refused something: No space left on device."),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "/data/x: No space left on device."),
        (BrokenPipeError(errno.EPIPE, "Broken pipe"), "The system refused something: Broken pipe."),
    ],
)
def test_another_files_failure_is_not_the_outputs(
    error: OSError, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> int:
        with naming(Path(error.filename)) if error.filename else nullcontext():
            raise OSError(error.errno, error.strerror)

    monkeypatch.setattr("chatmodes.cli.ask.run", fail)
    assert main(["ask", "hi"]) == 1
    assert capsys.readouterr().err == f"chatmodes: {said}\n"


@pytest.mark.parametrize("command", [["ask", "hi", "--model", "say:yes"], ["doctor"]])
def test_a_deleted_working_directory_has_no_project_and_no_more_to_say(
    fake: Fake, tmp_path: Path, command: list[str]
) -> None:
    (gone := tmp_path / "gone").mkdir()
    result = subprocess.run(
        ["sh", "-c", 'rmdir "$PWD" && exec "$@"', "sh", sys.executable, "-m", "chatmodes", *command],
        cwd=gone,
        env={**os.environ, "CHATMODES_BASE_URL": fake.url},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "yes\n" in result.stdout if command[0] == "ask" else "The working directory is gone" in result.stdout


def test_an_encoding_without_the_answers_letters_shows_others(fake: Fake) -> None:
    result = chatmodes("ask", "hi", "--base-url", fake.url, "--model", "say:日本 ok", PYTHONIOENCODING="ascii")
    assert (result.code, result.out) == (0, "?? ok\n")


def test_the_ceiling_is_told_before_the_answer_and_so_is_what_does_not_count(fake: Fake, home: Path) -> None:
    folder = home / "config"
    folder.mkdir(exist_ok=True)
    panel = '["endpoint/say:ANSWER: 42", "endpoint/say:ANSWER: 4,finish=length"]'
    (folder / "settings.toml").write_text(f"[contemplating]\nagents = 2\npanel = {panel}\nmax_tokens = 100\n")
    result = inside("ask", "What is 6 * 7?", "-m", "contemplating", "--base-url", fake.url)
    assert (result.code, result.out) == (0, "ANSWER: 42\n")
    first, *_ = result.err.splitlines()
    assert first.startswith("2 agents, at most ")
    assert "a2 reached the token limit; its draft does not count" in result.err


def test_a_prompt_that_nobody_answered_is_no_conversation_of_the_list(fake: Fake) -> None:
    endpoint = ("--base-url", fake.url, "--model")
    for _ in range(2):
        assert inside("ask", "hi", *endpoint, "401").code == 1
    assert inside("ask", "hi there", *endpoint, "echo").code == 0
    assert [each["title"] for each in json.loads(inside("history", "--json").out)] == ["hi there"]
    aside = json.loads(inside("history", "--archived", "--json").out)
    assert [each["title"] for each in aside] == ["Not answered: hi"] * 2
    assert inside("ask", "again", "-c", *endpoint, "401").code == 1
    assert [each["title"] for each in json.loads(inside("history", "--json").out)] == ["hi there"]
    assert "hi" in inside("history", "show", aside[0]["id"]).out


@pytest.mark.parametrize("way", ["-c", "--conversation"])
def test_an_answer_after_all_brings_the_conversation_back_under_its_name(fake: Fake, way: str) -> None:
    endpoint = ("--base-url", fake.url, "--model")
    assert inside("ask", "hi", *endpoint, "401").code == 1
    (aside,) = json.loads(inside("history", "--archived", "--json").out)
    there = [way] if way == "-c" else [way, aside["id"]]
    assert inside("ask", "hello?", *there, *endpoint, "fault:500").code == 1
    assert json.loads(inside("history", "--json").out) == []
    assert inside("ask", "again", *there, *endpoint, "echo").code == 0
    (back,) = json.loads(inside("history", "--json").out)
    assert (back["id"], back["title"], back["archived"]) == (aside["id"], "hi", False)


def test_what_was_archived_by_hand_stays_there_when_it_is_answered(fake: Fake, home: Path) -> None:
    endpoint = ("--base-url", fake.url, "--model")
    assert inside("ask", "hi", *endpoint, "echo").code == 0
    (before,) = json.loads(inside("history", "--json").out)
    with open_store(home / "data" / "chatmodes.db") as store:
        store.archive(before["id"])
    assert inside("ask", "again", "-c", *endpoint, "echo").code == 0
    assert json.loads(inside("history", "--json").out) == []


@pytest.mark.parametrize("model", ["think", "401"])
def test_narration_that_nobody_can_take_costs_no_answer(fake: Fake, model: str) -> None:
    command = ["ask", "hi", "--reasoning", "--base-url", fake.url, "--model", model]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "chatmodes", *command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=full, timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, bool(done.stdout)) == ((0, True) if model == "think" else (1, False))
    with Path("/dev/full").open("w") as full:
        wrong = subprocess.run([sys.executable, "-m", "chatmodes", "frobnicate"], stderr=full, check=False)
    assert wrong.returncode == 2


def test_ctrl_c_while_the_program_starts_is_cancelled_without_a_word() -> None:
    interrupted = """
import sys

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "chatmodes.cli.options":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Interrupting())
sys.argv = ["chatmodes", "history"]
from chatmodes.__main__ import main
main()
"""
    done = subprocess.run([sys.executable, "-c", interrupted], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
