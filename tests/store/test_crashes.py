"""Nothing is lost: to kill -9, to a full disk, or to other programs on the same database."""

import mmap
import random
import resource
import sqlite3
import struct
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from chatmodes import events as ev
from chatmodes.chat import FLUSH_EVERY
from chatmodes.messages import assistant, user
from chatmodes.store import Store, StoreError, open_store
from tests.store.processes import all_succeeded, kill, start

MODES = ("instant", "thinking", "contemplating")
TOLERATED = 0.25
"""Seconds of streaming that kill -9 may cost."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chatmodes.db"


def stream(file: Path, conversation: str, parent: str, run: str, mode: str, clock: mmap.mmap) -> None:
    """What a chat does while a model answers: an event about every millisecond, a flush every 100 ms.

    Every delta is the time it was made, which is also noted in memory that survives this process.
    """
    agents = [f"a{n}" for n in range(5)] if mode == "contemplating" else ["answer"]
    with open_store(file) as store:
        writer = store.begin_run(run, conversation, parent, mode=mode, model="m")
        writer.add(ev.RunStarted(run=run, at=0, mode=mode, prompt="p", plan=ev.Plan(())))
        for agent in agents:
            writer.add(ev.AgentStarted(run=run, at=0, agent=agent, role="draft", model="m"))
        flushed = time.monotonic()
        while True:
            now = time.monotonic()
            text = f"{now:.6f} "
            if mode == "instant":
                writer.add(ev.AnswerDelta(run=run, at=0, text=text))
            elif mode == "thinking":
                writer.add(ev.ReasoningDelta(run=run, at=0, agent="answer", text=text))
            else:
                writer.add(ev.TextDelta(run=run, at=0, agent=random.choice(agents), text=text))
            clock[:8] = struct.pack("d", now)
            if now - flushed >= FLUSH_EVERY:
                writer.flush()
                flushed = now
            time.sleep(0.001)  # the pace of the tokens


def until_it_streams(clock: mmap.mmap) -> None:
    until = time.monotonic() + 10
    while not any(clock[:8]) and time.monotonic() < until:
        time.sleep(0.001)


def newest_stored(store: Store, run: str) -> float:
    deltas = (ev.TextDelta, ev.ReasoningDelta, ev.AnswerDelta)
    texts = [event.text for event in store.run_events(run) if isinstance(event, deltas)]
    return max((float(text.split()[-1]) for text in texts), default=0.0)


@pytest.mark.timeout(400)  # a hundred processes: two minutes beside a busy machine's other work
def test_kill_9_at_a_hundred_moments_of_streaming_costs_a_quarter_of_a_second_at_most(file: Path) -> None:
    rng = random.Random(5)
    with open_store(file) as store:
        conversation = store.new_conversation()
        prompt = store.add_message(conversation, None, user("go"))
    stored_runs = 0
    for number in range(100):
        run, clock = f"run{number}", mmap.mmap(-1, 8)
        mode = MODES[number % 3]
        child = start(lambda run=run, mode=mode, clock=clock: stream(file, conversation, prompt, run, mode, clock))
        if number % 4:  # the others are killed while they open the database, on a busy machine
            until_it_streams(clock)
        time.sleep(rng.uniform(0.0, 0.22))  # the random moment
        kill(child)
        (made,) = struct.unpack("d", clock[:8])
        with open_store(file) as store:
            stored = store.run(run)
            if stored is None:
                assert made == 0.0, "the run had begun, and is not there"
                continue
            assert stored.status == "cut"
            message = store.message(stored.message)
            assert message is not None
            assert message.state == "partial"
            newest = newest_stored(store, run)
            if newest:
                stored_runs += 1
                assert made - newest <= TOLERATED
            if mode == "instant":
                assert message.message.text.endswith(f"{newest:.6f} " if newest else "")
            after = store.add_message(conversation, message.id, user("again"))
            assert all(m.text.strip() for m in store.context(after)), "a cut answer poisons what follows"
    assert stored_runs > 30, "most moments lay inside the streaming"
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    with open_store(file) as store:
        store.begin_run("last", conversation, prompt, mode="instant", model="m").end()
    assert [path.name for path in file.parent.iterdir()] == ["chatmodes.db"], "the dead leave nothing lying about"


def test_a_living_programs_run_is_left_alone(file: Path) -> None:
    with open_store(file) as store:
        conversation = store.new_conversation()
        writer = store.begin_run("r", conversation, None, mode="instant", model="m")
        with open_store(file) as other:
            run = other.run("r")
            assert run is not None
            assert run.status == "running"
        writer.add(ev.AnswerDelta(run="r", at=0, text="still here"))
        writer.end("cancelled")
        assert [m.text for m in store.context(writer.message)] == ["still here"]


@contextmanager
def full_disk(file: Path, room: int) -> Generator[None]:
    """Let files grow by no more than `room` bytes beyond the journal's size: SQLite sees what a full disk gives."""
    journal = file.with_name(file.name + "-wal")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (journal.stat().st_size + room, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("room", [0, 5_000, 60_000])
def test_what_a_full_disk_refuses_is_kept_and_written_when_there_is_room(file: Path, room: int) -> None:
    with open_store(file) as store:
        conversation = store.new_conversation()
        writer = store.begin_run("r", conversation, None, mode="instant", model="m")
        words = [f"word{number} " * 50 for number in range(500)]
        errors: list[StoreError] = []
        with full_disk(file, room):
            for number, text in enumerate(words):
                writer.add(ev.AnswerDelta(run="r", at=number, text=text))
                try:
                    writer.flush()
                except StoreError as error:
                    errors.append(error)
        assert errors
        assert "the disk is full" in errors[-1].message
        assert "kept in memory" in errors[-1].hint
        writer.end("cancelled")
        assert [m.text for m in store.context(writer.message)] == ["".join(words)]
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def write_for(seconds: float, file: Path, name: str) -> None:
    """One of several programs: conversations, streamed runs, searches and deletions, none of which may fail."""
    until = time.monotonic() + seconds
    count = 0
    with open_store(file) as store:
        while not count or time.monotonic() < until:  # the machine may be busier than the time is long
            conversation = store.new_conversation(f"{name} {count}")
            prompt = store.add_message(conversation, None, user(f"{name} asks {count}"))
            run = f"{name}-{count}"
            writer = store.begin_run(run, conversation, prompt, mode="instant", model="m")
            for number in range(5):
                writer.add(ev.AnswerDelta(run=run, at=number, text=f"{name} "))
                writer.flush()
            writer.end("cancelled")
            again = store.add_message(conversation, writer.message, user("bye"))
            store.add_message(conversation, again, assistant("bye"))
            assert len(store.search(f'"{name} asks {count}"')) == 1
            if count % 10 == 9:
                store.delete_conversation(conversation)
            count += 1
        store.save_draft(name, str(count))


def eight_writers(file: Path, seconds: float) -> None:
    names = [f"writer{n}" for n in range(8)]
    assert all_succeeded([start(lambda name=name: write_for(seconds, file, name)) for name in names])
    with open_store(file) as store:
        written = {name: int(store.draft(name)) for name in names}
        kept = sum(count - count // 10 for count in written.values())
        assert min(written.values()) > 0, "nobody is starved"
        assert store.sizes().messages == 4 * kept
        for name in names:
            assert len(store.conversations(f"{name} ", limit=-1)) == written[name] - written[name] // 10
        assert all(c.leaf is not None and len(store.path(c.leaf)) == 4 for c in store.conversations(limit=500))
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_eight_programs_write_at_once_and_nobody_loses(file: Path) -> None:
    eight_writers(file, 2.0)


@pytest.mark.slow
def test_eight_programs_write_for_a_minute(file: Path) -> None:
    eight_writers(file, 60.0)
