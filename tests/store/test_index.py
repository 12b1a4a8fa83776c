"""The search index is derived: it does not break under use, and broken by something else it costs no message."""

import importlib.util
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.soak_store import soak
from chatmodes.cli.findings import database
from chatmodes.messages import user
from chatmodes.store import Store, StoreError, open_store
from tests.store.content import quick_folder

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chatmodes.db"


@pytest.fixture
def quick() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


@pytest.mark.timeout(900)
def test_ten_thousand_additions_edits_deletions_prunes_and_searches(quick: Path) -> None:
    """On the SQLite of this Python. 3.40 breaks any FTS5 index that was merged whole a thousand times."""
    soak(quick / "chatmodes.db", 10_000)


@pytest.mark.timeout(900)
def test_the_same_on_a_newer_sqlite(quick: Path) -> None:
    if importlib.util.find_spec("pysqlite3") is None:
        return  # no wheel for this machine
    program = (
        "import sys, pathlib, pysqlite3; sys.modules['sqlite3'] = pysqlite3\n"
        "from benchmarks.soak_store import soak; soak(pathlib.Path(sys.argv[1]), 3000)"
    )
    subprocess.run([sys.executable, "-c", program, quick / "newer.db"], cwd=REPOSITORY, check=True)


def filled(file: Path, count: int = 20) -> str:
    with open_store(file) as store:
        conversation = store.new_conversation("A title")
        parent: str | None = None
        for number in range(count):
            parent = store.add_message(conversation, parent, user(f"apple number{number}"))
        return conversation


NONSENSE, NOTHING = "00000000FFFFFFFF7F", "0000000000"


def damage(file: Path, structure: str = NONSENSE) -> None:
    """What a disk can do to the record of the index's structure."""
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"UPDATE message_words_data SET block = X'{structure}' WHERE id = 10")
        db.commit()


def state(file: Path) -> tuple[int, int, int]:
    with closing(sqlite3.connect(file)) as db:
        return db.execute("SELECT low, merges, broken FROM word_index").fetchone()


def texts(store: Store, query: str) -> list[str]:
    return [message.message.text for hit in store.search(query, limit=100) if (message := store.message(hit.message))]


def test_an_index_is_made_anew_before_full_merges_wear_it_out(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmodes.store.word_index.MERGES", 3)
    filled(file)
    with open_store(file) as store:
        for number in range(10):
            gone = store.new_conversation()
            store.add_message(gone, None, user(f"pear number{number}"))
            store.delete_conversation(gone)
            assert len(texts(store, "apple")) == 20
            assert texts(store, "pear") == []
            assert state(file)[1] <= 3


def test_a_damaged_index_stops_no_message_and_is_made_anew(file: Path) -> None:
    conversation = filled(file)
    damage(file)
    with open_store(file) as store:
        message = store.add_message(conversation, None, user("apple after the damage"))
        run = store.begin_run("r", conversation, message, mode="instant", model="m")
        run.end("cancelled")
        assert len(texts(store, "apple")) == 21
        store.delete_conversation(conversation)
        assert texts(store, "apple") == []


def test_a_search_finds_the_damage_itself_and_mends_it(file: Path) -> None:
    filled(file, 1200)
    damage(file)
    with open_store(file) as store:
        assert texts(store, "number3") == ["apple number3"], "the oldest come last"
        assert store.unindexed() == 0


@pytest.mark.parametrize("structure", [NONSENSE, NOTHING])
def test_doctor_makes_a_damaged_index_anew_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, structure: str
) -> None:
    monkeypatch.setenv("CHATMODES_HOME", str(tmp_path))
    file = tmp_path / "data" / "chatmodes.db"
    filled(file)
    assert [finding.state for finding in database()] == ["ok"]
    damage(file, structure)
    (finding,) = database()
    assert finding.state == "note"
    assert "made anew" in finding.detail
    with open_store(file) as store:
        assert len(texts(store, "apple")) == 20
    assert [finding.state for finding in database()] == ["ok"]


def test_damaged_pages_of_the_index_stop_no_message_and_are_replaced(file: Path) -> None:
    conversation = filled(file, 2000)
    with closing(sqlite3.connect(file)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'message_words_data'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
    with file.open("r+b") as opened:
        opened.seek((root - 1) * size)
        opened.write(os.urandom(size))
    with open_store(file) as store:
        message = store.add_message(conversation, None, user("apple one more"))
        assert store.message(message) is not None
        assert len(store.tree(conversation)) == 2001
        assert store.mend_index() is False, "that has happened already"
        assert len(store.search("apple", limit=3000)) == 2001
        with store.writing() as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "no page belongs to nobody"


def test_an_index_that_cannot_be_replaced_stops_no_message(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A SQLite that guards its schema, as the one that comes with macOS."""

    def guarded(db: sqlite3.Connection) -> None:
        raise sqlite3.OperationalError("table sqlite_master may not be modified")

    monkeypatch.setattr("chatmodes.store.word_index.replace", guarded)
    conversation = filled(file)
    damage(file)
    with open_store(file) as store:
        message = store.add_message(conversation, None, user("one more"))
        assert store.message(message) is not None
        with pytest.raises(StoreError, match="messages themselves are all there") as caught:
            store.search("apple")
        assert "history export --all" in caught.value.hint
        with pytest.raises(StoreError, match="messages themselves are all there"):
            store.mend_index()
        store.delete_conversation(conversation)
        assert store.conversations() == []


def test_what_is_missing_from_an_index_being_filled_is_the_oldest(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmodes.store.word_index.ROWS", 10)
    monkeypatch.setattr("chatmodes.store.search.PATIENCE", 0.0)
    conversation = filled(file, 50)
    damage(file)
    with open_store(file) as store:
        store.add_message(conversation, None, user("apple by which the damage is found"))
        late = store.add_message(conversation, None, user("apple late"))
        assert texts(store, "apple") == ["apple late"]
        assert store.unindexed() == 51
        store.delete_message(late)
        assert texts(store, "apple") == []
        assert store.mend_index() is False, "it is whole as far as it goes"
        assert len(texts(store, "apple")) == 51
        with store.writing() as db:
            db.execute("INSERT INTO message_words (message_words) VALUES ('integrity-check')")


def test_a_database_at_its_limit_can_still_be_made_smaller(file: Path) -> None:
    conversation = filled(file, 2000)
    with open_store(file) as store:
        with store.writing() as db:
            (count,) = db.execute("PRAGMA page_count").fetchone()
            db.execute(f"PRAGMA max_page_count = {count}")
        with pytest.raises(StoreError, match="full"):
            store.add_message(conversation, None, user("no room " * 100_000))
        assert len(store.tree(conversation)) >= 2000, "history can be read"
        store.erase_conversations([conversation])
        other = store.new_conversation()
        store.add_message(other, None, user("there is room again"))
        assert texts(store, "room") == ["there is room again"]
