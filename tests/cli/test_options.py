"""Options that several commands share: heard on either side of the command, and never dropped in silence."""

import argparse
from pathlib import Path

import pytest

from chatmodes.cli import main
from chatmodes.cli.options import base_url_of, settings_of
from tests.cli.program import chatmodes, inside
from tests.fake import Fake

SHARED = [
    (["--continue"], "resume", True),
    (["--conversation", "x1"], "conversation", "x1"),
    (["--private"], "private", True),
    (["-m", "thinking"], "mode", "thinking"),
    (["--model", "a/b"], "model", "a/b"),
    (["--base-url", "http://127.0.0.1:9/v1"], "base_url", "http://127.0.0.1:9/v1"),
    (["--system", "Be brief."], "system", "Be brief."),
    (["--temperature", "0.5"], "temperature", 0.5),
    (["--max-tokens", "9"], "max_tokens", 9),
    (["--effort", "low"], "effort", "low"),
    (["--stop", "END"], "stop", ["END"]),
    (["--agents", "3"], "agents", 3),
    (["--quorum", "2"], "quorum", 2),
    (["--reconcile", "vote"], "reconcile", "vote"),
    (["--rounds", "2"], "rounds", 2),
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[argparse.Namespace]:
    """What `ask` was called with, instead of asking."""
    calls: list[argparse.Namespace] = []

    def run(args: argparse.Namespace) -> int:
        calls.append(args)
        return 0

    monkeypatch.setattr("chatmodes.cli.ask.run", run)
    return calls


@pytest.mark.parametrize(("words", "name", "value"), SHARED)
def test_a_shared_option_is_heard_on_both_sides_of_the_command(
    asked: list[argparse.Namespace], words: list[str], name: str, value: object
) -> None:
    assert main([*words, "ask", "hi"]) == 0
    assert main(["ask", *words, "hi"]) == 0
    assert main(["ask", "hi"]) == 0
    before, behind, unsaid = asked
    assert getattr(before, name) == value
    assert vars(before) == vars(behind)
    assert not getattr(unsaid, name)


def test_options_on_both_sides_add_up_and_the_later_one_holds(asked: list[argparse.Namespace]) -> None:
    assert main(["-m", "thinking", "--system", "Be brief.", "ask", "hi", "-m", "contemplating", "--agents", "3"]) == 0
    settings = settings_of(asked[0])
    assert (settings.mode, settings.system, settings.contemplating.agents) == ("contemplating", "Be brief.", 3)
    assert base_url_of(asked[0]) is None


def test_private_before_the_command_leaves_nothing_on_disk(fake: Fake, home: Path) -> None:
    result = chatmodes("--private", "--base-url", fake.url, "--model", "say:yes", "ask", "secret")
    assert (result.code, result.out) == (0, "yes\n")
    assert not (home / "data").exists()


def test_a_value_that_is_a_commands_name_is_no_command(asked: list[argparse.Namespace]) -> None:
    assert main(["--system", "models", "ask", "hi"]) == 0
    assert asked[0].system == "models"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--private", "history"], "`chatmodes history` takes no --private."),
        (["-m", "thinking", "doctor"], "`chatmodes doctor` takes no --mode."),
        (["--model", "a/b", "history", "search", "x"], "`chatmodes history` takes no --model."),
        (["--continue", "eval", "items.jsonl"], "`chatmodes eval` takes no --continue."),
        (["--private", "ask", "--continue", "hi"], "--continue and --private exclude each other."),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ask", "hi", "--temprature", "1"], "`chatmodes ask` has no option --temprature. Did you mean --temperature"),
        (["--jsn", "history"], "`chatmodes history` has no option --jsn. Did you mean --json?"),
        (["history", "search", "x", "--untill=2026"], "has no option --untill. Did you mean --until?"),
        (["ask", "hi", "--thinking"], "Did you mean --mode thinking?"),
        (["-z"], "`chatmodes` has no option -z. `chatmodes --help` lists what it takes."),
        (["histroy"], "has no command of that name. Did you mean history?"),
        (["history", "serach", "x"], "`chatmodes history` has no command of that name. Did you mean search?"),
        (["What is 2+2?"], 'A prompt follows a command. Write `chatmodes ask "What is 2+2?"`.'),
        (["ask", "What", "is", "2+2?"], "The prompt ends at its first word. Put it in quotes"),
        (["doctor", "all"], "`chatmodes doctor` has no use for 1 word of the line."),
        (["ask", "hi", "--agents", "many"], "--agents must be a whole number."),
        (["ask", "hi", "--temperature", "hot"], "--temperature must be a number."),
        (["ask", "hi", "--max-tokens", "many"], "--max-tokens must be a whole number."),
        (["ask", "hi", "--model"], "--model lacks its value."),
        (["ask", "hi", "-p", "language"], "-p/--param takes 2 values."),
        (["ask", "hi", "--json=yes"], "--json takes no value."),
        (["ask", "hi", "--mo", "x"], "--mo may be --mode, --model."),
        (["ask", "hi", "-c", "--private"], "--private and -c/--continue exclude each other."),
        (["keys", "set"], "PROVIDER is missing."),
        (["mcp", "list", "--json"], "`chatmodes mcp list` has no option --json."),
        (["mcp", "add", "x", "--ur", "--", "y", "--z"], "--url lacks its value."),
        (["history", "export", "x", "--format", "pdf"], "--format must be one of md, json, html."),
    ],
)
def test_wrong_usage_is_one_sentence_with_what_was_meant(words: list[str], said: str) -> None:
    result = inside(*words)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert result.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ["keys", "list", "sk-S3CR3T"],
        ["keys", "set", "openai", "--key=sk-S3CR3T"],
        ["keys", "set", "openai", "--api-key", "sk-S3CR3T"],
        ["--private=sk-S3CR3T", "ask", "hi"],
        ["sk-S3CR3T"],
        ["keys", "sk-S3CR3T"],
        ["ask", "hi", "--max-tokens", "sk-S3CR3T"],
        ["ask", "hi", "-m", "sk-S3CR3T"],
        ["history", "-n", "sk-S3CR3T"],
    ],
)
def test_wrong_usage_repeats_no_value_since_it_may_be_a_key(words: list[str]) -> None:
    result = inside(*words)
    assert result.code == 2
    assert "S3CR3T" not in result.out + result.err
