"""`chatmodes keys` as a person meets it: a key goes in without being seen, and never comes out again."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import inside

SECRET = "sk-command-3Hx8"


def test_set_list_and_remove(home: Path) -> None:
    done = inside("keys", "set", "openai", stdin=f"{SECRET}\n")
    assert done.code == 0
    assert "OpenAI's key is stored in" in done.err
    assert (home / "config" / "keys.toml").stat().st_mode & 0o777 == 0o600
    listed = inside("keys", "list", "--json")
    [place] = json.loads(listed.out)
    assert (place["provider"], place["source"]) == ("openai", "file")
    for said in (done, listed, inside("keys", "list"), inside("models", "openai", "--offline")):
        assert SECRET not in said.out + said.err
    assert inside("keys", "remove", "openai").code == 0
    assert json.loads(inside("keys", "list", "--json").out) == []
    assert inside("keys", "remove", "openai").code == 2


def test_a_key_on_the_command_line_is_not_stored_and_not_repeated(home: Path) -> None:
    done = inside("keys", "set", "openai", SECRET)
    assert done.code == 2
    assert "can be read by others" in done.err
    assert SECRET not in done.out + done.err
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
    done = inside("keys", *args, stdin=stdin)
    assert done.code == 2
    assert said in done.err
    assert done.err.count("\n") == 1
    assert SECRET not in done.out + done.err


def test_a_variable_that_wins_over_the_stored_key_is_mentioned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "another")
    assert "OPENAI_API_KEY is set and is used instead" in inside("keys", "set", "openai", stdin=SECRET).err


def test_a_malformed_file_stops_with_its_name_and_without_its_content(home: Path) -> None:
    path = home / "config" / "keys.toml"
    path.parent.mkdir(mode=0o700)
    path.write_text(f'[keys]\nopenai = "{SECRET}\n')
    path.chmod(0o600)
    done = inside("keys", "set", "mistral", stdin="new")
    assert done.code == 2
    assert str(path) in done.err
    assert SECRET not in done.err
    listed = inside("keys", "list")
    assert str(path) in listed.out
    assert SECRET not in listed.out + listed.err


def test_stdin_that_goes_on_for_ever_is_no_key() -> None:
    result = inside("keys", "set", "openai", stdin="y\n" * 100_000)
    assert (result.code, result.out) == (2, "")
    assert "Stdin is larger than 100,000 bytes." in result.err


def test_a_key_that_is_waited_for_is_said_to_be() -> None:
    command = [sys.executable, "-m", "chatmodes", "keys", "set", "openai"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stderr is not None
        assert b"Reading stdin until it ends" in program.stderr.readline()
        program.stdin.close()
        assert program.wait(30) == 2
