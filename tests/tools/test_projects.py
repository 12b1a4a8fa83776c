"""A folder's `.mcp.json`: shown, and nothing of it used before the user said yes to that very file."""

import json
import os
from pathlib import Path

import pytest

from chatmodes.cli import main
from chatmodes.settings import ConfigError, Server, Settings
from chatmodes.tools import registry
from chatmodes.tools.projects import LARGEST, answer, keep_answer, named_here, with_project


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / "project"
    made.mkdir()
    monkeypatch.chdir(made)
    return made


def write(folder: Path, **servers: object) -> None:
    (folder / ".mcp.json").write_text(json.dumps({"mcpServers": servers, "more": 1}))


def test_servers_are_used_once_allowed_and_only_as_the_file_was(folder: Path) -> None:
    write(folder, garden={"type": "stdio", "command": "uvx", "args": ["garden"]}, far={"url": "https://far.example"})
    named = named_here()
    assert named is not None
    assert list(named.servers) == ["garden", "far"]
    assert answer(named) is None
    assert with_project(Settings()).mcp == {}
    keep_answer(named, True)
    assert with_project(Settings()).mcp["garden"] == Server(command="uvx", args=("garden",))
    own = Settings(mcp={"garden": Server(command="mine")})
    assert with_project(own).mcp["garden"].command == "mine"
    write(folder, garden={"command": "other"})
    assert with_project(Settings()).mcp == {}


def test_another_folder_with_the_same_file_is_asked_for_itself(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, garden={"command": "uvx"})
    named = named_here()
    assert named is not None
    keep_answer(named, True)
    other = folder / "copied"
    other.mkdir()
    write(other, garden={"command": "uvx"})
    monkeypatch.chdir(other)
    copied = named_here()
    assert copied is not None
    assert answer(copied) is None


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b'{"mcpServers": 1}', b'{"mcpServers": {"a": 1}}', b"\xef\xbb\xbf\0", b"[" * 100_000,
        b'{"mcpServers": {"caf\xe9": {"command": "x"}}}',
    ],
)  # fmt: skip
def test_what_is_no_such_file_names_nothing_and_says_so(folder: Path, data: bytes) -> None:
    (folder / ".mcp.json").write_bytes(data)
    named = named_here()
    assert named is not None
    assert not named.servers
    assert ".mcp.json" in named.problem


@pytest.mark.parametrize(
    "table",
    [{}, {"command": ""}, {"command": "x", "url": "https://y"}, {"command": 5}, {"command": "x", "args": "y"},
     {"command": "x", "env": {"A": 1}}],
)  # fmt: skip
def test_a_server_that_says_nothing_that_can_be_started_is_left_out_alone(folder: Path, table: object) -> None:
    write(folder, good={"command": "x"}, odd=table)
    named = named_here()
    assert named is not None
    assert list(named.servers) == ["good"]
    assert "odd" in named.problem


def test_a_pipe_and_a_huge_file_are_refused_unread(folder: Path) -> None:
    os.mkfifo(folder / ".mcp.json")
    named = named_here()
    assert named is not None
    assert "no regular file" in named.problem
    (folder / ".mcp.json").unlink()
    (folder / ".mcp.json").write_bytes(b" " * (LARGEST + 1))
    named = named_here()
    assert named is not None
    assert "too large" in named.problem


def test_the_commands_show_allow_and_refuse(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", "project"]) == 0
    assert "no .mcp.json" in capsys.readouterr().out
    write(folder, garden={"command": "garden\x1b[2J", "args": ["\u202eevil"], "env": {"KEY": "sesame"}})
    assert main(["mcp", "project"]) == 0
    shown = capsys.readouterr().out
    assert "garden: KEY=… garden\\u001b[2J \\u202eevil" in shown
    assert "sesame" not in shown
    assert "not used" in shown
    assert main(["ask", "--tool", "mcp:garden", "hello"]) == 2
    assert "chatmodes mcp project --allow" in capsys.readouterr().err
    assert main(["mcp", "project", "--refuse"]) == 0
    assert "refused" in capsys.readouterr().out
    assert main(["mcp", "project", "--allow"]) == 0
    assert "allowed" in capsys.readouterr().out
    settings = with_project(Settings())
    assert registry.exists("mcp:garden", settings)
    with pytest.raises(ConfigError):
        registry.check("mcp:other", settings)
    assert main(["mcp", "remove", "garden"]) == 2
