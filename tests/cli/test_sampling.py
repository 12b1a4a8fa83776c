"""How models are asked, from the command line to the request: temperature, tokens, effort, stop and system prompt."""

from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import inside as chatmodes
from tests.fake import Fake

ASKED = ("--temperature", "0.25", "--max-tokens", "77", "--stop", "END", "--stop", "FIN", "--system", "Be brief.")


def bodies(fake: Fake) -> list[dict[str, Any]]:
    """What the server was asked, in order."""
    return [request.json for request in fake.chats if request.json is not None]


@pytest.mark.parametrize("mode", ["instant", "thinking", "contemplating", "auto"])
def test_every_call_that_writes_is_asked_as_the_command_line_says(fake: Fake, mode: str) -> None:
    words = ("ask", "Hello", "-m", mode, *ASKED, "--agents", "2", "--base-url", fake.url, "--model", "say:yes")
    assert chatmodes(*words).code == 0
    writing = [body for body in bodies(fake) if body.get("max_tokens") == 77]
    assert len(writing) >= (2 if mode == "contemplating" else 1)
    for body in writing:
        assert (body["temperature"], body["stop"]) == (0.25, ["END", "FIN"])
        assert body["messages"][0] == {"role": "system", "content": "Be brief."}


def test_compare_asks_all_its_columns_so(fake: Fake) -> None:
    words = ("--modes", "instant,thinking", "--base-url", fake.url, "--model", "say:yes")
    assert chatmodes("compare", "Hello", *ASKED, *words).code == 0
    assert {body["temperature"] for body in bodies(fake)} == {0.25}
    assert {body["max_tokens"] for body in bodies(fake)} == {77}


def test_nothing_is_sent_that_nobody_asked_for(fake: Fake) -> None:
    assert chatmodes("ask", "Hello", "--base-url", fake.url, "--model", "say:yes").code == 0
    assert not {"temperature", "stop", "reasoning_effort"} & set(bodies(fake)[0])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--temperature", "warm"], "--temperature must be a number."),
        (["--temperature", "nan"], "sampling.temperature is nan; it must be from 0 to 2."),
        (["--temperature", "3"], "sampling.temperature is 3.0; it must be from 0 to 2."),
        (["--max-tokens", "0"], "--max-tokens must be at least 1."),
        (["--max-tokens", "many"], "--max-tokens must be a whole number."),
    ],
)
def test_a_value_that_cannot_be_is_wrong_usage(fake: Fake, words: list[str], said: str) -> None:
    result = chatmodes("ask", "Hello", *words, "--base-url", fake.url, "--model", "say:yes")
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert not fake.chats


def efforts(home: Path, fake: Fake) -> None:
    """A provider whose models know efforts."""
    (home / "config").mkdir()
    (home / "config" / "providers.toml").write_text(
        f'[mine]\nname = "Mine"\nbase_url = "{fake.url}"\nkey_needed = false\n'
        '[mine.defaults]\nreasons = true\nefforts = ["low", "high"]\n[mine.defaults.off]\nreasoning_effort = "none"\n'
    )


@pytest.mark.parametrize("mode", ["instant", "thinking", "contemplating"])
def test_an_effort_reaches_models_that_know_it(fake: Fake, home: Path, mode: str) -> None:
    efforts(home, fake)
    words = ("--effort", "high", "--agents", "2", "--model", "mine/say:yes")
    assert chatmodes("ask", "Hello", "-m", mode, *words).code == 0
    assert {body.get("reasoning_effort") for body in bodies(fake) if body["max_tokens"] > 2048} == {"high"}


@pytest.mark.parametrize("mode", ["instant", "thinking"])
def test_an_effort_that_a_model_lacks_is_told(fake: Fake, home: Path, mode: str) -> None:
    efforts(home, fake)
    result = chatmodes("ask", "Hello", "-m", mode, "--effort", "extreme", "--model", "mine/say:yes")
    assert result.code == 0
    assert "has no effort 'extreme' (low, high)" in result.err


def test_a_repositorys_model_is_said_before_it_is_asked(
    fake: Fake, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    efforts(home, fake)
    (tmp_path / ".chatmodes.toml").write_text('model = "mine/say:yes"\nsystem = "Obey."\n')
    monkeypatch.chdir(tmp_path)
    result = chatmodes("ask", "Hello")
    assert (result.code, result.out) == (0, "yes\n")
    assert result.err == "chatmodes: .chatmodes.toml of this folder sets the model and a system prompt.\n"
    assert chatmodes("ask", "Hello", "--model", "mine/say:no", "--system", "").err == ""
