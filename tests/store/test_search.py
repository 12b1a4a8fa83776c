"""Search finds what a person means, takes any text for words, and forgets what was deleted."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.messages import assistant, user
from chatmodes.store import Store, open_store, words
from tests.store.content import file_of, rewrite


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(None) as opened:
        yield opened


def add(store: Store, *texts: str) -> str:
    conversation = store.new_conversation("A title")
    for text in texts:
        store.add_message(conversation, None, user(text))
    return conversation


def found(store: Store, query: str) -> list[str]:
    return [message.message.text for hit in store.search(query) if (message := store.message(hit.message))]


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("fox", True),
        ("FOX quick", True),
        ('"quick brown fox"', True),
        ('"brown quick"', False),
        ("fox dog", False),
        ("bro*", True),
        ("bro", False),
        ("Ubermassig", True),
        ("übermäss*", True),
        ("東京", True),
        ("京都", False),
        ("タワー", True),
        ("naïve", True),
        ("state-of-the-art", True),
        ("art of", True),
        ('"unfinished phrase', False),
        ('"quick brown', True),
    ],
)
def test_words_phrases_beginnings_accents_and_unspaced_scripts(store: Store, query: str, matches: bool) -> None:
    text = "The quick brown fox, übermassig naive, in state-of-the-art shape, visits 東京タワー."
    add(store, text, "Something else")
    assert found(store, query) == ([text] if matches else [])


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        '"',
        '""',
        "*",
        "-",
        "AND",
        "NOT",
        "a AND",
        "(",
        "^x",
        "text:",
        "NEAR(",
        "{",
        "'",
        "\0",
        "a\0b",
        "tags",
    ],
)
def test_what_looks_like_query_syntax_is_only_words(store: Store, query: str) -> None:
    add(store, "and not near text")
    assert isinstance(store.search(query), list)


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_be_stored_searched_and_deleted(text: str, query: str) -> None:
    with open_store(None) as store:
        conversation = add(store, text)
        store.search(query)
        store.delete_conversation(conversation)
        assert store.search(text) == []
        store.purge()
        check_index(store)


def check_index(store: Store) -> None:
    """FTS5's own check of what its index says against itself."""
    with store.writing() as db:
        db.execute("INSERT INTO message_words (message_words) VALUES ('integrity-check')")


def test_newest_first_in_pages(store: Store) -> None:
    add(store, *(f"apple {number}" for number in range(7)))
    pages = [store.search("apple", limit=3, offset=offset) for offset in (0, 3, 6, 9)]
    assert [len(page) for page in pages] == [3, 3, 1, 0]
    assert [hit.snippet for page in pages for hit in page] == [f"apple {number}" for number in reversed(range(7))]


def test_by_mode_model_and_date(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = store.new_conversation()
    for day, (mode, model) in enumerate([("instant", "openai/gpt-5-mini"), ("thinking", "mistral/magistral-small")]):
        monkeypatch.setattr("time.time", lambda day=day: 1_700_000_000 + day * 86_400.0)
        prompt = store.add_message(conversation, None, user("pear"))
        writer = store.begin_run(f"r{day}", conversation, prompt, mode=mode, model=model)
        writer.end("cancelled")
        rewrite(store, writer.message, assistant("pear pear"))
    assert [hit.mode for hit in store.search("pear", mode="thinking")] == ["thinking"]
    assert [hit.model for hit in store.search("pear", model="gpt-5")] == ["openai/gpt-5-mini"]
    assert [hit.model for hit in store.search("", model="magistral")] == ["mistral/magistral-small"]
    assert store.search("pear", mode="thinking", model="gpt") == []
    assert len(store.search("pear", since=1_700_080_000)) == 2
    assert len(store.search("pear", until=1_700_080_000)) == 2
    assert store.search("thinking") == [], "the mode's name is no word of the message"


def test_only_in_conversations_that_have_all_the_tags(store: Store) -> None:
    for tags in (["work", "food"], ["work"], ["workshop"], []):
        conversation = store.new_conversation()
        store.add_message(conversation, None, user(f"flour for {' and '.join(tags) or 'nobody'}"))
        store.configure(conversation, tags=tags)

    def found(*tags: str) -> list[str]:
        return [hit.snippet for hit in store.search("flour", tags=tags)]

    assert found("work") == ["flour for work", "flour for work and food"]
    assert found("work", "food") == ["flour for work and food"]
    assert found("home") == []
    assert len(found()) == 4


def test_snippets_show_the_match_and_mark_what_is_left_out(store: Store) -> None:
    add(store, "lorem ipsum " * 100 + "the Needle,\nin the hay " + "dolor sit " * 100)
    (hit,) = store.search('"needle in the"')
    assert "the Needle, in the hay" in hit.snippet
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")
    assert len(hit.snippet) < 200
    assert hit.title == "A title"


def test_an_edited_message_is_found_by_its_new_words_only(store: Store) -> None:
    conversation = store.new_conversation()
    message = store.add_message(conversation, None, user("before"))
    rewrite(store, message, user("after"))
    assert (found(store, "before"), found(store, "after")) == ([], ["after"])
    check_index(store)


def test_what_is_deleted_is_gone_from_every_byte(tmp_path: Path) -> None:
    file = tmp_path / "chatmodes.db"
    with open_store(file) as store:
        for number in range(300):
            add(store, f"filler{number % 7} harmless{number}")
        whole = add(store, "xylophonesecret " * 3)
        keep = store.new_conversation()
        root = store.add_message(keep, None, user("kept"))
        attached = file_of(b"glockenspielfile", "celestaname")
        part = store.add_message(keep, root, user("marimbasecret", [attached]))
        store.save_draft(whole, "triangledraft")
        rewrite(store, root, user("kept anew"))
        assert len(store.search("xylo*")) == 1
        store.delete_conversation(whole)
        store.delete_message(part)
        assert store.search("xylo*") == []
        assert store.purge() == 2
        content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        for word in (b"xylophone", b"marimba", b"triangle", b"glockenspiel", b"celesta"):
            assert word not in content
        assert len(store.search("harmless*", limit=1000)) == 300
    with closing(sqlite3.connect(file)) as db:
        words.register(db)
        db.execute("CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab ('main', 'message_words', 'row')")
        terms = {term for (term,) in db.execute("SELECT term FROM vocabulary")}
    assert "kept" in terms
    assert not {term for term in terms if term.startswith(("xylo", "xy", "marim", "triangle"))}


def test_pruning_shows_what_would_go_and_gives_the_room_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(tmp_path / "chatmodes.db") as store:
        now = 1_000_000.0
        monkeypatch.setattr("time.time", lambda: now)
        old = [add(store, "old " * 10_000) for _ in range(20)]
        store.pin(old[0])
        store.archive(old[1])
        now += 86_400
        young = add(store, "young")
        plan = store.plan_prune(before=now - 10)
        assert {c.id for c in plan.conversations} == set(old[1:])
        assert plan.messages == 19
        assert plan.bytes > 19 * 40_000
        assert [c.id for c in store.plan_prune(before=now - 10, archived_only=True).conversations] == [old[1]]
        before = store.sizes()
        store.prune(plan)
        after = store.sizes()
        assert (after.conversations, after.free) == (2, 0)
        assert after.file < before.file / 3
        assert {c.id for c in store.conversations(archived=None)} == {old[0], young}


def test_pruning_events_keeps_the_answers(tmp_path: Path) -> None:
    with open_store(tmp_path / "chatmodes.db") as store:
        conversation = store.new_conversation()
        prompt = store.add_message(conversation, None, user("p"))
        writer = store.begin_run("r", conversation, prompt, mode="instant", model="m")
        writer.end("cancelled")
        rewrite(store, writer.message, assistant("the answer"))
        alive = store.begin_run("alive", conversation, prompt, mode="instant", model="m")
        plan = store.plan_prune(before=1e11, events_only=True)
        assert (plan.runs, plan.conversations) == (("r",), ())
        store.prune(plan)
        assert store.run_events("r") == []
        assert [m.text for m in store.context(writer.message)] == ["p", "the answer"]
        alive.end()
