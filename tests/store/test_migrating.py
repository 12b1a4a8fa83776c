"""From the tables of version 2 to those of today: nothing is lost, whenever it is interrupted."""

import random
import sqlite3
import time
import zlib
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from chatmodes import events as ev
from chatmodes.messages import File, Message, Text, assistant, user
from chatmodes.store import Store, open_store, words
from chatmodes.store.schema import V1, V2
from tests.store.processes import kill, start

FILE = "\n\nnotes.md:\nthe contents of xylophone " + "and more " * 200


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chatmodes.db"


def second_version(file: Path, count: int = 1, *, events: bytes | None = None) -> None:
    """A database as version 2 made it: conversations with a text file inside the prompt and in its answer's log."""
    prompt = user("see @notes.md", (Text(FILE, file="notes.md"),))
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        words.register(db)
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(f"{V1} {V2} PRAGMA user_version = 2;")
        db.execute("BEGIN")
        for n in range(count):
            at = 1000.0 + n
            db.execute("INSERT INTO conversations VALUES (?, '', ?, ?, ?, 0, 0, ?, '')", (f"c{n}", at, at, n, f"a{n}"))
            for role, id, parent, message in (
                ("user", f"q{n}", None, prompt),
                ("assistant", f"a{n}", f"q{n}", assistant(f"answer {n}")),
            ):
                seq = int(at * 1e6) + (role == "assistant")
                parts = msgspec.json.encode(message.parts).decode()
                db.execute(
                    "INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, 'complete', ?, '', '')",
                    (seq, id, f"c{n}", parent, role, parts, at),
                )
            db.execute(
                "INSERT INTO runs VALUES (?, ?, NULL, 'instant', 'm', 'finished', ?, '{}', NULL, 1, NULL, NULL)",
                (f"r{n}", f"a{n}", at),
            )
            log = events or zlib.compress(b"\n".join(ev.to_json(event).encode() for event in told(f"r{n}", prompt)))
            db.execute("INSERT INTO chunks VALUES (?, 1, 1, ?)", (f"r{n}", log))
            db.execute("INSERT INTO drafts VALUES (?, 'half a thou')", (f"c{n}",))
        db.execute("COMMIT")


def told(run: str, prompt: Message) -> list[ev.AnyEvent]:
    return [
        ev.RunStarted(run=run, at=0, mode="instant", prompt=prompt.text, plan=ev.Plan(())),
        ev.AnswerDelta(run=run, at=1, text="answer"),
    ]


def all_is_there(store: Store, count: int) -> None:
    for n in range(count):
        asked, answered = store.path(f"a{n}")
        assert asked.message.text == f"see @notes.md{FILE}"
        assert answered.message.text == f"answer {n}"
        assert store.draft(f"c{n}") == "half a thou"
        assert [type(event) for event in store.run_events(f"r{n}")] == [ev.RunStarted, ev.AnswerDelta]
    assert len(store.search("xylophone", limit=10_000)) == count
    assert len(store.search("answer", limit=10_000)) == count


def test_a_text_file_lives_once_and_no_longer_in_the_log(file: Path) -> None:
    second_version(file, 3)
    with open_store(file) as store:
        all_is_there(store, 3)
        (asked, _) = store.path("a0")
        (attached,) = asked.message.attached
        assert isinstance(attached, File)
        assert (attached.name, attached.content, attached.text) == ("notes.md", b"", FILE)
        assert asked.message.files == (Text(FILE, file="notes.md"),), "an edit of the prompt takes it along"
        (sent, *_) = store.context("a0")
        assert [part.content for part in sent.parts if isinstance(part, File)] == [FILE.encode()]
        (started, _) = store.run_events("r0")
        assert isinstance(started, ev.RunStarted)
        assert started.prompt == "see @notes.md\n\nAttached: notes.md"
        assert next(hit.snippet for hit in store.search("xylophone")).count("xylophone") == 1
        with store.reading() as db:
            assert db.execute("SELECT count(*) FROM attachments").fetchone() == (1,)
            parts = [parts for (parts,) in db.execute("SELECT parts FROM messages")]
        assert not any("xylophone" in each for each in parts)
        (backup,) = store.backups()
    assert backup.name == "chatmodes.db.v2.bak"
    with closing(sqlite3.connect(backup)) as db:
        assert db.execute("SELECT count(*) FROM messages").fetchone() == (6,)


@pytest.mark.parametrize("events", [b"no zlib at all", zlib.compress(b'{"type":"from_the_future","at":1}\n' * 3)])
def test_a_log_that_cannot_be_read_stops_no_migration(file: Path, events: bytes) -> None:
    second_version(file, 2, events=events)
    with open_store(file) as store:
        assert [m.message.text for m in store.path("a1")][1] == "answer 1"
        assert store.run_events("r1") == []
        with store.reading() as db:
            (kept,) = db.execute("SELECT events FROM chunks WHERE run = 'r1'").fetchone()
    assert kept == events or zlib.decompress(kept).count(b"from_the_future") == 3


def test_an_index_that_is_damaged_stops_no_migration(file: Path) -> None:
    second_version(file, 3)
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE message_words_data SET block = X'00000000FFFFFFFF7F' WHERE id = 10")
        db.commit()
    with open_store(file) as store:
        all_is_there(store, 3)


def test_kill_9_at_any_moment_of_the_migration_loses_nothing(tmp_path: Path) -> None:
    rng = random.Random(3)
    old = tmp_path / "old.db"
    second_version(old, 150)
    content = old.read_bytes()
    began = time.monotonic()
    measured = tmp_path / "measured.db"
    measured.write_bytes(content)
    open_store(measured).close()
    took = time.monotonic() - began
    for number in range(12):
        file = tmp_path / f"{number}.db"
        file.write_bytes(content)
        child = start(lambda file=file: open_store(file).close())
        time.sleep(rng.uniform(0, took))  # the random moment
        kill(child)
        with open_store(file) as store:
            all_is_there(store, 150)
            with store.writing() as db:
                assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            for backup in store.backups():
                with closing(sqlite3.connect(backup)) as db:
                    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                    assert db.execute("SELECT count(*) FROM messages").fetchone() == (300,)
            assert not list(file.parent.glob(f"{file.name}.*part*"))


def test_a_backup_that_was_cut_off_is_none(file: Path) -> None:
    second_version(file, 3)
    half = file.with_name(f"{file.name}.v2.part")
    half.write_bytes(file.read_bytes()[:5000])
    with open_store(file) as store:
        all_is_there(store, 3)
        (backup,) = store.backups()
    assert not half.exists()
    with closing(sqlite3.connect(backup)) as db:
        assert db.execute("SELECT count(*) FROM messages").fetchone() == (6,)
