"""Conversations out of the store and into one: our own JSON whole, of other programs' exports what was said."""

import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatmodes.messages import Message, Role, Text, user
from chatmodes.store import Store, StoreError, open_store
from chatmodes.store.archive import ArchivedConversation, dump, restore
from chatmodes.store.importing import read, to_json
from tests.store.content import file_of
from tests.store.test_runs import contemplation, screen


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(None) as opened:
        yield opened


def everything(store: Store) -> str:
    """A conversation that has one of everything."""
    conversation = store.new_conversation("All of it")
    prompt = store.add_message(conversation, None, user("which?", [file_of(bytes(range(256)), "all.bin")]))
    store.configure(conversation, mode="thinking", model="p/m", settings={"temperature": 0.5}, tags=["a", "b"])
    comparison = store.begin_comparison(conversation, prompt, blind=True, topic="maths")
    for number in range(2):
        run = f"r{number}"
        writer = store.begin_run(run, conversation, prompt, mode="thinking", model="p/m", comparison=comparison)
        for event in contemplation(run)[: None if number else 17]:
            writer.add(event)
        writer.end()
    store.record_pick(comparison, "winner", "r1", reason="clearer")
    store.save_draft(conversation, "and then")
    store.pin(conversation)
    return conversation


def load(path: Path, store: Store) -> list[str]:
    problems: list[str] = []
    for archived in read(path, problems.append):
        restore(store, archived)
    return problems


def texts(store: Store, conversation: str) -> list[tuple[str, str]]:
    found = store.conversation(conversation)
    assert found is not None
    assert found.leaf is not None
    return [(m.message.role, m.message.text) for m in store.path(found.leaf)]


def test_our_json_comes_back_as_the_same_tree(store: Store, tmp_path: Path) -> None:
    conversation = everything(store)
    file = tmp_path / "export.json"
    file.write_bytes(to_json((dump(store, conversation),)))
    with open_store(tmp_path / "other.db") as other:
        assert load(file, other) == []
        assert to_json((dump(other, conversation),)) == file.read_bytes()
        assert other.tree(conversation) == store.tree(conversation)
        assert other.picks() == store.picks()
        assert other.comparisons(conversation) == store.comparisons(conversation)
        assert screen(other.run_events("r1")) == screen(contemplation("r1"))
        here, there = other.conversation(conversation), store.conversation(conversation)
        assert here is not None
        assert there is not None
        assert msgspec.structs.replace(here, version=0) == msgspec.structs.replace(there, version=0)
        assert len(other.search("four")) == len(store.search("four")) == 1
        (attachment,) = other.attachments(other.tree(conversation)[0].id)
        assert other.attachment_data(attachment.hash) == bytes(range(256))
        assert load(file, other) == [], "twice is once"
        assert to_json((dump(other, conversation),)) == file.read_bytes()


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 5), TEXTS, st.sampled_from(["user", "assistant"])), min_size=1, max_size=6))
def test_any_tree_of_any_texts_comes_back(messages: list[tuple[int, str, Role]]) -> None:
    with open_store(None) as here, open_store(None) as there:
        conversation = here.new_conversation(messages[0][1])
        ids: list[str | None] = [None]
        for above, text, role in messages:
            ids.append(here.add_message(conversation, ids[above % len(ids)], Message(role, (Text(text),))))
        written = to_json((dump(here, conversation),))
        with tempfile.NamedTemporaryFile() as file:
            Path(file.name).write_bytes(written)
            assert load(Path(file.name), there) == []
        assert to_json((dump(there, conversation),)) == written


def test_a_file_that_another_attached_is_text_here(store: Store, tmp_path: Path) -> None:
    conversation = store.new_conversation()
    store.add_message(conversation, None, user("see @key", (Text("\n\nkey:\n```\nabc\n```", "key"),)))
    file = tmp_path / "export.json"
    file.write_bytes(to_json((dump(store, conversation),)))
    with open_store(tmp_path / "other.db") as other:
        load(file, other)
        (here,), (there,) = other.tree(conversation), store.tree(conversation)
        assert here.message.text == there.message.text
        assert [part.file for part in there.message.files] == ["key"]
        assert here.message.files == ()


def test_a_run_under_way_is_exported_as_cut_here(store: Store) -> None:
    conversation = store.new_conversation()
    writer = store.begin_run("r", conversation, None, mode="instant", model="m")
    for event in contemplation("r")[:17]:
        writer.add(event)
    writer.flush()
    archived = dump(store, conversation)
    writer.end("cancelled")
    with open_store(None) as other:
        restore(other, archived)
        run = other.run("r")
        assert run is not None
        assert run.status == "cut"
        assert texts(other, conversation) == [("assistant", "The answer ")]


CHATGPT: list[dict[str, Any]] = [
    {
        "id": "6521aa",
        "title": "Towers",
        "create_time": 1_700_000_000.5,
        "update_time": 1_700_000_100.0,
        "current_node": "n6",
        "mapping": {
            "n6": {
                "id": "n6",
                "parent": "n5",
                "message": {
                    "author": {"role": "assistant"},
                    "create_time": 1_700_000_050.0,
                    "content": {"content_type": "text", "parts": ["Second answer"]},
                    "metadata": {"model_slug": "gpt-4o"},
                    "recipient": "all",
                },
            },
            "root": {"id": "root", "message": None, "parent": None, "children": ["n1"]},
            "n1": {
                "parent": "root",
                "message": {"author": {"role": "system"}, "content": {"content_type": "text", "parts": [""]}},
            },
            "n2": {
                "parent": "n1",
                "message": {
                    "author": {"role": "user"},
                    "create_time": 1_700_000_001.0,
                    "content": {
                        "content_type": "multimodal_text",
                        "parts": [{"content_type": "image_asset_pointer", "asset_pointer": "x"}, "How high is it?"],
                    },
                },
            },
            "n3": {
                "parent": "n2",
                "message": {
                    "author": {"role": "assistant"},
                    "create_time": 1_700_000_010.0,
                    "content": {"content_type": "text", "parts": ["First answer"]},
                    "metadata": {"model_slug": "gpt-4"},
                },
            },
            "n4": {
                "parent": "n2",
                "message": {
                    "author": {"role": "assistant"},
                    "content": {"content_type": "code", "text": "search('x')"},
                    "recipient": "browser",
                },
            },
            "n5": {
                "parent": "n4",
                "message": {"author": {"role": "tool"}, "content": {"content_type": "text", "parts": ["raw result"]}},
            },
        },
    },
    {"id": "empty", "title": "Empty", "mapping": {}},
    {"id": "odd", "mapping": "not a mapping"},
]


@pytest.mark.parametrize("packed", [False, True])
def test_chatgpts_export_keeps_branches_and_the_work_on_an_answer_in_it(
    store: Store, tmp_path: Path, packed: bool
) -> None:
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps(CHATGPT))
    if packed:
        with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
            archive.write(file, "Export 2026/conversations.json")
            archive.writestr("chat.html", "<html>")
        file = tmp_path / "export.zip"
    (problem,) = load(file, store)
    assert "Conversation 3" in problem
    (conversation,) = store.conversations()
    assert (conversation.title, conversation.created) == ("Towers", 1_700_000_000.5)
    second = "Call of browser:\n\n```\nsearch('x')\n```\n\nResult of a tool:\n\n```\nraw result\n```\n\nSecond answer"
    assert texts(store, conversation.id) == [("user", "[image]\n\nHow high is it?"), ("assistant", second)]
    tree = store.tree(conversation.id)
    assert [(m.message.text, m.model, m.siblings) for m in tree[1:]] == [
        ("First answer", "openai/gpt-4", 2), (second, "openai/gpt-4o", 2),
    ]  # fmt: skip
    assert [hit.model for hit in store.search("answer", model="gpt-4o")] == ["openai/gpt-4o"]


def test_a_later_export_adds_what_was_said_since(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps(CHATGPT[:1]))
    load(file, store)
    grown = json.loads(json.dumps(CHATGPT[:1]))
    grown[0]["mapping"]["n7"] = {
        "parent": "n6",
        "message": {"author": {"role": "user"}, "content": {"content_type": "text", "parts": ["Thanks"]}},
    }
    grown[0]["current_node"] = "n7"
    file.write_text(json.dumps(grown))
    (archived,) = read(file, pytest.fail)
    assert restore(store, archived) == 1
    (conversation,) = store.conversations()
    assert texts(store, conversation.id)[-1] == ("user", "Thanks")


CLAUDE: list[dict[str, Any]] = [
    {
        "uuid": "c-1",
        "name": "Bridges",
        "created_at": "2025-03-01T10:00:00.000000Z",
        "updated_at": "2025-03-01T10:05:00Z",
        "chat_messages": [
            {
                "uuid": "u1",
                "sender": "human",
                "text": "Summarise",
                "content": [{"type": "text", "text": "Summarise"}],
                "created_at": "2025-03-01T10:00:00Z",
                "parent_message_uuid": "00000000-0000-4000-8000-000000000000",
                "attachments": [{"file_name": "a.txt", "file_type": "txt", "extracted_content": "the file's text"}],
                "files": [{"file_name": "b.png"}],
            },
            {
                "uuid": "a1",
                "sender": "assistant",
                "text": "This block is not supported. Here.",
                "content": [
                    {"type": "thinking", "thinking": "hm"},
                    {"type": "tool_use", "name": "x", "input": {}},
                    {"type": "text", "text": "Here."},
                ],
                "created_at": "2025-03-01T10:00:10Z",
                "parent_message_uuid": "u1",
            },
            {"uuid": "a2", "sender": "assistant", "text": "Or here.", "parent_message_uuid": "u1"},
        ],
    },
    {"uuid": "c-2", "name": "Old kind", "chat_messages": [
        {"uuid": "o1", "sender": "human", "text": "Hi"}, {"uuid": "o2", "sender": "assistant", "text": "Hello"},
    ]},
]  # fmt: skip


def test_claudes_export_with_and_without_links_between_messages(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps(CLAUDE))
    assert load(file, store) == []
    bridges, old = sorted(store.conversations(), key=lambda c: c.title)
    asked = "Summarise\n\na.txt:\n```txt\nthe file's text\n```\n\n[image]"
    worked = "Call of x:\n\n```json\n{}\n```\n\nHere."
    assert texts(store, bridges.id) == [("user", asked), ("assistant", "Or here.")]
    assert [m.message.text for m in store.tree(bridges.id)] == [asked, worked, "Or here."]
    assert bridges.created == 1_740_823_200.0
    (attachment,) = store.attachments(store.tree(bridges.id)[0].id)
    assert store.attachment_data(attachment.hash) == b"the file's text"
    assert bridges.leaf is not None
    assert "the file's text" in store.context(bridges.leaf)[0].text, "it reaches the model"
    assert texts(store, old.id) == [("user", "Hi"), ("assistant", "Hello")]


LLM_RESPONSES = """
CREATE TABLE conversations (id TEXT PRIMARY KEY, name TEXT, model TEXT);
CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, prompt TEXT, system TEXT, prompt_json TEXT, options_json TEXT,
    response TEXT, response_json TEXT, conversation_id TEXT, duration_ms INTEGER, datetime_utc TEXT);
CREATE TABLE fragments (id INTEGER PRIMARY KEY, hash TEXT, content TEXT, datetime_utc TEXT, source TEXT);
CREATE TABLE prompt_fragments (response_id TEXT, fragment_id INTEGER, "order" INTEGER);
INSERT INTO conversations VALUES ('01a', 'Pelicans', 'gpt-4o');
INSERT INTO fragments VALUES (1, 'h', 'A long document.', NULL, NULL);
INSERT INTO prompt_fragments VALUES ('r1', 1, 0);
INSERT INTO responses VALUES ('r1', 'gpt-4o', 'Sum it up', 'Be brief', NULL, NULL, 'It is long.', NULL, '01a', 1500,
    '2025-01-02T03:04:05.000000+00:00');
INSERT INTO responses VALUES ('r2', 'gpt-4o', 'Why?', 'Be brief', NULL, NULL, 'It says so.', NULL, '01a', 10,
    '2025-01-02T03:05:05.000000');
INSERT INTO responses VALUES ('r3', 'gpt-4o', 'Alone', NULL, NULL, NULL, 'Yes.', NULL, NULL, NULL, NULL);
"""
LLM_TURNS = """
CREATE TABLE fragments (id INTEGER PRIMARY KEY, hash TEXT, content TEXT, datetime_utc TEXT, source TEXT);
CREATE TABLE messages (hash TEXT PRIMARY KEY, parent_hash TEXT, role TEXT, provider_metadata TEXT);
CREATE TABLE parts (id INTEGER PRIMARY KEY, message_hash TEXT, position INTEGER, type TEXT, tool_name TEXT, text TEXT,
    payload TEXT);
CREATE TABLE threads (id TEXT PRIMARY KEY, name TEXT, tip_message_hash TEXT, forked_from TEXT, datetime_utc TEXT);
CREATE TABLE turns (id TEXT PRIMARY KEY, thread_id TEXT, parent_message_hash TEXT, tip_message_hash TEXT, model TEXT,
    datetime_utc TEXT);
INSERT INTO fragments VALUES (7, 'h', 'the novel', NULL, NULL);
INSERT INTO messages VALUES ('b2:1', NULL, 'user', NULL), ('b2:2', 'b2:1', 'assistant', NULL),
    ('b2:3', 'b2:2', 'tool', NULL), ('b2:4', 'b2:3', 'assistant', NULL);
INSERT INTO parts VALUES (1, 'b2:1', 0, 'text', NULL, NULL, '{"text_ref": [{"literal": "Read "}, {"fragment": 7}]}'),
    (2, 'b2:2', 0, 'reasoning', NULL, 'hm', NULL), (3, 'b2:2', 1, 'tool_call', 'x', NULL, '{}'),
    (4, 'b2:3', 0, 'tool_result', 'x', NULL, '{}'), (5, 'b2:4', 0, 'text', NULL, 'Done.', NULL);
INSERT INTO threads VALUES ('t1', 'Reading', 'b2:4', NULL, '2026-08-01T00:00:00');
INSERT INTO turns VALUES ('u1', 't1', NULL, 'b2:2', 'm', '2026-08-01T00:00:01'),
    ('u2', 't1', 'b2:2', 'b2:4', 'm', '2026-08-01T00:00:09');
"""
LLM_WORK = "Call of x:\n\n```json\n{}\n```\n\nResult of x:\n\n```\n{}\n```\n\nDone."


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (
            LLM_RESPONSES,
            {
                "Alone": [("user", "Alone"), ("assistant", "Yes.")],
                "Pelicans": [
                    ("system", "Be brief"), ("user", "A long document.\n\nSum it up"), ("assistant", "It is long."),
                    ("user", "Why?"), ("assistant", "It says so."),
                ],
            },
        ),
        (LLM_TURNS, {"Reading": [("user", "Read the novel"), ("assistant", LLM_WORK)]}),
    ],
    ids=["up to 0.31", "from 0.32"],
)  # fmt: skip
def test_llms_logs(store: Store, tmp_path: Path, script: str, expected: dict[str, list[tuple[str, str]]]) -> None:
    file = tmp_path / "logs.db"
    with closing(sqlite3.connect(file)) as db:
        db.executescript(script)
    assert load(file, store) == []
    assert {c.name: texts(store, c.id) for c in store.conversations()} == expected


def test_a_circle_in_llms_log_is_told_and_the_rest_read(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "logs.db"
    with closing(sqlite3.connect(file)) as db:
        db.executescript(LLM_TURNS)
        db.executescript("""
            INSERT INTO messages VALUES ('x', 'y', 'user', NULL), ('y', 'x', 'assistant', NULL);
            INSERT INTO threads VALUES ('t0', 'Round', 'x', NULL, '2026-07-01T00:00:00');
            INSERT INTO turns VALUES ('u0', 't0', NULL, 'x', 'm', '2026-07-01T00:00:01');
        """)
    assert load(file, store) == ["Conversation t0 cannot be read: its message x comes before itself."]
    assert [c.name for c in store.conversations()] == ["Reading"]


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE notes (id TEXT)",
        "CREATE TABLE responses (id TEXT, datetime_utc TEXT, form TEXT); INSERT INTO responses VALUES ('1', '2', '3')",
        LLM_RESPONSES + "UPDATE responses SET duration_ms = 'long'",
        LLM_TURNS + "UPDATE parts SET payload = 'no JSON'",
    ],
    ids=["other tables", "other columns", "other numbers", "other payloads"],
)
def test_another_programs_database_is_named(store: Store, tmp_path: Path, script: str) -> None:
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as db:
        db.executescript(script)
    with pytest.raises(StoreError, match="is a database, but not one of llm's logs"):
        load(file, store)


@pytest.mark.parametrize("kept", [40, 0])
def test_a_damaged_zip_is_named(store: Store, tmp_path: Path, kept: int) -> None:
    file = tmp_path / "export.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations.json", json.dumps([{"id": str(n)} for n in range(1000)]))
        (part,) = archive.infolist()
    whole = bytearray(file.read_bytes())
    begin = part.header_offset + 30 + len(part.filename) + kept
    whole[begin : begin + 40] = b"\xff" * 40
    file.write_bytes(whole)
    with pytest.raises(StoreError, match=r"no \.zip that can be read"):
        load(file, store)


def test_a_system_message_that_was_imported_is_shown_and_not_sent(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "logs.db"
    with closing(sqlite3.connect(file)) as db:
        db.executescript(LLM_RESPONSES)
    load(file, store)
    (conversation,) = store.conversations("Pelicans")
    assert conversation.leaf is not None
    assert [m.role for m in store.context(conversation.leaf)] == ["user", "assistant", "user", "assistant"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[" * 100_000, "is not JSON"),
        (b"[]", "no export of conversations"),
        (b"42", "no export of conversations"),
        (b'{"a": 1}', "no export of conversations"),
        (b"PK\x03\x04 and nonsense", "no .zip that can be read"),
        (b"SQLite format 3\0 and nonsense", "cannot be read as llm's log"),
        (b'{"format": "chatmodes", "version": 99, "conversations": []}', "newer chatmodes"),
        (b'{"format": "chatmodes"}', "newer chatmodes"),
    ],
)
def test_a_file_of_another_kind_is_named_with_what_is_read(
    store: Store, tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    with pytest.raises(StoreError, match=message):
        load(file, store)
    assert store.conversations() == []


HEAD = {"id": "c1", "created": 1.0, "updated": 1.0}
SAID = {"role": "user", "created": 1.0}
CIRCLE = [{**SAID, "id": "a", "parent": "b"}, {**SAID, "id": "b", "parent": "a"}]
STRAY = {"id": "r", "message": "a", "comparison": "nosuch", "mode": "m", "model": "m", "status": "cut", "created": 1.0}


@pytest.mark.parametrize(
    ("conversation", "message"),
    [
        ({**HEAD, "id": "../etc"}, "no identifier"),
        ({**HEAD, "messages": CIRCLE}, "comes before"),
        ({**HEAD, "messages": [{**SAID, "id": "a"}, {**SAID, "id": "a"}]}, "the same id"),
        ({**HEAD, "messages": [{**SAID, "id": "taken"}]}, "belongs to another conversation"),
        ({**HEAD, "leaf": "nosuch"}, "current message"),
        ({**HEAD, "created": -1.0}, "no time"),
        ({**HEAD, "created": 1e300}, "no time"),
        ({**HEAD, "messages": [{**SAID, "id": "a", "created": 1e30}]}, "no time"),
        ({**HEAD, "messages": [{**SAID, "id": "a"}], "runs": [STRAY]}, "contradict"),
    ],
)
def test_an_archive_that_contradicts_itself_changes_nothing(
    store: Store, conversation: dict[str, Any], message: str
) -> None:
    import msgspec

    restore(
        store, msgspec.convert({**HEAD, "id": "other", "messages": [{**SAID, "id": "taken"}]}, ArchivedConversation)
    )
    before = dump(store, "other")
    with pytest.raises(StoreError, match=message):
        restore(store, msgspec.convert(conversation, ArchivedConversation))
    assert [c.id for c in store.conversations()] == ["other"]
    assert dump(store, "other") == before
