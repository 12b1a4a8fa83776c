"""The chat: what is asked is kept before it is sent, and a run ends properly whoever reads it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import anyio
import pytest

from chatmodes import events as ev
from chatmodes.chat import Chat, Run, open_chat
from chatmodes.providers.calls import TextChunk
from chatmodes.settings import Settings
from chatmodes.store import Store, StoreError, open_store
from tests.modes.scripted import Scripted, Stall, in_turn, say

pytestmark = pytest.mark.anyio
MODEL = "lab/one"


@asynccontextmanager
async def chatting(models: Scripted, store: Store) -> AsyncGenerator[Chat]:
    """A chat over scripted models and a store in memory."""
    async with open_chat(Settings(), models, store, choose=lambda _: MODEL) as chat:
        yield chat


async def told(run: Run) -> list[ev.AnyEvent]:
    """A run's events to the last one, which is stored when this returns."""
    events = [event async for event in run.events]
    await run.ended.wait()
    return events


async def test_an_answer_is_stored_under_its_prompt_and_seen_by_the_next() -> None:
    models = in_turn(say("Hello Ada."), say("You are Ada."))
    with open_store(None) as store:
        async with chatting(models, store) as chat:
            first = await chat.add_prompt("I am Ada.")
            run = await chat.answer(first)
            await told(run)
            conversation = store.message(first)
            assert conversation
            second = await chat.add_prompt("Who am I?", conversation=conversation.conversation, parent=run.message)
            await told(await chat.answer(second))
        assert [m.message.text for m in store.path(second)] == ["I am Ada.", "Hello Ada.", "Who am I?"]
    assert [m.text for m in models.calls[1].call.messages] == ["I am Ada.", "Hello Ada.", "Who am I?"]


async def test_answering_again_makes_a_sibling() -> None:
    with open_store(None) as store:
        async with chatting(in_turn(say("One."), say("Two.")), store) as chat:
            prompt = await chat.add_prompt("Count.")
            first, second = await chat.answer(prompt), await chat.answer(prompt)
            await told(first)
            await told(second)
        assert {m.message.text for m in store.siblings(first.message)} == {"One.", "Two."}


async def test_closing_the_chat_stores_what_came_as_cancelled() -> None:
    models = in_turn([TextChunk("Half an answer"), Stall()])
    with open_store(None) as store:
        async with chatting(models, store) as chat:
            run = await chat.answer(await chat.add_prompt("Go on."))
            with anyio.fail_after(30):
                async for event in run.events:
                    if isinstance(event, ev.AnswerDelta):
                        break
        message = store.message(run.message)
        assert message
        assert (message.state, message.message.text) == ("cancelled", "Half an answer")
        assert isinstance(store.run_events(run.id)[-1], ev.RunCancelled)


async def test_a_reader_that_leaves_does_not_stop_the_run() -> None:
    with open_store(None) as store:
        async with chatting(in_turn(say("All of it.")), store) as chat:
            run = await chat.answer(await chat.add_prompt("Go on."))
            run.events.close()
            with anyio.fail_after(30):
                await run.ended.wait()
        message = store.message(run.message)
        assert message
        assert (message.state, message.message.text) == ("complete", "All of it.")


async def test_a_closed_chat_refuses_and_leaves_no_run_behind() -> None:
    with open_store(None) as store:
        async with chatting(in_turn(say("Too late.")), store) as chat:
            prompt = await chat.add_prompt("Hello?")
        with pytest.raises(StoreError, match="closed"):
            await chat.answer(prompt)
        assert all(m.state != "partial" for m in store.tree(store.conversations()[0].id))


async def test_a_store_that_cannot_write_does_not_stop_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(None) as store:
        async with chatting(in_turn(say("Still here.")), store) as chat:
            run_of = store.begin_run

            def failing(*args: object, **kwargs: object) -> object:
                writer = run_of(*args, **kwargs)  # pyright: ignore[reportArgumentType]
                monkeypatch.setattr(writer, "flush", _full)
                monkeypatch.setattr(writer, "end", _full)
                return writer

            monkeypatch.setattr(store, "begin_run", failing)
            run = await chat.answer(await chat.add_prompt("Go on."))
            events = await told(run)
    assert isinstance(events[-1], ev.RunFinished)
    assert run.unsaved is not None
    assert "full" in run.unsaved.message


def _full(*_: object) -> None:
    raise StoreError("The disk is full.")
