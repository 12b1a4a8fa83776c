"""Opening a database: private, migrated after a backup, and clear about every way in which it can't be had."""

import hashlib
import os
import sqlite3
import tempfile
import threading
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from chatmodes.messages import user
from chatmodes.store import Store, StoreError, open_store, words
from chatmodes.store.schema import MIGRATIONS, V1, V2
from tests.store.processes import all_succeeded, start


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "chatmodes.db"


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder outside pytest's own, which only its owner may enter."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def unprivileged() -> Generator[None]:
    """As somebody whom permissions hold back; root they don't."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def one_message(file: Path, text: str = "hello") -> str:
    with open_store(file) as store:
        conversation = store.new_conversation()
        store.add_message(conversation, None, user(text))
        return conversation


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_files_are_their_owners_alone_and_nothing_is_left_behind(file: Path) -> None:
    with open_store(file) as store:
        writer = store.begin_run("r", store.new_conversation(), None, mode="instant", model="m")
        assert {mode(path) for path in file.parent.iterdir()} == {0o600}
        assert len(list(file.parent.iterdir())) == 4, "the database, its journal, the journal's index, the lock"
        writer.end()
    assert mode(file.parent) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["chatmodes.db"]
    file.chmod(0o644)
    open_store(file).close()
    assert mode(file) == 0o600


def test_a_private_conversation_leaves_nothing_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_store(tmp_path / "chatmodes.db", private=True) as store:
        conversation = store.new_conversation()
        store.add_message(conversation, None, user("secret"))
        store.begin_run("r", conversation, None, mode="instant", model="m").end()
        assert len(store.search("secret")) == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["with spaces", "Grüße 東京", "100%?#&;'quote\"", "-dash"])
def test_odd_paths_are_just_paths(tmp_path: Path, name: str) -> None:
    file = tmp_path / name / f"{name}.db"
    one_message(file)
    with open_store(file) as store:
        assert len(store.search("hello")) == 1
    assert file.is_file()


def test_a_released_step_is_never_edited() -> None:
    """Databases made by it exist: change this only for a step that no release has had."""
    assert [hashlib.sha256(step.encode()).hexdigest()[:16] for step in (V1, V2)] == [
        "af369e85d099a53d",
        "e9f23b3903b3f9f5",
    ]


OLD_ROWS = r"""
INSERT INTO conversations VALUES ('c1', '', 1000, 2000, 2000000000, 1, 0, 'm2');
INSERT INTO messages VALUES (1000000000, 'm1', 'c1', NULL, 'user', '[{"type":"text","text":"an old\nquestion"}]',
    'complete', 1000, '', '');
INSERT INTO messages VALUES (2000000000, 'm2', 'c1', 'm1', 'assistant', '[{"type":"text","text":"an old answer"}]',
    'complete', 2000, 'instant', 'openai/gpt');
INSERT INTO runs VALUES ('r1', 'm2', NULL, 'instant', 'openai/gpt', 'finished', 2000, '{}', NULL, 3.5, NULL, NULL);
"""


def old_database(file: Path) -> None:
    """A database as version 1 made it, with what people had in it."""
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as db:
        words.register(db)
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(f"{V1} {OLD_ROWS} PRAGMA user_version = 1;")


def test_an_old_database_is_backed_up_and_brought_up_to_date(file: Path) -> None:
    old_database(file)
    with open_store(file) as store:
        assert [m.message.text for m in store.path("m2")] == ["an old\nquestion", "an old answer"]
        conversation = store.conversation("c1")
        assert conversation is not None
        assert (conversation.preview, conversation.pinned) == ("an old question", True)
        assert [hit.message for hit in store.search("old answer", model="gpt")] == ["m2"]
        store.save_draft("c1", "what only the new tables hold")
        store.add_message("c1", "m2", user("go on"))
        (backup,) = store.backups()
    assert backup.name == "chatmodes.db.v1.bak"
    assert mode(backup) == 0o600
    with closing(sqlite3.connect(backup)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM messages").fetchone() == (2,)


def test_an_old_database_ends_with_the_tables_of_a_new_one(file: Path, tmp_path: Path) -> None:
    old_database(file)
    open_store(file).close()
    open_store(tmp_path / "new.db").close()

    def schema(path: Path) -> list[tuple[str, str]]:
        with closing(sqlite3.connect(path)) as db:
            return db.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()

    assert schema(file) == schema(tmp_path / "new.db")


def test_a_migration_that_cannot_be_backed_up_does_not_happen(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old_database(file)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("chatmodes.store.opening.os.open", full)
    with pytest.raises(StoreError, match=r"backup .* failed: .*No space left"):
        open_store(file)
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (1,)
    assert list(file.parent.glob("*.bak*")) == []


def test_a_newer_database_is_read_and_never_written(file: Path) -> None:
    conversation = one_message(file)
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = file.read_bytes()
    with open_store(file) as store:
        assert "newer chatmodes" in store.read_only
        assert len(store.search("hello")) == 1
        with pytest.raises(StoreError, match="newer chatmodes"):
            store.rename(conversation, "x")
        with pytest.raises(StoreError, match="newer chatmodes"):
            store.begin_run("r", conversation, None, mode="instant", model="m")
    assert file.read_bytes() == before


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {path.name: (path.read_bytes(), mode(path)) for path in folder.iterdir()}


@pytest.mark.parametrize("journal", ["DELETE", "WAL"])
@pytest.mark.parametrize("mark", ["PRAGMA application_id = 77", "PRAGMA user_version = 3", "PRAGMA user_version = 0"])
def test_another_programs_database_is_refused_before_it_is_touched(file: Path, mark: str, journal: str) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"PRAGMA journal_mode = {journal}")
        db.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, text TEXT)")
        db.execute(mark)
        db.commit()
    file.chmod(0o644)
    before = snapshot(file.parent)
    with pytest.raises(StoreError, match="another program"):
        open_store(file)
    assert snapshot(file.parent) == before


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough for a header" * 100, b"SQLite format 3\0" * 64]
)
def test_what_is_no_database_is_left_as_it_is(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(StoreError, match="damaged or no database") as caught:
        open_store(file)
    assert "Move it away" in caught.value.hint
    assert file.read_bytes() == content


def read_all(file: Path) -> None:
    with open_store(file) as store:
        for conversation in store.conversations():
            store.tree(conversation.id)
        store.search("text")
        store.sizes()


def test_damage_inside_is_reported_when_it_is_met(file: Path) -> None:
    with open_store(file) as store:
        for number in range(50):
            store.add_message(store.new_conversation(), None, user(f"text {number} " * 200))
    content = bytearray(file.read_bytes())
    for at in range(8 * 4096, len(content), 2 * 4096):  # behind the schema's pages, so that it opens
        content[at : at + 4096] = os.urandom(4096)
    file.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        read_all(file)
    assert file.read_bytes() == bytes(content)


def test_a_folder_in_the_databases_place(file: Path) -> None:
    file.mkdir(parents=True)
    with pytest.raises(StoreError, match="is not a file"):
        open_store(file)


def test_a_folder_that_cannot_be_written_is_named(shared_folder: Path) -> None:
    file = shared_folder / "data" / "chatmodes.db"
    with unprivileged(), pytest.raises(StoreError, match="Permission denied") as caught:
        open_store(file)
    assert "private = true" in caught.value.hint


@pytest.mark.parametrize("locked_away", ["file", "folder"])
def test_a_read_only_database_is_read(shared_folder: Path, locked_away: str) -> None:
    file = shared_folder / "chatmodes.db"
    conversation = one_message(file)
    shared_folder.chmod(0o555 if locked_away == "folder" else 0o777)
    file.chmod(0o444 if locked_away == "file" else 0o666)
    try:
        with unprivileged(), open_store(file) as store:
            assert "cannot be written" in store.read_only
            assert len(store.search("hello")) == 1
            with pytest.raises(StoreError, match="cannot be written"):
                store.delete_conversation(conversation)
    finally:
        shared_folder.chmod(0o755)


@pytest.mark.parametrize("locked_away", ["file", "folder"])
def test_an_old_database_that_cannot_be_written_is_read(shared_folder: Path, locked_away: str) -> None:
    file = shared_folder / "sub" / "chatmodes.db"
    old_database(file)
    file.parent.chmod(0o555 if locked_away == "folder" else 0o777)
    file.chmod(0o444 if locked_away == "file" else 0o666)
    before = file.read_bytes()
    try:
        with unprivileged(), open_store(file) as store:
            assert "cannot be written" in store.read_only
            assert [hit.message for hit in store.search("old answer")] == ["m2"]
            assert [m.message.text for m in store.path("m2")] == ["an old\nquestion", "an old answer"]
        assert file.read_bytes() == before
    finally:
        file.parent.chmod(0o755)


def test_a_read_waits_for_no_writer_of_this_program(file: Path) -> None:
    conversation = one_message(file)
    begun, enough = threading.Event(), threading.Event()

    def write(store: Store) -> None:
        with store.writing() as db:
            db.execute("UPDATE conversations SET title = 'unfinished'")
            begun.set()
            enough.wait(10)

    with open_store(file) as store:
        writer = threading.Thread(target=write, args=(store,))
        writer.start()
        assert begun.wait(10)
        (found,) = store.conversations()
        assert (found.id, found.title) == (conversation, ""), "as it was before"
        assert writer.is_alive(), "and while the other still writes"
        enough.set()
        writer.join()
        assert store.conversations()[0].title == "unfinished"


def test_what_is_for_reading_cannot_write(file: Path) -> None:
    one_message(file)
    with (
        open_store(file) as store,
        pytest.raises(StoreError, match="cannot be written"),
        store.reading() as db,
    ):
        db.execute("DELETE FROM conversations")


def test_a_locked_database_says_so_and_loses_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmodes.store.opening.BUSY", 0.05)
    with open_store(file) as store, closing(sqlite3.connect(file, isolation_level=None)) as other:
        writer = store.begin_run("r", store.new_conversation(), None, mode="instant", model="m")
        other.execute("BEGIN EXCLUSIVE")
        assert store.run("r") is not None, "reading goes on"
        with pytest.raises(StoreError, match="locked by another program"):
            store.new_conversation()
        with pytest.raises(StoreError, match="locked by another program"):
            writer.end()
        other.execute("ROLLBACK")
        writer.end()
        run = store.run("r")
        assert run is not None
        assert run.status == "cut"


def test_many_programs_make_the_database_at_once(file: Path) -> None:
    assert all_succeeded([start(lambda: one_message(file)) for _ in range(12)])
    with open_store(file) as store:
        assert len(store.conversations()) == 12


def test_many_programs_migrate_at_once(file: Path) -> None:
    old_database(file)
    assert all_succeeded([start(lambda: one_message(file)) for _ in range(6)])
    with open_store(file) as store:
        assert len(store.conversations()) == 7
        assert len(store.backups()) == 1
