"""Deleting can be taken back for a while; then what was deleted leaves every byte of the file."""

from pathlib import Path

import pytest

from chatmodes import cli
from chatmodes.messages import user
from chatmodes.store import Store, StoreError, open_store
from chatmodes.store.trash import KEPT
from tests.store.content import file_of
from tests.store.test_runs import contemplation


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chatmodes.db"


def branches(store: Store) -> tuple[str, list[str]]:
    """A root with two branches of two; the last is the leaf."""
    conversation = store.new_conversation("Title")
    root = store.add_message(conversation, None, user("root"))
    ids = [root]
    for name in ("left", "right"):
        branch = store.add_message(conversation, root, user(f"{name} branch"))
        ids += [branch, store.add_message(conversation, branch, user(f"{name} leaf"))]
    return conversation, ids


def shown(store: Store, conversation: str) -> tuple[list[str], str | None, int]:
    found = store.conversation(conversation)
    leaf = found.leaf if found else None
    return [m.message.text for m in store.tree(conversation)], leaf, len(store.search("branch OR leaf* root*"))


def test_a_branch_comes_back_where_it_was(file: Path) -> None:
    with open_store(file) as store:
        conversation, (root, left, left_leaf, right, right_leaf) = branches(store)
        before = store.tree(conversation)
        entry = store.delete_message(right)
        assert [m.id for m in store.tree(conversation)] == [root, left, left_leaf]
        found = store.conversation(conversation)
        assert found is not None
        assert found.leaf == left_leaf
        assert store.message(right) is None
        assert store.search("right") == []
        assert [m.siblings for m in store.siblings(left)] == [1]
        with pytest.raises(StoreError, match="no message"):
            store.add_message(conversation, right_leaf, user("below what is deleted"))
        with pytest.raises(StoreError, match="no message"):
            store.delete_message(right_leaf)
        store.undelete(entry)
        assert store.tree(conversation) == before
        found = store.conversation(conversation)
        assert found is not None
        assert found.leaf == right_leaf
        assert len(store.search("right")) == 2
        with pytest.raises(StoreError, match="no deletion"):
            store.undelete(entry)


def test_a_conversation_comes_back_with_all_that_hangs_on_it(file: Path) -> None:
    with open_store(file) as store:
        conversation, (root, *_) = branches(store)
        comparison = store.begin_comparison(conversation, root)
        writer = store.begin_run("r1", conversation, root, mode="instant", model="m", comparison=comparison)
        for event in contemplation("r1"):
            writer.add(event)
        writer.end()
        store.record_pick(comparison, "winner", "r1")
        store.save_draft(conversation, "half a thou")
        before = (store.tree(conversation), store.comparisons(conversation), store.picks(), store.run_events("r1"))
        entry = store.delete_conversation(conversation)
        assert (store.conversations(archived=None), store.latest(), store.picks()) == ([], None, [])
        assert (store.search("root"), store.prompts(10), store.conversation(conversation)) == ([], [], None)
        store.undelete(entry)
        after = (store.tree(conversation), store.comparisons(conversation), store.picks(), store.run_events("r1"))
        assert after == before
        assert store.draft(conversation) == "half a thou"


def test_what_was_deleted_above_comes_back_with_what_is_below(file: Path) -> None:
    with open_store(file) as store:
        conversation, (_, left, left_leaf, *_) = branches(store)
        before = store.tree(conversation)
        entries = [store.delete_message(left_leaf), store.delete_message(left), store.delete_conversation(conversation)]
        store.undelete(entries[0])
        assert store.tree(conversation) == before
        for entry in entries:
            with pytest.raises(StoreError, match="no deletion"):
                store.undelete(entry)


@pytest.mark.parametrize("times", range(7))
def test_each_deletion_in_a_row_of_them_comes_back_alone_or_with_what_holds_it(file: Path, times: int) -> None:
    """The ids of deletions are random at their ends: whatever order they fall into, each is restored once."""
    with open_store(file) as store:
        conversation = store.new_conversation()
        chain: list[str] = []
        for n in range(6):
            chain.append(store.add_message(conversation, chain[-1] if chain else None, user(f"message {n}")))
        entries = [store.delete_message(message) for message in reversed(chain)]
        entries.append(store.delete_conversation(conversation))
        store.undelete(entries[times])
        kept = len(chain) - times
        assert [m.id for m in store.tree(conversation)] == chain[:kept]
        found = store.conversation(conversation)
        assert found is not None
        assert found.leaf == (chain[kept - 1] if kept else None)


def test_the_leaf_is_never_what_lies_in_the_trash(file: Path) -> None:
    with open_store(file) as store:
        conversation, (_, left, left_leaf, right, _) = branches(store)
        store.set_leaf(conversation, left_leaf)
        entry = store.delete_message(right)
        store.delete_message(left)
        store.undelete(entry)
        found = store.conversation(conversation)
        assert found is not None
        assert found.leaf in {m.id for m in store.tree(conversation)}


def bytes_of(file: Path) -> bytes:
    return b"".join(path.read_bytes() for path in file.parent.iterdir())


def test_what_lay_long_enough_is_purged_by_the_next_start(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_800_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    with open_store(file) as store:
        conversation = store.new_conversation()
        attached = file_of(b"glockenspiel", "celesta.bin")
        kept = store.add_message(conversation, None, user("kept"))
        message = store.add_message(conversation, kept, user("xylophone", [attached]))
        entry = store.delete_message(message)
        store.tend()
        store.undelete(entry)
        entry = store.delete_message(message)
        now += KEPT / 2
    with open_store(file) as store:
        store.tend()
        assert b"xylophone" in bytes_of(file), "another window may still take it back"
        now += KEPT
        store.tend()
        for word in (b"xylophone", b"glockenspiel", b"celesta"):
            assert word not in bytes_of(file)
        with pytest.raises(StoreError, match="no deletion"):
            store.undelete(entry)
        assert len(store.search("kept")) == 1


def test_history_delete_waits_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATMODES_HOME", str(tmp_path))
    file = tmp_path / "data" / "chatmodes.db"
    with open_store(file) as store:
        conversation = store.new_conversation()
        store.add_message(conversation, None, user("xylophone"))
    assert cli.main(["history", "delete", conversation]) == 0
    assert b"xylophone" not in bytes_of(file)
