"""`chatmodes settings`: what is set and by whom, and changing it."""

import json
from pathlib import Path

import pytest

from chatmodes.settings import load, user_file
from chatmodes.settings.catalogue import catalogue
from tests.cli.program import inside


def test_a_setting_is_written_read_and_taken_out() -> None:
    done = inside("settings", "set", "contemplating.agents", "3")
    assert (done.code, done.out) == (0, "")
    assert done.err == f"contemplating.agents = 3 is in {user_file()}.\n"
    assert load().contemplating.agents == 3
    assert inside("settings", "get", "contemplating.agents").out == "3\n"
    assert inside("settings", "unset", "contemplating.agents").code == 0
    assert inside("settings", "get", "contemplating.agents").out == "5\n"
    assert inside("settings", "path").out == f"{user_file()}\n"


def test_the_list_says_where_each_value_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    inside("settings", "set", "model", "a/b")
    monkeypatch.setenv("CHATMODES_MODE", "thinking")
    listed = {each["name"]: each for each in json.loads(inside("settings", "list", "--json").out)}
    assert list(listed) == [each.name for each in catalogue()]
    assert (listed["model"]["value"], listed["model"]["origin"]) == ("a/b", "user")
    assert (listed["mode"]["value"], listed["mode"]["origin"]) == ("thinking", "environment")
    assert (listed["tui.bell"]["value"], listed["tui.bell"]["origin"]) == (True, "default")
    assert (listed["contemplating.agents"]["low"], listed["contemplating.agents"]["high"]) == (1, 64)
    assert inside("settings").out == inside("settings", "list").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["set", "mode", "quick"], "There is no mode 'quick'. The modes are instant, thinking, contemplating, auto"),
        (["set", "compare.modes", "instant,quick"], "There is no mode 'quick'."),
        (["set", "contemplating.agents", "many"], "it must be a whole number from 1 to 64."),
        (["set", "contemplating.rounds", "1000"], "it must be from 1 to 10."),
        (["set", "contemplating.reconcile", "fight"], "it must be one of"),
        (["set", "agents", "3"], "Did you mean contemplating.agents?"),
        (["get", "modell"], "Did you mean model?"),
        (["unset", "nothing"], 'There is no setting "nothing".'),
        (["frobnicate"], "The commands are list, get, set, unset, path."),
        (["set", "tools.use", "calculate,nosuch"], "There is no tool 'nosuch'."),
        (["set", "tools.deny", ":x"], "':x' is no rule."),
        (["set", "sampling.temperature", "0,7"], "It is how freely models choose their words"),
        (["get", "contemplating"], "It is a table: contemplating.agents, "),
    ],
)
def test_wrong_usage_is_code_2_with_what_is_right(words: list[str], said: str) -> None:
    result = inside("settings", *words)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert not user_file().exists()


def test_a_change_that_something_else_overrules_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".chatmodes.toml").write_text('model = "c/d"')
    monkeypatch.chdir(tmp_path)
    result = inside("settings", "set", "model", "a/b")
    assert f'Here {tmp_path / ".chatmodes.toml"} sets it to "c/d".' in result.err


def test_keys_of_servers_of_tools_are_listed_nowhere() -> None:
    user_file().parent.mkdir(parents=True, exist_ok=True)
    user_file().write_text(
        '[mcp.a]\ncommand = "run"\nenv = {TOKEN = "S3CR3T"}\n'
        '[mcp.b]\nurl = "https://me:S3CR3T@a.example/mcp?key=S3CR3T"\nheaders = {Authorization = "Bearer S3CR3T"}\n'
    )
    for words in (["settings"], ["settings", "list", "--json"], ["settings", "get", "mcp"], ["mcp", "list"]):
        result = inside(*words)
        assert result.code == 0
        assert "https://a.example/mcp?…" in result.out
        assert "S3CR3T" not in result.out + result.err
    assert user_file().read_text().count("S3CR3T") == 4
