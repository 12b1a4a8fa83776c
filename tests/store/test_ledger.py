"""What was spent is told in one place: runs, and the calls that the program made for itself."""

import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from chatmodes import cli
from chatmodes import events as ev
from chatmodes.chat import Chat, open_chat
from chatmodes.comparing.summary import summarise
from chatmodes.messages import assistant, user
from chatmodes.providers.calls import Finished, TextChunk
from chatmodes.settings import Settings
from chatmodes.store import Store, open_store
from tests.modes.scripted import MODEL, Open, Script, Scripted, Stall, broken

pytestmark = pytest.mark.anyio


def spent(store: Store) -> dict[tuple[str, str], tuple[int, float | None, int]]:
    """Calls, cost and unknown ones by model and purpose."""
    return {(each.model, each.what): (each.calls, each.cost, each.unknown) for each in store.spent()}


def exchange(store: Store) -> str:
    """A conversation of a prompt and its answer."""
    conversation = store.new_conversation()
    prompt = store.add_message(conversation, None, user("Why is the sky blue?"))
    store.add_message(conversation, prompt, assistant("It scatters."))
    return conversation


def telling(cost: float | None) -> Script:
    """A reply that costs so much."""
    return [TextChunk("The blue sky"), Finished("stop", ev.Usage(10, 3, 0, 0), cost)]


@pytest.fixture
def models() -> Scripted:
    return Scripted(judge=telling(0.002))


@pytest.fixture
async def chat(models: Scripted) -> AsyncIterator[Chat]:
    with open_store(None) as store:
        async with open_chat(Settings(), models, store, choose=lambda _: MODEL) as chat:
            yield chat


async def test_a_names_cost_is_stored_and_counted(chat: Chat) -> None:
    conversation = exchange(chat.store)
    await chat.name_conversation(conversation, MODEL)
    kept = chat.store.conversation(conversation)
    assert kept
    assert kept.title == "The blue sky"
    assert spent(chat.store) == {(MODEL, "name"): (1, 0.002, 0)}


async def test_a_summarys_cost_and_an_answers_stand_beside_it(chat: Chat) -> None:
    conversation = exchange(chat.store)
    await summarise(chat, MODEL, "Why?", [("A", "So."), ("B", "Thus.")], lambda _: None, conversation=conversation)
    await summarise(chat, MODEL, "Why?", [("A", "So."), ("B", "Thus.")], lambda _: None)
    prompt = chat.store.add_message(conversation, None, user("Why?"))
    run = await chat.answer(prompt, mode="instant")
    await run.ended.wait()
    assert spent(chat.store) == {(MODEL, "summary"): (2, 0.004, 0), (MODEL, "instant"): (1, 0.002, 0)}


async def test_what_nobody_knows_is_counted_as_that(chat: Chat, models: Scripted) -> None:
    models.judge = telling(None)
    await chat.name_conversation(exchange(chat.store), MODEL)
    models.judge = broken()
    await chat.name_conversation(exchange(chat.store), MODEL)
    models.judge = [TextChunk("Th"), Open("begun"), Stall()]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(chat.name_conversation, exchange(chat.store), MODEL)
        await models.gate("begun").wait()
        tasks.cancel_scope.cancel()
    assert spent(chat.store) == {(MODEL, "name"): (3, 0.0, 2)}


async def test_a_conversation_deleted_meanwhile_costs_the_name_and_nothing_else(chat: Chat, models: Scripted) -> None:
    conversation = exchange(chat.store)
    await chat.name_conversation(conversation, MODEL)
    chat.store.delete_conversation(conversation)
    chat.store.purge()
    assert spent(chat.store) == {}
    found = await chat.aside("Name it.", "name", conversation, model=MODEL, system="", max_tokens=9)
    assert found.answer_text == "The blue sky"


def test_costs_are_told_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CHATMODES_HOME", str(tmp_path))
    assert cli.main(["history", "costs"]) == 0
    assert "Nothing was asked yet." in capsys.readouterr().err
    with open_store(tmp_path / "data" / "chatmodes.db") as store:
        conversation = exchange(store)
        for cost in (0.5, None):
            store.record_aside(conversation, "name", model="lab/one", usage=ev.Usage(), cost=cost)
        store.record_aside(None, "summary", model="lab/two", usage=ev.Usage(), cost=None)
    assert cli.main(["history", "costs"]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert rows[1:] == [
        ["lab/one", "name", "2", "$0.5000", "and", "1", "unknown"],
        ["lab/two", "summary", "1", "unknown"],
        ["all", "3", "$0.5000", "and", "2", "unknown"],
    ]
    assert cli.main(["history", "costs", "--since", "1d", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told[0] == {"model": "lab/one", "what": "name", "calls": 2, "cost": 0.5, "unknown": 1}
    assert cli.main(["history", "costs", "--until", "2001-01-01"]) == 0
    assert "in that time" in capsys.readouterr().err


def test_a_database_without_the_table_gets_it(tmp_path: Path) -> None:
    path = tmp_path / "chatmodes.db"
    with open_store(path) as store:
        conversation = exchange(store)
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TABLE asides; PRAGMA user_version = 3;")
    with open_store(path) as store:
        store.record_aside(conversation, "name", model="lab/one", usage=ev.Usage(), cost=0.1)
        assert spent(store) == {("lab/one", "name"): (1, 0.1, 0)}
