"""`import chatmodes`: what a program gets, and that the documented script and cell run as they stand."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

import chatmodes
from chatmodes import events as ev
from chatmodes.store import open_store
from tests.fake import Fake

DOCUMENT = Path(__file__).parents[2] / "docs" / "library.md"


def example(heading: str) -> str:
    """The code under a heading of the document."""
    section = DOCUMENT.read_text("utf-8").split(f"## {heading}\n")[1]
    found = re.search(r"```python\n(.*?)```", section, re.S)
    assert found
    return found[1]


@pytest.fixture
def endpoint(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """The loopback server as the endpoint of the environment."""
    monkeypatch.setenv("CHATMODES_BASE_URL", fake.url)
    monkeypatch.setenv("CHATMODES_MODEL", "say:ANSWER: 144")
    return fake


def test_the_documented_script_runs(endpoint: Fake, tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(example("A script"))
    result = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=60)
    assert (result.returncode, result.stdout) == (0, "144\n"), result.stderr
    assert "tokens, reasoned" in result.stderr


async def _in_a_notebook(cell: str) -> None:
    """Run a cell as a notebook does: top-level await, in a loop that runs already."""
    code = compile(cell, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    await eval(code, {"chatmodes": chatmodes})  # the document's own code


@pytest.mark.anyio
async def test_the_documented_cell_runs(endpoint: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    await _in_a_notebook(example("A cell of a notebook"))
    assert capsys.readouterr().out.count("ANSWER: 144") == 2
    roles = [message["role"] for message in (endpoint.chats[-1].json or {})["messages"]]
    assert roles == ["user", "assistant", "user"]


@pytest.mark.anyio
async def test_ask_works_where_a_loop_runs(endpoint: Fake) -> None:
    assert chatmodes.ask("What is 12 * 12?", mode="instant").text == "ANSWER: 144"


def test_an_answer_has_all_that_is_known_of_its_run(fake: Fake, tmp_path: Path, home: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("The sky is green.")
    answer = chatmodes.ask("Is it?", model="say:yes", base_url=fake.url, attach=[notes], mode="contemplating")
    assert (str(answer), answer.run.mode) == ("yes", "contemplating")
    assert len(answer.run.agents) >= 3
    assert answer.usage == answer.run.end.usage if answer.run.end else False
    assert answer.cost is None, "nobody knows this endpoint's prices"
    assert chatmodes.ask("Is it?", model="say:yes", base_url=fake.url).usage.output_tokens
    assert "The sky is green." in (fake.chats[0].json or {})["messages"][-1]["content"]
    assert not (home / "data").exists(), "nothing is stored"


def test_a_failure_is_an_error_with_its_cause_and_what_came(fake: Fake) -> None:
    with pytest.raises(chatmodes.AnswerError, match="connection") as cut:
        chatmodes.ask("Hi", model="fault:reset-mid-stream", base_url=fake.url)
    assert cut.value.answer.text
    assert cut.value.error.kind in ("stream_cut", "network")
    for wrong in ({"mode": "quick"}, {"attach": ["/nowhere/at/all"]}, {"base_url": "ftp://x"}):
        with pytest.raises(chatmodes.ConfigError):
            chatmodes.ask("Hi", **{"model": "say:x", "base_url": fake.url, **wrong})  # pyright: ignore[reportArgumentType]


@pytest.mark.anyio
async def test_a_conversation_is_kept_where_that_is_asked_for_and_gone_on_with(endpoint: Fake, home: Path) -> None:
    async with chatmodes.open(keep=True) as chat:
        run = await chat.ask("First")
        kinds = [type(event) async for event in run.events]
        kept = chat.id
    assert (kinds[0], kinds[-1]) == (ev.RunStarted, ev.RunFinished)
    async with chatmodes.open(conversation=kept) as chat:
        await chatmodes.answer_of(await chat.ask("Second"))
    with open_store(home / "data" / "chatmodes.db") as store:
        latest = store.latest()
        assert latest
        assert latest.leaf
        assert [message.message.text for message in store.path(latest.leaf)][::2] == ["First", "Second"]
    with pytest.raises(chatmodes.ConfigError, match="no conversation"):
        async with chatmodes.open(conversation="nope"):
            pass


@pytest.mark.anyio
async def test_an_error_of_the_callers_own_leaves_the_conversation_as_it_is(endpoint: Fake) -> None:
    with pytest.raises(KeyError):
        async with chatmodes.open():
            raise KeyError("mine")


@pytest.mark.anyio
async def test_leaving_stops_what_is_under_way(fake: Fake) -> None:
    with anyio.fail_after(20):
        async with chatmodes.open(model="slow:ttft=0,tps=10,repeat=500", base_url=fake.url) as chat:
            run = await chat.ask("Go on")
            async for event in run.events:
                if isinstance(event, ev.AnswerDelta):
                    break
    assert isinstance([event async for event in run.events][-1], ev.RunCancelled)


def test_importing_it_costs_nothing_and_offers_all_it_names() -> None:
    code = (
        "import sys, chatmodes\n"
        "loaded = [name for name in sys.modules if name.startswith('chatmodes') or name in ('msgspec', 'anyio')]\n"
        "print(loaded, all(hasattr(chatmodes, name) for name in {*chatmodes.__all__, *dir(chatmodes)}))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told == "['chatmodes'] True\n"
    with pytest.raises(AttributeError, match="nothing"):
        _ = chatmodes.nothing  # pyright: ignore[reportUnknownVariableType]
