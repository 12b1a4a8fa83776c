"""On a disk without room, history is read and deleting makes some."""

import resource
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatmodes.messages import user
from chatmodes.store import StoreError, open_store, opening


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "chatmodes.db"


@contextmanager
def files_no_longer_than(size: int) -> Generator[None]:
    """Where no file may grow beyond a size, SQLite sees what a full disk gives."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def filled(file: Path, count: int = 30) -> list[str]:
    with open_store(file) as store:
        ids = [store.new_conversation(f"Title {n}") for n in range(count)]
        for n, id in enumerate(ids):
            store.add_message(id, None, user(f"apple number{n} " + "word " * 2000))
    return ids


def test_history_is_read_where_not_even_a_journal_can_be_made(file: Path) -> None:
    ids = filled(file)
    with files_no_longer_than(0), open_store(file) as store:
        assert "full" in store.read_only
        assert len(store.conversations()) == 30
        assert len(store.search("apple", limit=100)) == 30
        assert store.tree(ids[0])[0].message.text.startswith("apple number0")
        with pytest.raises(StoreError, match="full"):
            store.new_conversation()


@pytest.fixture
def no_room_for_a_journal(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """What opening to write meets on a full disk. (No limit of this process's own tells journal from copy.)"""
    real, full = opening._open_to_write, [True]  # pyright: ignore[reportPrivateUsage]

    def open_to_write(file: Path) -> tuple[sqlite3.Connection, int]:
        if full[0]:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error
        return real(file)

    monkeypatch.setattr("chatmodes.store.opening._open_to_write", open_to_write)
    return lambda value: full.__setitem__(0, value)


@pytest.mark.parametrize("how", ["erase", "prune", "purge"])
def test_deleting_makes_room_and_takes_every_byte_along(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_room_for_a_journal: Callable[[bool], None], how: str
) -> None:
    no_room_for_a_journal(False)
    ids = filled(file)
    with open_store(file) as store:
        for id in ids[:10]:
            store.archive(id)
            if how == "purge":
                store.delete_conversation(id)
    size = file.stat().st_size
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(copies))
    no_room_for_a_journal(True)
    with open_store(file) as store:
        assert "full" in store.read_only
        if how == "erase":
            store.erase_conversations(ids[:10])
        elif how == "prune":
            store.prune(store.plan_prune(before=1e11, archived_only=True))
        else:
            assert store.purge() == 10
        assert len(store.conversations(archived=None, limit=100)) == 20
    assert file.stat().st_size < size
    assert list(copies.iterdir()) == []
    assert not any(b"number3 " in path.read_bytes() for path in file.parent.iterdir())
    no_room_for_a_journal(False)
    with open_store(file) as store:
        assert len(store.search("apple", limit=100)) == 20
        store.new_conversation("there is room again")
        with store.writing() as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_without_a_place_for_the_copy_nothing_is_deleted(
    file: Path, monkeypatch: pytest.MonkeyPatch, no_room_for_a_journal: Callable[[bool], None]
) -> None:
    no_room_for_a_journal(False)
    ids = filled(file)
    no_room_for_a_journal(True)
    monkeypatch.setattr("tempfile.tempdir", str(file.parent / "nowhere"))
    before = file.read_bytes()
    with open_store(file) as store:
        with pytest.raises(StoreError, match="no other place has room") as caught:
            store.erase_conversations(ids[:1])
        assert "TMPDIR" in caught.value.hint
        assert len(store.conversations(limit=100)) == 30
    no_room_for_a_journal(False)
    with open_store(file) as store:
        assert len(store.search("apple", limit=100)) == 30
    assert len(file.read_bytes()) == len(before)
