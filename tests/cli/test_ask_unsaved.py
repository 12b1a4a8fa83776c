"""`ask` where the database cannot take what is said: the answer matters more, and what is not saved is told."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from chatmodes.messages import assistant, user
from chatmodes.store import open_store
from tests.cli.program import chatmodes
from tests.fake import Fake


@pytest.fixture
def database() -> Path:
    """A database with one exchange in it."""
    file = Path(os.environ["CHATMODES_HOME"]) / "data" / "chatmodes.db"
    with open_store(file) as store:
        conversation = store.new_conversation("Before")
        asked = store.add_message(conversation, None, user("one and one?"))
        store.add_message(conversation, asked, assistant("Two."))
    return file


def kept(file: Path) -> list[str]:
    with open_store(file) as store:
        return [m.message.text for c in store.conversations() for m in store.tree(c.id)]


def test_a_database_that_another_program_has_locked(fake: Fake, database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = chatmodes("ask", "and two?", "--continue", "--base-url", fake.url, "--model", "say:Four.")
        other.execute("ROLLBACK")
    assert (result.code, result.out) == (0, "Four.\n")
    assert "not saved" in result.err
    assert "locked by another program" in result.err
    body = fake.chats[0].json
    assert body is not None
    assert [message["content"] for message in body["messages"]] == ["one and one?", "Two.", "and two?"]
    assert kept(database) == ["one and one?", "Two."]


FULL = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from chatmodes.__main__ import main
sys.exit(main())
"""


def on_a_full_disk(room: int, *args: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", FULL, str(room), *args], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


@pytest.mark.parametrize("room", [0, 40_000])
def test_a_full_disk(fake: Fake, database: Path, room: int) -> None:
    result = on_a_full_disk(room, "ask", "and two?", "--base-url", fake.url, "--model", "say:Four.")
    assert (result.returncode, result.stdout) == (0, "Four.\n")
    assert "not saved" in result.stderr
    assert "full" in result.stderr
    assert on_a_full_disk(room, "history", "search", "Two").returncode == 0
    assert kept(database)[:2] == ["one and one?", "Two."]


def test_a_database_of_another_program(fake: Fake, database: Path) -> None:
    database.unlink()
    with closing(sqlite3.connect(database)) as other:
        other.execute("CREATE TABLE theirs (x)")
    before = database.read_bytes()
    result = chatmodes("ask", "Hi", "--base-url", fake.url, "--model", "say:Four.")
    assert (result.code, result.out) == (0, "Four.\n")
    assert "another program" in result.err
    assert database.read_bytes() == before
