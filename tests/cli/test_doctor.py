"""`chatmodes doctor`: everything is looked at, whatever is broken, and each thing that is not right has a next step."""

import importlib.util
import json
import os
import sqlite3
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pexpect
import pytest

from chatmodes.cli import main
from tests.providers.available.list_server import ListServer

OLLAMA = "OLLAMA_HOST"
COMPANY = """
[mine]
name = "My Company"
base_url = "{}/v1"
key_variables = ["MINE_API_KEY"]
"""


class Report:
    """What `doctor --json` said."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.text = text
        self.report: dict[str, Any] = json.loads(text)

    def of(self, name: str) -> dict[str, str]:
        """The one finding with this name."""
        (found,) = [each for each in self.report["findings"] if each["name"] == name]
        return found


@pytest.fixture(autouse=True)
def nothing_listens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No server of the machine's on the usual ports has a say, nor a project file of the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(OLLAMA, "127.0.0.1:1")


@pytest.fixture
def doctor(capsys: pytest.CaptureFixture[str]) -> "Doctor":
    return Doctor(capsys)


class Doctor:
    """Runs the command in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.err = ""

    def __call__(self) -> Report:
        code = main(["doctor", "--json"])
        out, self.err = self._capsys.readouterr()
        return Report(code, out)

    def plain(self) -> str:
        main(["doctor"])
        return self._capsys.readouterr().out


def write(home: Path, name: str, text: str) -> Path:
    path = home / "config" / name
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)
    return path


def test_a_new_machine_is_well_with_the_embedded_model(doctor: Doctor, home: Path) -> None:
    found = doctor()
    assert found.code == 0
    assert found.report["ok"] is True
    assert found.of("local/SmolLM2-135M-Instruct")["state"] == "ok"
    assert found.of("contemplating takes")["detail"] == "local/SmolLM2-135M-Instruct"
    assert str(home / "config" / "settings.toml") in found.of("settings")["detail"]
    assert not (home / "data").exists(), "an examination leaves nothing behind"


def test_every_problem_has_a_next_step(doctor: Doctor, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, "settings.toml", 'model = "openai/gpt-6-luna"\n[local]\ngguf = "/nowhere/x.gguf"\n')
    monkeypatch.setenv("MISTRAL_API_KEY", "with a space")
    found = doctor()
    problems = [each for each in found.report["findings"] if each["state"] == "problem"]
    assert {"mistral", "local/x", "instant takes"} <= {each["name"] for each in problems}
    assert all(each["hint"] for each in problems)


def test_a_broken_file_is_named_and_the_rest_is_still_examined(doctor: Doctor, home: Path) -> None:
    path = write(home, "settings.toml", "mode = [oops\n")
    found = doctor()
    assert found.code == 2
    assert found.report["ok"] is False
    assert str(path) in doctor.err
    assert "line 1" in doctor.err
    assert found.of("settings")["state"] == "problem"
    assert found.of("local/SmolLM2-135M-Instruct")["state"] == "ok"


@pytest.mark.parametrize("text", ["[x\n", "[openai]\nno_such_field = 1\n", "[mine]\nname = 'Mine'\n"])
def test_a_broken_file_of_providers_is_named(doctor: Doctor, home: Path, text: str) -> None:
    path = write(home, "providers.toml", text)
    assert doctor().code == 2
    assert str(path) in doctor.err


def test_a_provider_is_asked_with_its_key_and_the_key_is_not_shown(
    doctor: Doctor, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ListServer() as server:
        write(home, "providers.toml", COMPANY.format(server.origin))
        monkeypatch.setenv("MINE_API_KEY", "sk-very-secret")
        server.answers["/v1/models"] = (200, {"data": [{"id": "a"}, {"id": "b"}]})
        found = doctor()
        assert found.of("My Company")["detail"] == "answers, 2 models"
        assert "MINE_API_KEY" in found.of("mine")["detail"]
        assert "sk-very-secret" not in found.text + doctor.plain()
        assert server.seen[0][1]["authorization"] == "Bearer sk-very-secret"


def test_a_refused_key_is_a_problem(doctor: Doctor, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ListServer() as server:
        write(home, "providers.toml", COMPANY.format(server.origin))
        monkeypatch.setenv("MINE_API_KEY", "sk-old")
        server.answers["/v1/models"] = (401, {"error": {"message": "bad key"}})
        found = doctor()
    assert found.of("My Company")["state"] == "problem"
    assert found.code == 0, "the embedded model still answers"


def test_a_local_server_that_runs_is_found(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    with ListServer() as server:
        server.answers["/v1/models"] = (200, {"data": [{"id": "llama3.2"}]})
        monkeypatch.setenv(OLLAMA, f"127.0.0.1:{server.port}")
        found = doctor()
    assert found.of("Ollama")["state"] == "ok"
    assert found.of("instant takes")["detail"] == "ollama/llama3.2"


def test_a_server_of_ones_own_that_needs_no_key_is_found_and_taken(doctor: Doctor, home: Path) -> None:
    with ListServer() as server:
        server.answers["/v1/models"] = 200, {"data": [{"id": f"model-{number}"} for number in range(9)]}
        write(home, "providers.toml", f'[mine]\nname = "My box"\nbase_url = "{server.origin}/v1"\n')
        found = doctor()
        assert found.of("My box")["detail"] == f"answers at {server.origin}/v1, 9 models"
        assert found.of("instant takes")["detail"] == "mine/model-0"
        assert found.of("contemplating takes")["detail"] == "mine/model-0"
        server.answers["/v1/models"] = 401, {}
        asks = doctor().of("My box")
        assert (asks["state"], asks["hint"]) == ("problem", "chatmodes keys set mine")
    assert "does not answer" in doctor().of("My box")["detail"]


def test_an_endpoint_given_by_hand_is_told_once_and_taken(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    with ListServer() as server:
        server.answers["/v1/models"] = (200, {"data": [{"id": "a"}]})
        monkeypatch.setenv("CHATMODES_BASE_URL", f"{server.origin}/v1")
        found = doctor()
    assert found.of(f"127.0.0.1:{server.port}")["detail"] == "answers, 1 models"
    assert found.of("instant takes")["detail"].startswith("the first model that 127.0.0.1")


def test_the_default_that_cannot_answer_is_told_with_one_that_can(
    doctor: Doctor, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ListServer() as closed:
        url = f"{closed.origin}/v1"
    write(home, "providers.toml", f'[openai]\nbase_url = "{url}"\n')
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    taken = doctor().of("instant takes")
    assert taken["state"] == "problem"
    assert "--model local/SmolLM2-135M-Instruct" in taken["hint"]


def test_nobody_can_answer(doctor: Doctor, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec

    def without_the_extra(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "xllamacpp" else real(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without_the_extra)
    found = doctor()
    assert found.code == 1
    assert "No model can answer" in doctor.err
    assert "uv run --extra local" in found.of("local/SmolLM2-135M-Instruct")["hint"]


def test_a_key_file_open_to_others_is_told(doctor: Doctor, home: Path) -> None:
    write(home, "keys.toml", '[keys]\nopenai = "sk-x"\n').chmod(0o644)
    assert "chmod 600" in doctor().of("keys.toml")["hint"]


def test_a_damaged_database_is_told(doctor: Doctor, home: Path) -> None:
    (home / "data").mkdir()
    (home / "data" / "chatmodes.db").write_bytes(b"no database at all " * 100)
    found = doctor().of("conversations")
    assert found["state"] == "problem"
    assert found["hint"]


def test_a_database_of_a_newer_version_is_told(doctor: Doctor, home: Path) -> None:
    (home / "data").mkdir()
    with sqlite3.connect(home / "data" / "chatmodes.db") as newer:
        newer.execute("PRAGMA user_version = 999")
    assert "newer chatmodes" in doctor().of("conversations")["detail"]


def test_for_a_person_it_is_a_list_with_marks(doctor: Doctor) -> None:
    text = doctor.plain()
    assert "✓ local/SmolLM2-135M-Instruct" in text
    assert "\x1b" not in text


@pytest.mark.terminal
@pytest.mark.parametrize(
    ("answer", "said"),
    [("\x1b[?1u\x1b[?62;c", "Shift+Enter makes a newline"), ("\x1b[?62;c", "Ctrl+J"), ("", "did not answer")],
)
def test_the_terminal_is_asked_what_its_keyboard_can_do(answer: str, said: str, home: Path) -> None:
    environment = {**os.environ, "TERM": "xterm-256color", "CHATMODES_HOME": str(home)}
    command: pexpect.spawn[str] = pexpect.spawn(
        sys.executable,
        ["-m", "chatmodes", "doctor"],
        env=environment,
        timeout=60,
        encoding="utf-8",
        dimensions=(40, 200),
    )
    command.expect_exact("\x1b[?u\x1b[c")
    command.send(answer)
    command.expect_exact(said)
    command.expect(pexpect.EOF)
    command.close()
    assert command.exitstatus == 0


def test_a_tool_and_a_rule_that_are_none_are_told(doctor: Doctor, home: Path) -> None:
    write(home, "settings.toml", '[tools]\nuse = ["now", "nosuch"]\ndeny = [":x"]\n')
    found = doctor()
    assert found.of("tools.use")["detail"] == "There is no tool 'nosuch'."
    assert found.of("tools.deny")["detail"] == "':x' is no rule."


@pytest.mark.parametrize("address", ["http://me:S3CR3T@127.0.0.1:{}/v1", "http://127.0.0.1:{}/v1?key=S3CR3T"])
def test_a_key_in_an_address_is_not_shown(
    doctor: Doctor, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    with ListServer() as server:
        write(home, "providers.toml", COMPANY.format(address.format(1).removesuffix("/v1")))
        monkeypatch.setenv("MINE_API_KEY", "sk-1")
        monkeypatch.setenv("CHATMODES_BASE_URL", address.format(server.port))
        found = doctor()
        assert "S3CR3T" not in found.text
        main(["models"])
    said = capsys.readouterr()
    assert "S3CR3T" not in said.out + said.err
    assert ("has a user name or password in it" in said.err) == ("@" in address)
