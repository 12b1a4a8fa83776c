"""A damaged page anywhere in the file ends nothing in a traceback, and history can be read around it."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chatmodes import cli
from chatmodes.cli.findings import database
from chatmodes.messages import assistant, user
from chatmodes.store import Store, StoreError, open_salvaged, open_store
from chatmodes.store.importing import read
from tests.store.content import quick_folder

PAGE = 4096
CONVERSATIONS, MESSAGES = 25, 6


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with quick_folder() as folder:
        monkeypatch.setenv("CHATMODES_HOME", str(folder))
        yield filled(folder / "data" / "chatmodes.db")


def filled(file: Path) -> Path:
    with open_store(file) as store:
        for number in range(CONVERSATIONS):
            conversation = store.new_conversation(f"Title {number}")
            parent: str | None = None
            for turn in range(MESSAGES):
                says = assistant if turn % 2 else user
                parent = store.add_message(conversation, parent, says(f"apple {number} {turn} " + "word " * 100))
    return file


def attempts(store: Store) -> list[Callable[[], object]]:
    conversation = store.new_conversation
    return [
        store.latest,
        *(lambda id=c.id: store.tree(id) for c in store.conversations(limit=-1)),
        lambda: store.search("apple"),
        lambda: store.add_message(conversation(), None, user("on it goes")),
        lambda: store.erase_conversations([c.id for c in store.conversations()[-1:]]),
        store.tend,
        store.sizes,
    ]


def try_all(file: Path) -> int:
    """Do everything; returns how much of it failed with a sentence. Anything else than a sentence fails the test."""
    failed = 0
    try:
        with open_store(file) as store:
            for attempt in attempts(store):
                try:
                    attempt()
                except StoreError:
                    failed += 1
    except StoreError:
        failed += 1
    return failed


def test_a_damaged_page_anywhere_is_a_sentence_at_most(file: Path) -> None:
    rng = random.Random(2)
    whole = file.read_bytes()
    sentences = salvaged = 0
    for page in range(1, len(whole) // PAGE, 2):
        content = bytearray(whole)
        content[page * PAGE : (page + 1) * PAGE] = rng.randbytes(PAGE)
        for other in file.parent.iterdir():
            other.unlink()
        file.write_bytes(content)
        sentences += try_all(file) > 0
        file.write_bytes(content)
        assert {finding.state for finding in database()} <= {"ok", "note", "problem"}
        try:
            with open_salvaged(file) as store:
                found = sum(len(store.tree(c.id)) for c in store.conversations(limit=-1))
                salvaged += found >= CONVERSATIONS * MESSAGES - 30
        except StoreError:
            continue
    pages = len(whole) // PAGE / 2
    assert sentences > pages / 4, "the damage is met"
    assert salvaged > pages * 0.8, "but for the roots of what everything hangs on"


def damage_index(file: Path, name: str) -> None:
    with closing(sqlite3.connect(file)) as db:
        (root,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
    with file.open("r+b") as opened:
        opened.seek((root - 1) * PAGE)
        opened.write(bytes(PAGE))


@pytest.mark.parametrize("name", ["messages_siblings", "messages_ordered", "conversations_listed", "runs_owned"])
def test_history_reads_around_a_damaged_index(
    file: Path, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(file) as store:
        conversation = store.conversations()[0].id
    damage_index(file, name)
    exported = tmp_path / "all.json"
    assert cli.main(["history"]) == 0
    assert conversation in capsys.readouterr().out
    assert cli.main(["history", "show", conversation]) == 0
    assert "apple 24 5" in capsys.readouterr().out
    assert cli.main(["history", "search", "apple"]) == 0
    assert cli.main(["history", "export", "--all", "-o", str(exported)]) == 0
    assert sum(len(each.messages) for each in read(exported, pytest.fail)) == CONVERSATIONS * MESSAGES


def test_doctor_says_that_a_page_is_damaged_and_what_to_do(file: Path) -> None:
    damage_index(file, "messages_siblings")
    (finding,) = database()
    assert finding.state == "problem"
    assert "history export --all" in finding.hint
