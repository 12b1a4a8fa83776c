"""What a run holds locks nobody out: opening depends on none of it, and what cannot be read is left out and told."""

import json
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chatmodes import cli
from chatmodes import events as ev
from chatmodes.cli.findings import database
from chatmodes.messages import user
from chatmodes.store import Store, open_store, words
from chatmodes.store.archive import dump, restore
from chatmodes.store.importing import read
from chatmodes.store.records import StoredMessage
from tests.store.processes import all_succeeded, start
from tests.store.test_runs import contemplation

FUTURE = b'{"type":"from_the_future","run":"r","at":1.5,"what":[1,2]}'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHATMODES_HOME", str(tmp_path))
    return tmp_path / "data" / "chatmodes.db"


def begun(file: Path, *answers: str, run: str = "r") -> None:
    """A run whose program ends without a word while it streams."""

    def die() -> None:
        store = open_store(file)
        conversation = store.new_conversation("Title")
        prompt = store.add_message(conversation, None, user("the prompt"))
        writer = store.begin_run(run, conversation, prompt, mode="instant", model="m")
        writer.add(ev.RunStarted(run=run, at=0, mode="instant", prompt="the prompt", plan=ev.Plan(())))
        writer.add(ev.AgentStarted(run=run, at=0, agent="a", role="answer", model="m"))
        for answer in answers:
            writer.add(ev.AnswerDelta(run=run, at=1, text=answer))
            writer.flush()

    assert all_succeeded([start(die)])


def alter(file: Path, change: Callable[[bytes], bytes], n: int) -> None:
    with closing(sqlite3.connect(file)) as db:
        (data,) = db.execute("SELECT events FROM chunks WHERE run = 'r' AND n = ?", (n,)).fetchone()
        db.execute("UPDATE chunks SET events = ? WHERE run = 'r' AND n = ?", (change(data), n))
        db.commit()


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "an event of a newer version": lambda data: data + b"\n" + FUTURE,
    "one damaged byte": lambda data: data[:30] + b"\xff" + data[31:],
    "cut in the middle": lambda data: data[: len(data) // 2],
    "nothing": lambda _: b"",
    "no JSON": lambda _: bytes(range(256)) * 10,
    "another shape": lambda _: b'[]\n3\nnull\n{"type":7}\n{"a":1}\n{"type":"answer_delta"}',
    "nested beyond bearing": lambda _: b"[" * 100_000,
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_dead_run_that_cannot_be_read_locks_nobody_out(
    file: Path, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    begun(file, "one ", "two ", "three ")
    alter(file, CHANGES[change], 2)
    with open_store(file) as store:
        answer = only(store)
        assert answer.message.text.startswith("one ")
        assert answer.message.text.endswith("three ")
        run = store.run("r")
        assert run is not None
        assert run.status == "cut"
    assert cli.main(["history"]) == 0
    assert cli.main(["history", "export", "--all"]) == 0
    capsys.readouterr()
    assert [finding.state for finding in database()] == ["ok"]
    with open_store(file) as store:
        store.tend()
        answer = only(store)
        assert (answer.state, answer.message.text[:4]) == ("partial", "one ")
        assert len(store.search("three")) == 1
        assert isinstance(store.run_events("r")[-1], ev.RunCancelled)
        with store.reading() as db:
            assert db.execute("SELECT count(*) FROM runs WHERE owner IS NOT NULL").fetchone() == (0,)


@pytest.mark.parametrize("packed", [0, 1])
@pytest.mark.parametrize("value", [None, 7, "text"])
def test_a_piece_of_a_log_that_is_no_bytes_is_damaged(file: Path, value: object, packed: int) -> None:
    begun(file, "one ", "two ", "three ")
    begun(file, "another", run="s")
    bytes_only, anything = "events BLOB NOT NULL", "events ANY"
    for before, after in ((bytes_only, anything), (anything, bytes_only)):  # as a damaged page does, past the table
        with closing(sqlite3.connect(file)) as db:
            if after == bytes_only:
                db.execute("UPDATE chunks SET events = ?, packed = ? WHERE run = 'r' AND n = 2", (value, packed))
            db.execute("PRAGMA writable_schema = ON")
            db.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?)", (before, after))
            db.commit()
    with open_store(file) as store:
        store.tend()
        assert store.run_log("r").damaged
        answers = {store.path(each.leaf or "")[-1].message.text for each in store.conversations()}
        assert answers == {"one three ", "another"}
        with store.reading() as db:
            assert db.execute("SELECT DISTINCT packed FROM chunks WHERE run = 's'").fetchall() == [(1,)]


def only(store: Store) -> StoredMessage:
    (found,) = store.conversations()
    assert found.leaf is not None
    return store.path(found.leaf)[-1]


def test_events_of_a_newer_version_are_kept_and_handed_on(file: Path) -> None:
    begun(file, "one ", "two ")
    alter(file, CHANGES["an event of a newer version"], 1)
    with open_store(file) as store:
        store.tend()
        with store.reading() as db:
            rows = db.execute("SELECT packed, events FROM chunks WHERE run = 'r'").fetchall()
        assert [packed for packed, _ in rows] == [1]
        assert FUTURE in zlib.decompress(rows[0][1]).splitlines()
        archived = dump(store, store.conversations()[0].id)
        assert json.loads(FUTURE) in archived.runs[0].events
        assert not store.run_log("r").damaged
    with open_store(None) as other:
        restore(other, archived)
        assert dump(other, archived.id).runs == archived.runs


def finished(file: Path) -> str:
    with open_store(file) as store:
        conversation = store.new_conversation("Title")
        prompt = store.add_message(conversation, None, user("the prompt"))
        writer = store.begin_run("r", conversation, prompt, mode="contemplating", model="m")
        for event in contemplation("r"):
            writer.add(event)
        writer.end()
        return conversation


@pytest.mark.parametrize("change", ["one damaged byte", "cut in the middle", "nothing", "no JSON"])
def test_a_damaged_log_stops_no_export_and_no_conversation(
    file: Path, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    conversation = finished(file)
    alter(file, CHANGES[change], 1)
    with open_store(file) as store:
        assert only(store).message.text == "The answer is four."
        assert store.run_log("r").damaged
        archived = dump(store, conversation)
        assert archived.runs[0].damaged
        assert archived.messages[1].parts == only(store).message.parts
    for form in ("md", "html", "json"):  # Markdown has no drafts, so it leaves none out
        assert cli.main(["history", "export", conversation, "--format", form]) == 0
        captured = capsys.readouterr()
        assert "The answer is four." in captured.out
        assert form == "md" or "damaged" in captured.out + captured.err
    assert [finding.state for finding in database()] == ["ok"]


def test_an_answer_beyond_what_sqlite_holds_stays_in_the_log(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(file, *("word " * 40_000 for _ in range(10)))
    with open_store(file) as store:
        store._connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1_000_000)  # pyright: ignore[reportPrivateUsage]
        store.tend()
        assert len(only(store).message.text) == 2_000_000, "read from the log"
        assert store.run("r") is not None
        with store.reading() as db:
            assert db.execute("SELECT status, owner FROM runs").fetchall() == [("cut", None)]
        store.add_message(store.conversations()[0].id, None, user("and on"))


def test_an_answer_longer_than_a_message_says_that_it_goes_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmodes.store.event_log.ANSWER", 50_000)
    begun(file, *("word " * 10_000 for _ in range(4)))
    with open_store(file) as store:
        before = only(store).message.text
        store.tend()
        text = only(store).message.text
        assert text == before
        assert text.startswith("word " * 10_000)
        assert "[The answer goes on" in text[-200:]
        logged = sum(len(event.text) for event in store.run_events("r") if isinstance(event, ev.AnswerDelta))
        assert logged == 200_000


def test_one_endless_delta_becomes_rows_of_bearable_size(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmodes.store.event_log.PIECE", 1000)
    monkeypatch.setattr("chatmodes.store.event_log.CHUNK", 5000)
    text = "".join(f"{number} " for number in range(20_000))
    begun(file, text)
    with open_store(file) as store:
        with store.reading() as db:
            (longest,) = db.execute("SELECT max(length(events)) FROM chunks").fetchone()
        assert longest <= 5000
        store.tend()
        assert only(store).message.text == text
        assert "".join(e.text for e in store.run_events("r") if isinstance(e, ev.AnswerDelta)) == text


MEASURE = """
import resource, sys
from pathlib import Path
from chatmodes.store import open_store
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = peak()
store = open_store(Path(sys.argv[1]))
opened = peak() - before
store.tend()
assert store.run("r").status == "cut"
print(opened, peak() - before)
"""


def test_a_large_unfinished_run_is_opened_and_ended_in_bounded_memory(file: Path) -> None:
    begun(file)
    with closing(sqlite3.connect(file)) as db:
        line = ev.to_json(ev.ReasoningDelta(run="r", at=1, agent="a", text="word " * 200)).encode()
        for n in range(2, 42):
            row = b"\n".join([line] * 1000)
            db.execute("INSERT INTO chunks (run, n, packed, events) VALUES ('r', ?, 0, ?)", (n, row))
        db.commit()
    assert file.stat().st_size > 40_000_000
    result = subprocess.run([sys.executable, "-c", MEASURE, file], capture_output=True, text=True, check=True)
    opened, ended = map(int, result.stdout.split())
    assert opened < 5_000, "kilobytes"
    assert ended < 40_000


def test_a_damaged_byte_in_a_message_is_one_wrong_letter(file: Path) -> None:
    conversation = finished(file)
    content = file.read_bytes()
    assert content.count(b"The answer is four.") >= 1
    file.write_bytes(content.replace(b"The answer is four.", b"The answer is f\xffur."))
    with open_store(file) as store:
        assert only(store).message.text == "The answer is f\ufffdur."
        assert len(dump(store, conversation).messages) == 2
        assert len(store.search("four")) == 1, "the index knows it as it was"
        store.erase_conversations([conversation])
        assert store.search("prompt") == []
        assert not store.mend_index()


def test_a_part_of_a_newer_version_is_passed_over(file: Path) -> None:
    conversation = finished(file)
    with open_store(file) as store:
        with store.writing() as db:
            db.execute("""UPDATE messages SET parts = '[{"type":"hologram"},{"type":"text","text":"seen"}]'""")
        assert only(store).message.text == "seen"
        assert len(store.search("seen")) == 2
        assert store.conversations()[0].name
        assert len(dump(store, conversation).messages) == 2


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE conversations SET settings = 'garbage'",
        "UPDATE conversations SET tags = '{'",
        "UPDATE conversations SET created = -5, updated = 9e999",
        "UPDATE conversations SET leaf = 'nowhere'",
        "UPDATE messages SET parts = '[['",
        "UPDATE messages SET role = 'robot'",
        "UPDATE messages SET state = 'odd'",
        "UPDATE messages SET created = 9e999",
        "UPDATE messages SET parent = id",
        "UPDATE messages SET parent = 'nowhere' WHERE parent IS NOT NULL",
        "UPDATE runs SET usage = 'no'",
        "UPDATE runs SET status = 'odd', created = -9e999",
        "UPDATE picks SET verdict = 'odd', at = 9e999",
        "UPDATE comparisons SET created = 9e999",
    ],
)
def test_a_word_that_makes_no_sense_costs_no_conversation(
    file: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(file) as store:
        conversation = store.new_conversation("Title")
        prompt = store.add_message(conversation, None, user("the prompt"))
        comparison = store.begin_comparison(conversation, prompt)
        writers = [
            store.begin_run(run, conversation, prompt, mode="instant", model="m", comparison=comparison)
            for run in ("r1", "r2")
        ]
        for writer in writers:
            writer.end("failed")
        store.record_pick(comparison, "winner", "r1")
    with closing(sqlite3.connect(file)) as db:
        words.register(db)
        db.execute(damage)
        db.commit()
    exported = file.parent / "export.json"
    for command in (
        ["history"], ["history", "--json"], ["history", "search", "prompt"], ["history", "show", conversation],
        ["history", "export", conversation, "--format", "html"], ["history", "export", "--all", "-o", str(exported)],
        ["history", "costs"], ["leaderboard"], ["history", "delete", conversation],
    ):  # fmt: skip
        assert cli.main(command) == 0, capsys.readouterr().err
    with open_store(None) as other:
        for archived in read(exported, pytest.fail):
            restore(other, archived)
        assert [each.id for each in other.conversations()] == [conversation]
