"""`import chatmodes`: what a program gets, and that the documented script and cell run as they stand."""

import ast
import asyncio
import inspect
import json
import pickle
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from PIL import Image

import chatmodes
from chatmodes import events as ev
from chatmodes.store import open_store
from tests.fake import Fake, Wire
from tests.fake.chunks import chunk
from tests.fake.reading import text_in

DOCUMENT = Path(__file__).parents[2] / "docs" / "library.md"


def example(heading: str, at: int = 0) -> str:
    """The code under a heading of the document."""
    section = DOCUMENT.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.S)[at]


def script(calls: str, arguments: dict[str, str]) -> Callable[[Wire], Awaitable[None]]:
    """A model that calls a tool once, and then says what it brought."""

    async def play(wire: Wire) -> None:
        brought = [message for message in wire.request.messages if message["role"] == "tool"]
        if brought:
            await wire.event(chunk({"content": f"It says: {text_in(brought[-1]['content'])}"}, finish="stop"))
            return
        call = {"name": calls, "arguments": json.dumps(arguments)}
        await wire.event(chunk({"tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": call}]}))
        await wire.event(chunk({}, finish="tool_calls"))

    return play


@pytest.fixture
def endpoint(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """The loopback server as the endpoint of the environment."""
    monkeypatch.setenv("CHATMODES_BASE_URL", fake.url)
    monkeypatch.setenv("CHATMODES_MODEL", "say:ANSWER: 144")
    return fake


def test_the_documented_script_runs(endpoint: Fake, tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text(example("A script"))
    result = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=False, timeout=60)
    assert (result.returncode, result.stdout) == (0, "144\n"), result.stderr
    assert "tokens, reasoned" in result.stderr


async def _in_a_notebook(cell: str) -> None:
    """Run a cell as a notebook does: top-level await, in a loop that runs already."""
    code = compile(cell, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(code, {"chatmodes": chatmodes})  # the document's own code
    if waiting is not None:  # a cell without `await` has run by now
        await waiting


@pytest.mark.anyio
async def test_the_documented_cell_runs(endpoint: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    await _in_a_notebook(example("A cell of a notebook"))
    assert capsys.readouterr().out.count("ANSWER: 144") == 2
    roles = [message["role"] for message in (endpoint.chats[-1].json or {})["messages"]]
    assert roles == ["user", "assistant", "user"]


def test_the_documented_modes_run_at_once(endpoint: Fake, tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text(example("Several at once"))
    result = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    assert {line.split(":")[0] for line in result.stdout.splitlines()} == {"instant", "thinking", "contemplating"}
    assert 5 <= len(endpoint.chats) <= 7, "three drafts that agree decide, whether the other two have gone out or not"


@pytest.mark.anyio
async def test_the_documented_attachments_are_sent(
    endpoint: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (40, 30), "navy").save(tmp_path / "chart.png")
    (tmp_path / "notes.txt").write_text("The sky was blue.")
    await _in_a_notebook(example("Pictures and files"))
    sent = json.dumps(endpoint.chats[-1].json)
    assert "data:image/" in sent
    assert "The sky was blue." in sent


@pytest.mark.anyio
async def test_the_documented_tools_run(
    endpoint: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("The sky was blue.")
    endpoint.scripts["say:ANSWER: 144"] = script("calculate", {"expression": "2 ** 100"})
    await _in_a_notebook(example("Tools"))
    assert "1267650600228229401496703205376" in capsys.readouterr().out
    endpoint.scripts["say:ANSWER: 144"] = script("read_file", {"path": "notes.txt"})
    await _in_a_notebook(example("Tools", 1))
    told = capsys.readouterr().out
    assert told.startswith("read_file wants to touch ")
    assert "The sky was blue." in told


def test_a_tool_that_nobody_allowed_is_refused_and_a_rule_allows_it(
    endpoint: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("The sky was blue.")
    endpoint.scripts["say:ANSWER: 144"] = script("run", {"command": "echo done"})
    (tool,) = chatmodes.ask("Run it", tools=["run"]).run.tools.values()
    assert tool.denied
    (tool,) = chatmodes.ask("Run it", tools=["run"], allow=["run:echo *"]).run.tools.values()
    assert (tool.denied, tool.error) == (False, False)
    assert "done" in tool.result
    with pytest.raises(chatmodes.ConfigError, match="no tool"):
        chatmodes.ask("Run it", tools=["hammer"])


@pytest.mark.anyio
async def test_the_documented_stop_keeps_what_came(endpoint: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint.scripts["say:ANSWER: 144"] = _endless
    await _in_a_notebook(example("Stopping"))
    assert capsys.readouterr().out.startswith("that is enough: 'and on ")
    endpoint.wait_until(lambda: endpoint.chats[-1].cut)


async def _endless(wire: Wire) -> None:
    while True:
        await wire.event(chunk({"content": "and on "}))
        await asyncio.sleep(0.01)


@pytest.mark.anyio
async def test_cancelling_it_ends_every_request(fake: Fake) -> None:
    wait = anyio.to_thread.run_sync
    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            asking = partial(chatmodes.ask_async, "Why?", mode="contemplating", model="hang", base_url=fake.url)
            tasks.start_soon(asking)
            await wait(fake.wait_until, lambda: len(fake.chats) == 5, 50)
            tasks.cancel_scope.cancel()
        await wait(fake.wait_until, lambda: all(request.cut for request in fake.chats), 50)


@pytest.mark.anyio
async def test_ask_works_where_a_loop_runs(endpoint: Fake) -> None:
    assert chatmodes.ask("What is 12 * 12?", mode="instant").text == "ANSWER: 144"


def test_the_two_ways_to_ask_are_one() -> None:
    assert inspect.signature(chatmodes.ask) == inspect.signature(chatmodes.ask_async)
    assert (chatmodes.ask.__name__, inspect.iscoroutinefunction(chatmodes.ask)) == ("ask", False)
    assert "notebook" in (chatmodes.ask.__doc__ or "")


def test_threads_ask_at_once(fake: Fake) -> None:
    """Both calls are under way before either is answered."""
    both = asyncio.Event()

    async def meet(wire: Wire) -> None:
        if len(fake.chats) == 2:
            both.set()
        await both.wait()
        await wire.event(chunk({"content": wire.request.question}, finish="stop"))

    fake.scripts["meet"] = meet
    with ThreadPoolExecutor(2) as threads:
        asking = partial(chatmodes.ask, model="meet", base_url=fake.url, mode="instant")
        assert [str(answer) for answer in threads.map(asking, ("one", "two"))] == ["one", "two"]


@pytest.mark.anyio
async def test_a_thread_of_a_loop_may_ask(endpoint: Fake) -> None:
    answer = await anyio.to_thread.run_sync(partial(chatmodes.ask, "What is 12 * 12?", mode="instant"))
    assert answer.text == "ANSWER: 144"


@pytest.mark.anyio
async def test_events_that_nobody_reads_to_the_end_hold_up_nothing(endpoint: Fake) -> None:
    """A reader may go away in the middle of a run; the next prompt still waits for its answer."""
    with anyio.fail_after(60):
        async with chatmodes.open(mode="instant") as chat:
            run = await chat.ask("First")
            async for event in run.events:
                if isinstance(event, ev.AgentStarted):
                    break
            assert str(await chatmodes.answer_of(await chat.ask("Second"))) == "ANSWER: 144"
    assert [message["role"] for message in endpoint.chats[-1].messages] == ["user", "assistant", "user"]


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
    handed: chatmodes.AnswerError = pickle.loads(pickle.dumps(cut.value))  # as a pool of processes does
    assert (str(handed), handed.answer.text) == (str(cut.value), cut.value.answer.text)
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
    with anyio.fail_after(60):
        async with chatmodes.open(model="slow:ttft=0,tps=10,repeat=500", base_url=fake.url) as chat:
            run = await chat.ask("Go on")
            async for event in run.events:
                if isinstance(event, ev.AnswerDelta):
                    break
    assert isinstance([event async for event in run.events][-1], ev.RunCancelled)


def test_importing_it_costs_nothing_and_offers_all_it_names() -> None:
    code = (
        "import sys, chatmodes\n"
        "heavy = ('chatmodes', 'msgspec', 'anyio')\n"
        "loaded = sorted(name for name in sys.modules if name.startswith(heavy))\n"
        "print(loaded, all(hasattr(chatmodes, name) for name in {*chatmodes.__all__, *dir(chatmodes)}))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told == "['chatmodes', 'chatmodes.version'] True\n"
    with pytest.raises(AttributeError, match="nothing"):
        _ = chatmodes.nothing  # pyright: ignore[reportUnknownVariableType]
