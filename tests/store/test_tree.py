"""The tree of messages: what is said stays where it was said, whatever is edited, branched or deleted."""

from collections.abc import Iterator

import pytest

from chatmodes.messages import Text, assistant, user
from chatmodes.store import Store, StoreError, open_store
from chatmodes.store import ids as ids_module
from tests.store.content import file_of


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(None) as opened:
        yield opened


def texts(store: Store, leaf: str) -> list[str]:
    return [stored.message.text for stored in store.path(leaf)]


def test_an_edited_prompt_becomes_a_sibling_and_both_paths_remain(store: Store) -> None:
    c = store.new_conversation()
    first = store.add_message(c, None, user("one"))
    answer = store.add_message(c, first, assistant("ONE"))
    edited = store.add_message(c, None, user("uno"))
    assert texts(store, answer) == ["one", "ONE"]
    assert texts(store, edited) == ["uno"]
    assert [(s.message.text, s.position, s.siblings) for s in store.siblings(first)] == [("one", 1, 2), ("uno", 2, 2)]
    assert store.leaf_below(first) == answer
    found = store.conversation(c)
    assert found is not None
    assert found.leaf == edited


def test_a_conversation_is_found_by_the_beginning_of_its_id_if_only_one_begins_so(store: Store) -> None:
    a, _ = store.new_conversation("a"), store.new_conversation("b")
    found = store.conversation(a[:15])
    assert found is not None
    assert found.title == "a"
    assert store.conversation(a[:4]) is None, "both begin so"
    assert store.conversation("") is None


def test_deleting_takes_the_subtree_and_moves_the_leaf_to_what_remains(store: Store) -> None:
    c = store.new_conversation()
    prompt = store.add_message(c, None, user("p"))
    old = store.add_message(c, prompt, assistant("old"))
    below_old = store.add_message(c, old, user("more"))
    new = store.add_message(c, prompt, assistant("new"))
    store.add_message(c, new, user("and more"))
    store.delete_message(new)
    found = store.conversation(c)
    assert found is not None
    assert found.leaf == below_old
    assert [m.message.text for m in store.tree(c)] == ["p", "old", "more"]
    store.delete_message(prompt)
    found = store.conversation(c)
    assert found is not None
    assert (found.leaf, found.preview) == (None, "")


def test_a_conversation_deeper_than_sqlites_cascades_is_deleted(store: Store) -> None:
    c = store.new_conversation()
    parent: str | None = None
    for number in range(1500):
        parent = store.add_message(c, parent, user(f"turn {number}"))
    assert parent is not None
    assert len(store.path(parent)) == 1500
    store.delete_conversation(c)
    assert store.search("turn") == []


def test_what_a_model_sees_has_no_empty_answers_and_no_two_prompts_in_a_row(store: Store) -> None:
    c = store.new_conversation()
    first = store.add_message(c, None, user("first"))
    failed = store.add_message(c, first, assistant(""), state="failed")
    second = store.add_message(c, failed, user("second"))
    partial = store.add_message(c, second, assistant("half an ans"), state="cancelled")
    third = store.add_message(c, partial, user("go on"))
    assert [(m.role, m.text) for m in store.context(third)] == [
        ("user", "first\n\nsecond"), ("assistant", "half an ans"), ("user", "go on"),
    ]  # fmt: skip
    assert len(store.path(third)) == 5


def test_the_list_shows_pinned_ones_first_then_the_last_used_and_hides_archived_ones(store: Store) -> None:
    a, b, d = (store.new_conversation(title) for title in "abd")
    store.add_message(a, None, user("  a prompt\nof two lines"))
    store.pin(b)
    store.archive(d)
    assert [c.title for c in store.conversations()] == ["b", "a"]
    assert [c.title for c in store.conversations(archived=True)] == ["d"]
    assert [c.title for c in store.conversations("two LINES", archived=None)] == ["a"]
    assert store.conversations("%") == []
    latest = store.latest()
    assert latest is not None
    assert (latest.id, latest.preview) == (a, "a prompt of two lines")


def test_what_does_not_exist_is_named_in_the_error(store: Store) -> None:
    c, other = store.new_conversation(), store.new_conversation()
    elsewhere = store.add_message(other, None, user("x"))
    for action in (
        lambda: store.add_message(c, "nosuch", user("x")),
        lambda: store.add_message(c, elsewhere, user("x")),
        lambda: store.add_message("nosuch", None, user("x")),
        lambda: store.set_leaf(c, elsewhere),
        lambda: store.delete_message("nosuch"),
        lambda: store.delete_conversation("nosuch"),
        lambda: store.rename("nosuch", "x"),
    ):
        with pytest.raises(StoreError, match=r"There is no"):
            action()


def test_a_clock_that_runs_backwards_turns_nothing_around(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 2_000_000_000.0
    monkeypatch.setattr("time.time", lambda: now)
    monkeypatch.setattr("time.time_ns", lambda: int(now * 1e9))
    older = store.new_conversation("older")
    prompt = store.add_message(older, None, user("prompt"))
    first = store.add_message(older, prompt, assistant("first"))
    before = ids_module.new_id()
    now -= 86_400
    assert ids_module.new_id()[:9] >= before[:9]
    second = store.add_message(older, prompt, assistant("second"))
    newer = store.new_conversation("newer")
    store.add_message(newer, None, user("later"))
    assert [s.id for s in store.siblings(first)] == [first, second]
    assert texts(store, second) == ["prompt", "second"]
    latest = store.latest()
    assert latest is not None
    assert latest.id == newer
    assert [c.title for c in store.conversations()] == ["newer", "older"]


def test_a_file_is_no_part_of_a_conversations_name(store: Store) -> None:
    conversation = store.new_conversation()
    store.add_message(conversation, None, user("see @f", (Text("\n\nf:\n```\nabc\n```", "f"),)))
    assert [found.name for found in store.conversations()] == ["see @f"]


def test_prompts_are_the_newest_of_all_conversations_each_once(store: Store) -> None:
    for text in ("a", "b", "c", "a", " "):
        conversation = store.new_conversation()
        parent = store.add_message(conversation, None, user(text, (Text("\n\nthe file", "f"),)))
        store.add_message(conversation, parent, assistant("no prompt"))
    assert [message.written for message in store.prompts(200)] == ["a", "c", "b"]
    assert [message.written for message in store.prompts(2)] == ["a", "c"]
    assert store.prompts(1)[0].files == (Text("\n\nthe file", "f"),)


def test_drafts_and_attachments_stay_with_what_they_belong_to(store: Store) -> None:
    c = store.new_conversation()
    m = store.add_message(c, None, user("m", [file_of(b"same", "a.txt")]))
    store.add_message(c, None, user("n", [file_of(b"same", "b.txt")]))
    store.save_draft(c, "half a thou")
    store.save_draft("", "a chat not begun")
    (attached,) = store.attachments(m)
    assert (attached.name, attached.size) == ("a.txt", 4)
    hash = attached.hash
    store.delete_message(m)
    store.purge()
    assert store.attachment_data(hash) == b"same", "another message has it still"
    store.erase_conversations([c])
    assert store.attachment_data(hash) is None
    assert (store.draft(c), store.draft("")) == ("", "a chat not begun")
    store.save_draft("", "")
    assert store.draft("") == ""
