"""Runs on disk: written while they happen, replaying to the same screen, and ended honestly when their program died."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes import events as ev
from chatmodes.folding import RunView, fold
from chatmodes.messages import user
from chatmodes.store import RunWriter, Store, StoreError, open_store
from chatmodes.store.event_log import join_deltas


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chatmodes.db"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    with open_store(file) as opened:
        yield opened


def begin(store: Store, run: str = "r1", text: str = "a prompt", **more: Any) -> RunWriter:
    conversation = store.new_conversation()
    prompt = store.add_message(conversation, None, user(text))
    return store.begin_run(run, conversation, prompt, mode="contemplating", model="local/small", **more)


def contemplation(run: str = "r1") -> list[ev.AnyEvent]:
    """Two drafts that interleave, one of which is retried, and a reconciled answer."""
    plan = ev.Plan(slots=(ev.Slot("a1", "draft", "m"), ev.Slot("a2", "draft", "m")), quorum=2)
    cause = ev.Error("rate_limit", "Too fast.")
    bodies: list[tuple[type[Any], dict[str, Any]]] = [
        (ev.RunStarted, {"mode": "contemplating", "prompt": "a prompt", "plan": plan}),
        (ev.AgentStarted, {"agent": "a1", "role": "draft", "model": "m"}),
        (ev.AgentStarted, {"agent": "a2", "role": "draft", "model": "m"}),
        (ev.ReasoningDelta, {"agent": "a1", "text": "Let "}),
        (ev.TextDelta, {"agent": "a2", "text": "lost"}),
        (ev.ReasoningDelta, {"agent": "a1", "text": "me think"}),
        (ev.AgentRetrying, {"agent": "a2", "attempt": 2, "wait": 1.0, "cause": cause}),
        (ev.TextDelta, {"agent": "a1", "text": "It is "}),
        (ev.TextDelta, {"agent": "a2", "text": "Sure"}),
        (ev.TextDelta, {"agent": "a1", "text": "4."}),
        (ev.TextDelta, {"agent": "a2", "text": "ly 4."}),
        (ev.AgentFinished, {"agent": "a1", "usage": ev.Usage(3, 4), "finish": "stop", "ttft": 0.1, "seconds": 1.0}),
        (ev.AgentFinished, {"agent": "a2", "usage": ev.Usage(3, 4), "finish": "stop", "ttft": 0.1, "seconds": 1.0}),
        (ev.Agreement, {"clusters": (ev.Cluster("4", ("a1", "a2"), 2.0),), "outstanding": 0}),
        (ev.AnswerDelta, {"text": "Wro"}),
        (ev.AnswerRestarted, {"reason": "cut"}),
        (ev.AnswerDelta, {"text": "The answer "}),
        (ev.AnswerDelta, {"text": "is four."}),
        (
            ev.RunFinished,
            {"method": "vote", "answer": "The answer is four.", "usage": ev.Usage(6, 8, 2, 0), "cost": 0.01,
             "seconds": 2.0, "planned": 2, "survived": 2},
        ),
    ]  # fmt: skip
    return [kind(run=run, at=number / 10, **body) for number, (kind, body) in enumerate(bodies)]


def screen(events: list[ev.AnyEvent]) -> dict[str, Any]:
    """What a reader of the events shows; pieces of a text count as the text."""
    view = RunView()
    for event in events:
        fold(view, event)
    shown = asdict(view)
    shown["answer"] = "".join(view.answer)
    for agent in shown["agents"].values():
        agent["text"], agent["reasoning"] = "".join(agent["text"]), "".join(agent["reasoning"])
    return shown


@given(st.integers(0, 19), st.lists(st.integers(0, 19), max_size=4))
def test_a_stored_run_replays_to_the_same_screen_wherever_it_was_flushed(length: int, flushes: list[int]) -> None:
    events = contemplation()[:length]
    with open_store(None) as store:
        writer = begin(store)
        for number, event in enumerate(events):
            writer.add(event)
            if number in flushes:
                writer.flush()
        writer.flush()
        stored = store.run_events("r1")
    assert screen(stored) == screen(events)
    assert len(stored) <= len(events)


def test_joined_deltas_are_fewer_than_the_live_ones() -> None:
    deltas: list[ev.AnyEvent] = [
        ev.TextDelta(run="r", at=n / 100, agent=f"a{n % 5}", text=f"{n} ") for n in range(1000)
    ]
    joined = join_deltas(deltas)
    assert len(joined) == 6
    assert isinstance(joined[0], ev.TextDelta)
    assert joined[0].text.startswith("0 5 10 15")


def test_a_finished_run_gives_its_message_text_state_and_figures(store: Store) -> None:
    writer = begin(store)
    for event in contemplation():
        writer.add(event)
    writer.flush()
    writer.end()
    message, run = store.message(writer.message), store.run("r1")
    assert message is not None
    assert run is not None
    assert (message.message.text, message.state, message.run) == ("The answer is four.", "complete", "r1")
    assert (run.status, run.usage, run.cost, run.seconds, run.ttft) == (
        "finished", ev.Usage(6, 8, 2, 0), 0.01, 2.0, pytest.approx(0.3),
    )  # fmt: skip
    assert [hit.message for hit in store.search("four", mode="contemplating", model="small")] == [writer.message]


def test_an_answer_under_way_is_seen_by_another_program_and_joins_the_context(store: Store, file: Path) -> None:
    writer = begin(store)
    for event in contemplation()[:17]:
        writer.add(event)
    writer.flush()
    with open_store(file) as other:
        seen, run = other.message(writer.message), other.run("r1")
        assert seen is not None
        assert run is not None
        assert (seen.message.text, seen.state, run.status) == ("The answer ", "partial", "running")
        assert [m.text for m in other.context(writer.message)] == ["a prompt", "The answer "]


@pytest.mark.parametrize(
    ("end", "state", "text"),
    [
        (ev.RunFailed(run="r1", at=9, error=ev.Error("stream_cut", "Cut."), partial="half"), "failed", "half"),
        (ev.RunCancelled(run="r1", at=9, reason="Esc"), "cancelled", "The answer "),
    ],
)
def test_what_came_before_a_failure_or_a_cancellation_is_kept(
    store: Store, end: ev.AnyEvent, state: str, text: str
) -> None:
    writer = begin(store)
    for event in [*contemplation()[:17], end]:
        writer.add(event)
    writer.flush()
    message = store.message(writer.message)
    assert message is not None
    assert (message.state, message.message.text) == (state, text)


def test_a_run_that_its_program_abandons_is_cut_and_says_so(store: Store) -> None:
    writer = begin(store)
    for event in contemplation()[:17]:
        writer.add(event)
    writer.end()
    run, message = store.run("r1"), store.message(writer.message)
    assert run is not None
    assert message is not None
    assert (run.status, message.state, message.message.text) == ("cut", "partial", "The answer ")
    shown = screen(store.run_events("r1"))
    assert shown["status"] == "cancelled"
    assert isinstance(shown["end"], ev.RunCancelled)
    assert "The program ended" in shown["end"].reason


def test_what_cannot_be_written_stays_and_is_written_later(store: Store) -> None:
    writer = begin(store)
    for event in contemplation()[:5]:
        writer.add(event)
    store._connection.execute("PRAGMA query_only = ON")  # pyright: ignore[reportPrivateUsage] - stands for a full disk
    with pytest.raises(StoreError):
        writer.flush()
    store._connection.execute("PRAGMA query_only = OFF")  # pyright: ignore[reportPrivateUsage]
    writer.add(contemplation()[5])
    writer.flush()
    assert screen(store.run_events("r1")) == screen(contemplation()[:6])


def test_comparisons_keep_their_runs_and_a_new_pick_replaces_the_old_one(store: Store) -> None:
    conversation = store.new_conversation()
    prompt = store.add_message(conversation, None, user("which?"))
    comparison = store.begin_comparison(conversation, prompt, blind=True, topic="maths")
    writers = [
        store.begin_run(f"r{n}", conversation, prompt, mode=mode, model="p/m", comparison=comparison)
        for n, mode in enumerate(("instant", "thinking"))
    ]
    for writer in writers:
        writer.end("cancelled")
    store.record_pick(comparison, "tie")
    store.record_pick(comparison, "winner", "r0", reason="clearer")
    found, picks = store.comparison(comparison), store.picks()
    assert found is not None
    assert [run.mode for run in found.runs] == ["instant", "thinking"]
    assert store.comparisons(conversation) == [found]
    assert [(p.verdict, p.winner, p.topic, p.blind, len(p.runs)) for p in picks] == [("winner", "r0", "maths", True, 2)]
    assert store.picks(topic="poetry") == []
    assert store.picks(since=picks[0].at + 1) == []
    where = store.conversation(conversation)
    assert where is not None
    assert where.leaf == writers[0].message
    with pytest.raises(StoreError, match="not part of this comparison"):
        store.record_pick(comparison, "winner", "r9")
    with pytest.raises(StoreError, match="there is a winner"):
        store.record_pick(comparison, "tie", "r0")
    store.delete_message(writers[0].message)
    assert store.picks() == [], "a pick of what is gone says nothing"


def test_a_run_whose_end_is_written_with_its_last_events_is_ended_as_they_say(store: Store) -> None:
    writer = begin(store)
    for event in contemplation():
        writer.add(event)
    writer.end()
    stored = store.message(writer.message)
    assert stored is not None
    assert stored.state == "complete"
