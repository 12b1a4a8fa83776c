"""`chatmodes keys` as a person meets it: a key goes in without being seen, and never comes out again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SECRET = "sk-command-3Hx8"


def chatmodes(*args: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "chatmodes", *args], input=stdin, capture_output=True, text=True, timeout=60, check=False
    )


def test_set_list_and_remove(home: Path) -> None:
    done = chatmodes("keys", "set", "openai", stdin=f"{SECRET}\n")
    assert done.returncode == 0
    assert "OpenAI's key is stored in" in done.stderr
    assert (home / "config" / "keys.toml").stat().st_mode & 0o777 == 0o600
    listed = chatmodes("keys", "list", "--json")
    [place] = json.loads(listed.stdout)
    assert (place["provider"], place["source"]) == ("openai", "file")
    for said in (done, listed, chatmodes("keys", "list"), chatmodes("models", "openai", "--offline")):
        assert SECRET not in said.stdout + said.stderr
    assert chatmodes("keys", "remove", "openai").returncode == 0
    assert json.loads(chatmodes("keys", "list", "--json").stdout) == []
    assert chatmodes("keys", "remove", "openai").returncode == 2


def test_a_key_on_the_command_line_is_not_stored_and_not_repeated(home: Path) -> None:
    done = chatmodes("keys", "set", "openai", SECRET)
    assert done.returncode == 2
    assert "can be read by others" in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert not (home / "config" / "keys.toml").exists()


@pytest.mark.parametrize(
    ("args", "stdin", "said"),
    [
        (("set", "nobody"), SECRET, 'There is no provider "nobody"'),
        (("set", "endpoint"), SECRET, "Set CHATMODES_API_KEY"),
        (("set", "openai"), "", "is empty"),
        (("set", "openai"), f"{SECRET}\nsecond line", "has a line break"),
        (("set", "openai"), f"{SECRET}…", "has a character that no key has"),
    ],
)
def test_what_cannot_be_stored_is_said_in_one_line(args: tuple[str, ...], stdin: str, said: str) -> None:
    done = chatmodes("keys", *args, stdin=stdin)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert SECRET not in done.stdout + done.stderr


def test_a_variable_that_wins_over_the_stored_key_is_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    assert "OPENAI_API_KEY is set and is used instead" in chatmodes("keys", "set", "openai", stdin=SECRET).stderr


def test_a_malformed_file_stops_with_its_name_and_without_its_content(home: Path) -> None:
    path = home / "config" / "keys.toml"
    path.parent.mkdir(mode=0o700)
    path.write_text(f'[keys]\nopenai = "{SECRET}\n')
    path.chmod(0o600)
    done = chatmodes("keys", "set", "mistral", stdin="new")
    assert done.returncode == 2
    assert str(path) in done.stderr
    assert SECRET not in done.stderr
    listed = chatmodes("keys", "list")
    assert str(path) in listed.stdout
    assert SECRET not in listed.stdout + listed.stderr
