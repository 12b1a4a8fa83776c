"""Text that somebody else wrote reaches the terminal inert, on whichever stream and by whichever command."""

import json
from pathlib import Path

import pytest

from chatmodes import events as ev
from chatmodes.cli import complain, main
from chatmodes.messages import Text, assistant, user
from chatmodes.providers.calls import ProviderError
from chatmodes.store import open_store

HOSTILE = "\x1b]52;c;aGk=\x07\x9b31m\u202e"
ACTED_ON = set("\x1b\x07\x9b\u202e")


def test_a_key_in_a_repositorys_file_is_shown_without_its_escape_sequence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".chatmodes.toml").write_text(f"{json.dumps(HOSTILE)} = 1\n")
    monkeypatch.chdir(tmp_path)
    assert main(["ask", "hi"]) == 2
    err = capsys.readouterr().err
    assert "]52;c;aGk=" in err, "what it says is still named"
    assert not set(err) & ACTED_ON


def test_a_complaint_is_one_line_and_inert(capsys: pytest.CaptureFixture[str]) -> None:
    complain(f"The server said:\n{HOSTILE}", f"Mind\r{HOSTILE}.")
    assert capsys.readouterr().err == "chatmodes: The server said: ]52;c;aGk=31m Mind]52;c;aGk=31m.\n"


def test_a_hubs_error_is_inert(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    async def refuse(*_: object) -> Path:
        raise ProviderError(ev.Error("network", f"No {HOSTILE}.", "Try another."))

    monkeypatch.setattr("chatmodes.cli.pulling.pull", refuse)
    assert main(["models", "pull", "ada/tiny"]) == 1
    assert capsys.readouterr().err == "chatmodes: No ]52;c;aGk=31m. Try another.\n"


@pytest.mark.parametrize("command", [["models", "--offline", "--json"], ["doctor", "--json"]])
def test_json_holds_controls_as_escapes(
    command: list[str], home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"Mine {HOSTILE}"
    (home / "config").mkdir()
    (home / "config" / "providers.toml").write_text(
        f'[mine]\nname = {json.dumps(name)}\nbase_url = "http://127.0.0.1:1/v1"\nkey_variables = ["MINE_API_KEY"]\n'
    )
    monkeypatch.setenv("MINE_API_KEY", "sk-test-1")
    monkeypatch.setenv("OLLAMA_HOST", "127.0.0.1:1")
    main(command)
    out = capsys.readouterr().out
    assert not set(out) & ACTED_ON
    assert json.dumps(name)[1:-1] in json.dumps(json.loads(out)), "the value is the same"


@pytest.mark.parametrize(
    "command",
    ["settings list", "settings list --json", "settings get mcp", "settings get tools.allow", "tools", "tools rules",
     "mcp list", "templates", "templates --json", "templates show mine", "history", "history show {}",
     "history search answer", "history export {}", "history export {} --format json", "history export {} --format html",
     "history prune --older-than 2099-01-01", "history costs", "history delete {}", "keys list", "leaderboard"],
)  # fmt: skip
def test_whatever_a_file_or_a_conversation_says_no_command_acts_on_it(
    command: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder := home / "config").mkdir()
    quoted = json.dumps(HOSTILE)
    rules = f"[tools]\nallow = [{json.dumps(f'run:{HOSTILE}')}]\n"
    servers, keys = f"[mcp.{quoted}]\ncommand = {quoted}\n", f"[keys]\n{quoted} = {quoted}\n"
    (folder / "settings.toml").write_text(rules + servers + keys)
    (folder / "templates").mkdir()
    (folder / "templates" / "mine.toml").write_text(f"prompt = {quoted}\nabout = {quoted}\n")
    (folder / "templates" / f"bad{HOSTILE}.toml").write_text(f"prompt = {quoted}\n")
    with open_store(home / "data" / "chatmodes.db") as store:
        conversation = store.new_conversation(HOSTILE)
        store.configure(conversation, tags=[HOSTILE], model=HOSTILE)
        prompt = store.add_message(conversation, None, user(HOSTILE, [Text(HOSTILE, file=HOSTILE)]))
        store.add_message(conversation, prompt, assistant(f"The answer: {HOSTILE}"))
    main(command.format(conversation).split())
    said = capsys.readouterr()
    assert said.out + said.err
    assert not set(said.out + said.err) & ACTED_ON
