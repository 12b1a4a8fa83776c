"""The whole program, killed while it streams and started again: what it showed is there, and the chat goes on."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import chatmodes, inside, start
from tests.fake import Fake
from tests.store.test_crashes import MODES, TOLERATED

KEY = "sk-test-9f8e7d6c5b4a39281706f5e4d3c2b1a0"


def read_for(process: "subprocess.Popen[bytes]", seconds: float) -> list[dict[str, Any]]:
    """The events a program prints until it has streamed for so long and is killed, and those still on their way."""
    assert process.stdout is not None
    events: list[dict[str, Any]] = []
    streaming: float | None = None
    for line in process.stdout:
        events.append(json.loads(line))
        if streaming is None and events[-1]["type"].endswith("_delta"):
            streaming = events[-1]["at"]
        if streaming is not None and events[-1]["at"] - streaming >= seconds:
            break
    process.kill()
    rest = process.stdout.read().splitlines(keepends=True)
    process.communicate()
    return events + [json.loads(line) for line in rest if line.endswith(b"\n")]


@pytest.mark.parametrize("mode", MODES)
def test_kill_9_of_the_program_and_the_next_start(fake: Fake, mode: str) -> None:
    rng = random.Random(mode)
    model = "slow:ttft=0.02,tps=200,repeat=500"
    for _ in range(2):
        process = start("ask", "Tell me", "-m", mode, "--json", "--base-url", fake.url, "--model", model)
        shown = read_for(process, rng.uniform(0.0, 0.6))
        (newest,) = json.loads(inside("history", "--json", "-n", "1").out)
        exported = json.loads(inside("history", "export", newest["id"], "--format", "json").out)
        (conversation,) = exported["conversations"]
        (run,) = conversation["runs"]
        assert run["status"] == "cut"
        assert run["id"] == shown[0]["run"]
        lost = [event["at"] for event in shown if event["at"] > run["events"][-1]["at"]]
        assert not lost or lost[-1] - lost[0] <= TOLERATED
        page = inside("history", "show", newest["id"])
        assert "This answer was cut" in page.out
    again = inside("ask", "Go on", "--continue", "--base-url", fake.url, "--model", "say:Fine.")
    assert (again.code, again.out) == (0, "Fine.\n")
    sent = fake.chats[-1].json
    assert sent is not None
    roles = [message["role"] for message in sent["messages"] if message["role"] != "system"]
    assert roles in (["user"], ["user", "assistant", "user"]), "no two prompts in a row"
    assert all(message["content"].strip() for message in sent["messages"])


def test_no_key_is_in_the_database_its_journal_an_export_or_a_log(fake: Fake, home: Path) -> None:
    where = ("--base-url", fake.url)
    for model in ("say:Hello", "fault:401", "fault:reset-mid-stream"):
        chatmodes("ask", "Hi", *where, "--model", model, CHATMODES_API_KEY=KEY, OPENAI_API_KEY=f"{KEY}x")
    killed = start("ask", "Hi", "--json", *where, "--model", "slow:ttft=0,tps=100,repeat=500", CHATMODES_API_KEY=KEY)
    read_for(killed, 0.2)
    files = [path for path in home.rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files), "the journal of the program that was killed"
    assert fake.chats[0].headers["authorization"] == f"Bearer {KEY}", "it was in use"
    contents = [path.read_bytes() for path in files]
    contents += [inside("history", "export", "--all").out.encode()]
    for conversation in json.loads(inside("history", "--json").out):
        contents.append(inside("history", "export", conversation["id"], "--format", "html").out.encode())
    assert not [content for content in contents if KEY[3:].encode() in content]


def test_conversation_by_id_goes_on_where_it_was(fake: Fake) -> None:
    where = ("--base-url", fake.url)
    inside("ask", "First", *where, "--model", "say:One.")
    (first,) = json.loads(inside("history", "--json").out)
    inside("ask", "Other", *where, "--model", "say:Two.")
    inside("ask", "More", "--conversation", first["id"], *where, "--model", "say:Three.")
    shown = inside("history", "show", first["id"]).out
    assert [shown.index(text) for text in ("First", "One.", "More", "Three.")] == sorted(
        shown.index(text) for text in ("First", "One.", "More", "Three.")
    )
    assert "Other" not in shown
