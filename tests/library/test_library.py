"""`import chatmodes`: what a program gets, and what it is told where it asks for what cannot be."""

import asyncio
import inspect
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import pytest
from PIL import Image

import chatmodes
from chatmodes import events as ev
from chatmodes.store import open_store
from tests.fake import Fake, Wire
from tests.fake.chunks import chunk
from tests.library.calling import script


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


UNUSABLE: list[dict[str, Any]] = [
    {"mode": "quick"},
    {"prompt": " \n"},
    {"attach": ["/nowhere/at/all"]},
    {"attach": "/nowhere/at/all"},
    {"attach": b""},
    {"base_url": "ftp://x"},
    {"tools": "hammer"},
    {"tools": [lambda: None]},
    {"settings": {"contemplating.agents": "many"}},
    {"settings": {"contemplating": {"no such": 1}}},
]
OF_ANOTHER_KIND: list[dict[str, Any]] = [
    {"prompt": None},
    {"prompt": [{"role": "user", "content": "Hi"}]},
    {"mode": 3},
    {"model": b"m"},
    {"system": ["x"]},
    {"base_url": 8000},
    {"api_key": 1},
    {"attach": [3]},
    {"allow": [3]},
    {"settings": {3: 3}},
    {"temperature": 0.3},
]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [*((each, chatmodes.ConfigError) for each in UNUSABLE), *((each, TypeError) for each in OF_ANOTHER_KIND)],
    ids=[*(next(iter(each)) for each in UNUSABLE), *(next(iter(each)) for each in OF_ANOTHER_KIND)],
)
def test_what_cannot_be_asked_is_said_before_anything_is_sent(
    fake: Fake, wrong: dict[str, Any], error: type[Exception]
) -> None:
    given: dict[str, Any] = {"prompt": "Hi", "model": "say:x", "base_url": fake.url, **wrong}
    prompt = given.pop("prompt")
    with pytest.raises(error):
        chatmodes.ask(prompt, **given)
    with pytest.raises(error):
        next(iter(chatmodes.stream(prompt, **given)))
    assert not fake.chats


def test_a_traceback_has_the_next_step() -> None:
    with pytest.raises(chatmodes.ConfigError) as raised:
        chatmodes.ask("Hi", mode="quick")
    assert "The modes are instant, thinking" in "".join(traceback.format_exception(raised.value))
    assert pickle.loads(pickle.dumps(raised.value)).hint == raised.value.hint


def test_settings_of_a_call_hold_over_the_files(fake: Fake) -> None:
    asking = partial(chatmodes.ask, "What is 12 * 12?", model="say:ANSWER: 144", base_url=fake.url)
    settings: dict[str, object] = {
        "sampling.temperature": 0.25,
        "sampling": {"max_tokens": 77},
        "contemplating.agents": 3,
    }
    plan = asking(mode="contemplating", settings=settings).run.plan
    assert plan
    assert len(plan.slots) == 3
    sent = fake.chats[0].json or {}
    assert (sent["temperature"], sent["max_tokens"]) == (0.25, 77)
    assert asking(settings={"mode": "thinking"}).run.mode == "thinking"
    assert asking(settings={"mode": "thinking"}, mode="instant").run.mode == "instant"


def test_pictures_come_as_bytes_and_from_pillow(fake: Fake, tmp_path: Path) -> None:
    drawn = Image.new("RGBA", (40, 30), "navy")
    drawn.save(tmp_path / "drawn.png")
    data = (tmp_path / "drawn.png").read_bytes()
    for one in (drawn, data, tmp_path / "drawn.png", str(tmp_path / "drawn.png"), [drawn, data]):
        chatmodes.ask("What is it?", model="say:x", base_url=fake.url, mode="instant", attach=one)
        content = (fake.chats[-1].json or {})["messages"][-1]["content"]
        pictures = [part for part in content if part["type"] == "image_url"]
        assert len(pictures) == (2 if isinstance(one, list) else 1)


def test_what_a_model_does_not_take_is_said_to_the_program(fake: Fake, home: Path) -> None:
    (home / "config").mkdir(parents=True, exist_ok=True)
    blind = f'[blind]\nbase_url = "{fake.url}"\n[blind.defaults]\nimages = false\ntools = false\n'
    (home / "config" / "providers.toml").write_text(blind)
    picture = Image.new("RGB", (9, 9))
    with pytest.raises(chatmodes.ConfigError, match="takes no pictures"):
        chatmodes.ask("What is it?", model="blind/say:x", attach=picture)
    assert not fake.chats
    with pytest.warns(UserWarning, match="takes no tools"):
        assert chatmodes.ask("What is 2 + 2?", model="blind/say:x", tools=["calculate"]).text == "x"

    async def talk() -> None:
        async with chatmodes.open(model="blind/say:x", tools=["now"]) as chat:
            with pytest.raises(chatmodes.ConfigError, match="takes no pictures"):
                await chat.ask("What is it?", attach=picture)
            with pytest.warns(UserWarning, match="takes no tools"):
                assert (await chatmodes.answer_of(await chat.ask("Hi"))).text == "x"

    anyio.run(talk)


def test_a_stream_that_is_left_ends_its_run(fake: Fake) -> None:
    asking = partial(chatmodes.stream, "Go on", model="endless", base_url=fake.url, mode="instant")
    for event in asking():
        if isinstance(event, ev.AnswerDelta):
            break
    fake.wait_until(lambda: fake.chats[-1].cut)
    fake.chats.clear()
    with pytest.raises(KeyError, match="mine"):
        _read_and_fail(asking())
    fake.wait_until(lambda: fake.chats[-1].cut)


def _read_and_fail(events: Iterable[ev.AnyEvent]) -> None:
    for event in events:
        if isinstance(event, ev.AnswerDelta):
            raise KeyError("mine")


@pytest.mark.anyio
async def test_a_stream_works_where_a_loop_runs(endpoint: Fake) -> None:
    kinds = [type(event) for event in chatmodes.stream("What is 12 * 12?", mode="instant")]
    assert (kinds[0], kinds[-1]) == (ev.RunStarted, ev.RunFinished)


def test_nothing_is_left_open_that_python_warns_of(fake: Fake) -> None:
    code = (
        "import gc, sys, chatmodes\n"
        "asked = dict(model='say:x', base_url=sys.argv[1])\n"
        "print(chatmodes.ask('Hi', **asked), [*chatmodes.stream('Hi', **asked)][-1].answer)\n"
        "next(chatmodes.stream('Hi', **asked))\n"
        "gc.collect()\n"
        "left = chatmodes.stream('Hi', model='endless', base_url=sys.argv[1])\n"
        "next(left)\n"
    )
    command = [sys.executable, "-W", "error", "-c", code, fake.url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "x x\n", "")


def test_an_answer_reads_as_its_text(fake: Fake) -> None:
    answer = chatmodes.ask("Hi", model="say:yes", base_url=fake.url, mode="instant")
    assert (f"{answer:>5}", f"{answer}") == ("  yes", "yes")
    assert repr(answer) == "<Answer in instant mode, finished: 'yes'>"
    assert pickle.loads(pickle.dumps(answer)) == answer


@pytest.mark.anyio
async def test_an_answer_is_there_whoever_read_the_events(endpoint: Fake) -> None:
    async with chatmodes.open(mode="instant") as chat:
        run = await chat.ask("First")
        assert repr(run) == f"Run(id={run.id!r}, mode='instant', model={run.model!r}, message={run.message!r})"
        assert "settings" not in repr(chat), "settings may hold what opens a server"
        assert [event async for event in run.events]
        assert str(await chatmodes.answer_of(run)) == str(await chatmodes.answer_of(run)) == "ANSWER: 144"


@pytest.mark.anyio
async def test_prompts_that_come_at_once_follow_each_other(endpoint: Fake) -> None:
    with anyio.fail_after(60):
        async with chatmodes.open(mode="instant") as chat:
            async with anyio.create_task_group() as tasks:
                for each in ("One", "Two", "Three"):
                    tasks.start_soon(chat.ask, each)
            await chatmodes.answer_of(await chat.ask("Four"))
    roles = [message["role"] for message in endpoint.chats[-1].messages]
    assert roles == ["user", "assistant"] * 3 + ["user"]


@pytest.mark.anyio
async def test_a_conversation_says_what_is_wrong_with_it(endpoint: Fake) -> None:
    with pytest.raises(chatmodes.ConfigError, match="no mode"):
        async with chatmodes.open(mode="quick"):
            pass
    with pytest.raises(TypeError, match="conversation"):
        async with chatmodes.open(conversation=5):  # pyright: ignore[reportArgumentType]
            pass
    async with chatmodes.open() as chat:
        with pytest.raises(TypeError, match="prompt"):
            await chat.ask(None)  # pyright: ignore[reportArgumentType]
        with pytest.raises(TypeError, match="mode"):
            await chat.ask("Hi", mode=5)  # pyright: ignore[reportArgumentType]
    with pytest.raises(RuntimeError, match="over"):
        await chat.ask("Too late")


@pytest.mark.anyio
@pytest.mark.parametrize("leaves", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()], ids=repr)
async def test_what_leaves_the_block_leaves_as_it_is(fake: Fake, leaves: BaseException) -> None:
    """`sys.exit` exits, and an async generator that is closed is closed."""

    async def leave() -> None:
        async with chatmodes.open(model="endless", base_url=fake.url) as chat:
            await chat.ask("Go on")
            raise leaves

    with pytest.raises(type(leaves)) as raised:
        await leave()
    assert raised.value is leaves


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
async def test_what_is_to_be_kept_and_cannot_be_is_said(endpoint: Fake, home: Path) -> None:
    with pytest.raises(chatmodes.ConfigError, match="nothing is stored"):
        async with chatmodes.open(keep=True, settings={"store.private": True}):
            pass
    (home / "data").write_text("a file where the folder is to be")
    with pytest.raises(chatmodes.ConfigError, match="not saved"):
        async with chatmodes.open(keep=True):
            pass
    async with chatmodes.open() as chat:
        assert str(await chatmodes.answer_of(await chat.ask("Hi"))) == "ANSWER: 144"


@pytest.mark.parametrize(("model", "lacks"), [("fault:filtered", True), ("say:yes", False)])
def test_an_answer_says_what_it_lacks(fake: Fake, model: str, lacks: bool) -> None:
    answer = chatmodes.ask("Hi", model=model, base_url=fake.url, mode="instant")
    assert bool(answer.degraded) == lacks


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
