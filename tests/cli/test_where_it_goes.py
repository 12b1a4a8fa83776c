"""Where a prompt goes: to which server, which model, and behind which answer."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatmodes.cli import main
from chatmodes.store import open_store
from tests.fake import Fake
from tests.providers.available.list_server import ListServer

PAID = """
mode = "instant"
model = "openai/gpt-6-luna"
[instant]
model = "openai/gpt-6-luna"
[thinking]
model = "anthropic/claude-opus-5-5"
[contemplating]
panel = ["openai/gpt-6-luna", {model = "mistral/mistral-small-latest"}]
reconciler = "openai/gpt-6-luna"
agents = 2
[auto]
classifier = "openai/gpt-6-luna"
"""
"""A settings file that names a paid host wherever one can be named."""


@pytest.fixture(autouse=True)
def no_stdin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is piped in."""
    with Path(os.devnull).open(encoding="utf-8") as nothing:
        monkeypatch.setattr("sys.stdin", nothing)
        yield


@pytest.fixture
def paid(home: Path, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Settings that name paid hosts, with keys for them; what reaches those is noted, and must be nothing."""
    config = home / "config"
    config.mkdir()
    (config / "settings.toml").write_text(PAID)
    hosts = "\n".join(f'[{name}]\nbase_url = "{fake.like("paid")}"\n' for name in ("openai", "anthropic", "mistral"))
    (config / "providers.toml").write_text(hosts)
    for name in ("OPENAI", "ANTHROPIC", "MISTRAL"):
        monkeypatch.setenv(f"{name}_API_KEY", "sk-paid")
    return ["instant", "thinking", "contemplating", "auto"]


def asked(fake: Fake) -> list[tuple[str, str]]:
    """Path and model of every chat request."""
    return [(request.path, str((request.json or {}).get("model"))) for request in fake.chats]


def contents(fake: Fake, at: int = -1) -> list[tuple[str, str]]:
    """Roles and texts of a chat request."""
    body: dict[str, Any] = fake.chats[at].json or {}
    return [(message["role"], message["content"]) for message in body["messages"]]


@pytest.mark.parametrize("by", ["flag", "environment"])
def test_an_endpoint_given_by_hand_wins_over_every_model_of_the_files(
    fake: Fake, paid: list[str], monkeypatch: pytest.MonkeyPatch, by: str, tmp_path: Path
) -> None:
    where = ["--base-url", fake.url] if by == "flag" else []
    if by == "environment":
        monkeypatch.setenv("CHATMODES_BASE_URL", fake.url)
    for mode in paid:
        assert main(["ask", "Prove it.", "-m", mode, *where]) == 0
    assert main(["compare", "What is 2+2?", "--modes", "instant,thinking", *where]) == 0
    items = tmp_path / "items.jsonl"
    items.write_text('{"input": "What is 2+2?", "target": "4"}\n')
    assert main(["eval", str(items), "--modes", "instant", "--no-matched", *where]) in (0, 1)
    assert {path for path, _ in asked(fake)} == {"/v1/chat/completions"}
    assert not {model for _, model in asked(fake)} & {"gpt-6-luna", "claude-opus-5-5", "mistral-small-latest"}


@pytest.mark.parametrize(
    "listed",
    [
        {"data": [{"id": "nomic-embed-text"}, {"id": "plain"}]},
        ["plain", "other"],
        {"models": [{"name": "plain"}]},
        {"models": ["text-embedding-3", "plain"]},
        [{"id": "whisper-1"}, {"id": "plain"}],
    ],
)
def test_without_a_model_the_first_that_chats_is_asked(fake: Fake, listed: object) -> None:
    with ListServer() as server:
        server.answers["/v1/models"] = 200, listed
        main(["ask", "Hi", "--base-url", f"{server.origin}/v1", "--json"])
        assert [path for path, _ in server.posted] == ["/v1/chat/completions"]
        assert server.posted[0][1]["model"] == "plain"


def test_what_follows_a_comparison_follows_an_answer_of_it(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--base-url", fake.url]
    assert main(["compare", "X", "--modes", "instant", "--models", "fault:401,say:one", *where]) == 0
    assert main(["ask", "-c", "Y", "--model", "say:two", *where]) == 0
    assert contents(fake) == [("user", "X"), ("assistant", "one"), ("user", "Y")]


def test_a_picked_answer_is_the_one_that_is_followed(fake: Fake, home: Path) -> None:
    where = ["--base-url", fake.url]
    assert main(["compare", "X", "--modes", "instant", "--models", "say:one,say:two", *where]) == 0
    with open_store(home / "data" / "chatmodes.db") as store:
        latest = store.latest()
        assert latest
        (comparison,) = store.comparisons(latest.id)
        two = next(run for run in comparison.runs if run.model == "endpoint/say:two")
        store.record_pick(comparison.id, "winner", two.id)
    assert main(["ask", "-c", "Y", "--model", "say:three", *where]) == 0
    assert contents(fake) == [("user", "X"), ("assistant", "two"), ("user", "Y")]


def test_each_prompt_of_a_file_follows_an_answer_to_the_one_before(fake: Fake, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("first\nsecond\n")
    where = ["--base-url", fake.url]
    assert main(["ask", "zeroth", "--model", "say:nought", *where]) == 0
    options = ["--prompts", str(prompts), "--out", str(tmp_path / "out.jsonl"), "--modes", "instant"]
    assert main(["compare", "--continue", *options, "--models", "say:one", *where]) == 0
    assert contents(fake) == [
        ("user", "zeroth"), ("assistant", "nought"), ("user", "first"), ("assistant", "one"), ("user", "second"),
    ]  # fmt: skip


def test_a_comparisons_cost_is_foreseen_with_the_conversation_before_it(
    fake: Fake, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config").mkdir()
    (home / "config" / "providers.toml").write_text(f'[openai]\nbase_url = "{fake.like("openai")}"\n')
    (home / "config" / "settings.toml").write_text("[compare]\ncost_limit = 0.06\n")
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    assert main(["ask", "word " * 100_000, "--base-url", fake.url, "--model", "say:long"]) == 0
    columns = ["--modes", "instant", "--models", "openai/gpt-5-mini"]
    assert main(["compare", "Hi", *columns, "--json"]) == 0
    capsys.readouterr()
    assert main(["compare", "Hi", "--conversation", _older(home), *columns, "--json"]) == 2
    assert "more than the limit" in capsys.readouterr().err


def _older(home: Path) -> str:
    with open_store(home / "data" / "chatmodes.db") as store:
        return store.conversations()[-1].id


def test_a_conversation_goes_on_in_its_own_mode_and_with_its_own_model(
    fake: Fake, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--base-url", fake.url]
    assert main(["ask", "What is 2+2?", "-m", "thinking", "--model", "say:4", *where]) == 0
    capsys.readouterr()
    assert main(["ask", "-c", "And 3+3?", "--json", *where]) == 0
    began = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (began["mode"], began["plan"]["slots"][0]["model"]) == ("thinking", "endpoint/say:4")
    assert main(["ask", "-c", "Again?", "-m", "instant", "--model", "say:6", "--json", *where]) == 0
    began = json.loads(capsys.readouterr().out.splitlines()[0])
    assert (began["mode"], began["plan"]["slots"][0]["model"]) == ("instant", "endpoint/say:6")


def test_auto_stays_auto_in_a_conversation(fake: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--base-url", fake.url]
    assert main(["ask", "hi", "-m", "auto", "--model", "say:4", *where]) == 0
    capsys.readouterr()
    assert main(["ask", "-c", "What is 12*12 + 3?", "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["mode"] == "thinking"


def test_a_conversation_goes_on_with_what_was_chosen_for_it(fake: Fake, home: Path) -> None:
    where = ["--base-url", fake.url]
    assert main(["ask", "First", "--model", "say:one", *where]) == 0
    with open_store(home / "data" / "chatmodes.db") as store:
        latest = store.latest()
        assert latest
        own = {"system": "Be brief.", "temperature": 0.25, "max_tokens": 77}
        store.configure(latest.id, mode="instant", model="endpoint/say:two", settings=own)
    assert main(["ask", "-c", "Second", *where]) == 0
    body = fake.chats[-1].json or {}
    assert (body["model"], body["temperature"]) == ("say:two", 0.25)
    assert 77 in (body.get("max_tokens"), body.get("max_completion_tokens"))
    assert contents(fake)[0] == ("system", "Be brief.")
    assert main(["ask", "-c", "Third", "--system", "Be long.", "--temperature", "0.5", *where]) == 0
    body = fake.chats[-1].json or {}
    assert (body["model"], body["temperature"], contents(fake)[0]) == ("say:two", 0.5, ("system", "Be long."))
