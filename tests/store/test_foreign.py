"""Exports as other programs really write them: nothing that was said is lost, and what is left out is counted."""

import copy
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.exporting import markdown, page
from chatmodes.providers.dialects.turns import Origin, Saying, turns_of
from chatmodes.store import Store, StoreError, open_store
from chatmodes.store.archive import dump, restore
from chatmodes.store.foreign.intake import Tally
from chatmodes.store.importing import read
from chatmodes.store.records import Conversation
from chatmodes.tui.painting.projection import answer_blocks
from tests.store.exports import chatgpt, claude, said
from tests.store.test_transfer import LLM_RESPONSES, texts


@pytest.fixture
def store() -> Iterator[Store]:
    with open_store(None) as opened:
        yield opened


def taken_in(store: Store, tmp_path: Path, *conversations: Any) -> tuple[list[tuple[str, str]], Tally]:
    """What the last conversation reads like, and the account of its import."""
    file = tmp_path / "conversations.json"
    file.write_text(json.dumps(conversations))
    tally = Tally()
    for archived in read(file, pytest.fail, tally=tally):
        restore(store, archived)
    return texts(store, store.conversations()[0].id), tally


def reasoning(store: Store, conversation: Conversation | None = None) -> str:
    """What stands behind the answers of a conversation, by default the one used last."""
    chosen = conversation or store.conversations()[0]
    return "\n\n".join(filter(None, (each.message.reasoning for each in store.path(chosen.leaf or ""))))


CITED = (
    "Tall\ue200cite\ue202turn0search3\ue202turn0search1\ue201 and \ue203old\ue204\ue200cite\ue202turn0search3\ue201."
)
REFERENCES: list[dict[str, Any]] = [
    {
        "matched_text": "\ue200cite\ue202turn0search3\ue202turn0search1\ue201",
        "type": "grouped_webpages",
        "items": [
            {
                "title": "Towers", "url": "https://a.example/t",
                "supporting_websites": [{"title": "More", "url": "https://b.example/m"}],
            }
        ],
    },
    {
        "matched_text": "\ue200cite\ue202turn0search3\ue201",
        "type": "grouped_webpages",
        "items": [{"title": "Towers", "url": "https://a.example/t"}],
    },
    {"matched_text": " ", "type": "sources_footnote", "sources": [{"title": "Third", "url": "https://c.example/"}]},
]  # fmt: skip


ODD_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 1.5, 10**30, float("nan"), "", "x", "n1", "\ud83d", "\ue200", "\x00", [], [None], {}, {"a": []}]
)
"""What stands in exports where something else is expected, all at once."""


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs: Any = value.items if isinstance(value, dict) else partial(enumerate, value)
    for key, inner in pairs() if isinstance(value, dict | list) else ():
        yield (*at, key)
        yield from _places(inner, (*at, key))


def _everything() -> list[Any]:
    tool = {"author": {"role": "tool", "name": "t"}, "content": {"content_type": "execution_output", "text": "out"}}
    image = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://file_1"}
    shown = {"author": {"role": "user"}, "content": {"content_type": "multimodal_text", "parts": [image, "x"]}}
    shown["metadata"] = {"attachments": [{"id": "file-2", "name": "a.txt", "mime_type": "text/plain"}]}
    canvas = said('{"content": "x", "type": "document"}', recipient="canmore.create_textdoc")
    cited = said(CITED, create_time=2.0, metadata={"content_references": REFERENCES, "model_slug": "m"})
    blocks = [
        {"type": "text", "text": "t", "citations": [{"details": {"url": "u", "title": "t"}}]},
        {"type": "tool_use", "name": "artifacts", "input": {"content": "c", "type": "text/html", "title": "t"}},
        {"type": "tool_result", "name": "x", "content": [{"type": "text", "text": "r"}]},
    ]
    attached = {"attachments": [{"file_name": "a", "extracted_content": "c"}], "files": [{"file_name": "b"}]}
    return [
        chatgpt(shown, canvas, tool, cited),
        claude({"sender": "human", "text": "a", **attached}, {"sender": "assistant", "content": blocks}),
    ]


@pytest.fixture(scope="module")
def shared() -> Iterator[Store]:
    with open_store(None) as opened:
        yield opened


@given(data=st.data())
def test_no_odd_value_anywhere_ends_an_import(shared: Store, data: st.DataObject) -> None:
    conversations: Any = copy.deepcopy(_everything())
    for _ in range(data.draw(st.integers(1, 3))):
        places = list(_places(conversations))
        *path, last = data.draw(st.sampled_from(places))
        inside: Any = conversations
        for step in path:
            inside = inside[step]
        inside[last] = copy.deepcopy(data.draw(ODD_VALUES))
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_text(json.dumps(conversations))
        with suppress(StoreError):
            for archived in read(Path(file.name), lambda problem: None):
                restore(shared, archived)


def test_citations_become_numbers_with_their_sources_under_the_answer(store: Store, tmp_path: Path) -> None:
    answer = said(CITED, metadata={"content_references": REFERENCES})
    ((_, _), (_, text)), tally = taken_in(store, tmp_path, chatgpt(said("How tall?", "user"), answer))
    assert text == (
        "Tall[1] [2] and old[1].\n\nSources:\n\n"
        "1. Towers: https://a.example/t\n2. More: https://b.example/m\n3. Third: https://c.example/"
    )
    assert not tally.left_out


@pytest.mark.parametrize(
    ("text", "expected", "left_out"),
    [
        ("So\ue200cite\ue202turn0search3\ue201.", "So.", {"citation": 1}),
        ("So\ue200filecite\ue202turn0file1\ue201.", "So.", {"citation": 1}),
        ("Cut\ue200cite\ue202turn0", "Cut", {"citation": 1}),
        ("By \ue200entity\ue202[\"company\",\"OpenAI\",\"AI lab\"]\ue201.", "By OpenAI.", {}),
        ("See \ue200url\ue202the page\ue202turn1view0\ue201.", "See the page.", {}),
        ("\ue203Only\ue204 loose \ue206marks", "Only loose marks", {}),
    ],
)  # fmt: skip
def test_a_mark_without_its_reference_leaves_no_gibberish(
    store: Store, tmp_path: Path, text: str, expected: str, left_out: dict[str, int]
) -> None:
    (_, (_, found)), tally = taken_in(store, tmp_path, chatgpt(said("?", "user"), said(text)))
    assert (found, dict(tally.left_out)) == (expected, left_out)


def test_the_marks_of_older_answers_are_sources_too(store: Store, tmp_path: Path) -> None:
    citation = {"start_ix": 3, "end_ix": 13, "metadata": {"title": "Page", "url": "https://a.example"}}
    answer = said("So 【3†source】 it is.", metadata={"citations": [citation]})
    (_, (_, text)), _ = taken_in(store, tmp_path, chatgpt(said("?", "user"), answer))
    assert text == "So [1] it is.\n\nSources:\n\n1. Page: https://a.example"


def test_code_has_a_fence_that_names_no_language_where_none_is_known(store: Store, tmp_path: Path) -> None:
    codes = [
        {"author": {"role": "assistant"}, "content": {"content_type": "code", "text": "x = 1", **language}}
        for language in ({}, {"language": None}, {"language": "unknown"}, {"language": "python"})
    ]
    found, _ = taken_in(store, tmp_path, chatgpt(said("?", "user"), *codes))
    assert [text for _, text in found[1:]] == ["```\nx = 1\n```"] * 3 + ["```python\nx = 1\n```"]


def test_the_conversations_model_stands_in_for_an_answer_that_names_none(store: Store, tmp_path: Path) -> None:
    named = said("b", metadata={"model_slug": "o3"})
    taken_in(store, tmp_path, chatgpt(said("?", "user"), said("a"), named, default_model_slug="gpt-5"))
    models = [message.model for message in store.tree(store.conversations()[0].id)]
    assert models == ["", "openai/gpt-5", "openai/o3"]


ODD: list[Any] = [
    None,
    5,
    "text",
    [],
    {},
    {"author": None},
    {"author": {"role": None}, "content": None},
    {"content": {"parts": 3}},
]


@pytest.mark.parametrize("odd", ODD, ids=map(str, ODD))
def test_an_odd_node_costs_only_itself(store: Store, tmp_path: Path, odd: Any) -> None:
    found, _ = taken_in(store, tmp_path, chatgpt(said("a", "user"), odd, said("b")))
    assert found == [("user", "a"), ("assistant", "b")]
    conversation = chatgpt(said("a", "user"), said("lost"), said("b"), id="other")
    conversation["mapping"]["n1"] = odd
    found, _ = taken_in(store, tmp_path, conversation)
    assert found[-1] == ("assistant", "b")


def test_a_message_of_nobody_is_counted(store: Store, tmp_path: Path) -> None:
    nobodys = {"author": None, "content": {"content_type": "text", "parts": ["lost"]}}
    _, tally = taken_in(store, tmp_path, chatgpt(said("a", "user"), nobodys, said("b")))
    assert dict(tally.left_out) == {"unreadable message": 1}


@pytest.mark.parametrize("time", ["soon", float("nan"), -5, 1e300, 10**400, [], True])
def test_an_odd_time_costs_nothing(store: Store, tmp_path: Path, time: Any) -> None:
    found, _ = taken_in(store, tmp_path, chatgpt(said("a", "user", create_time=time), create_time=time, title=time))
    assert found == [("user", "a")]


def test_canvas_documents_and_tools_are_kept_and_counted(store: Store, tmp_path: Path) -> None:
    canvas = json.dumps({"name": "sort.py", "type": "code/python", "content": "def sort(): ..."})
    changed = json.dumps({"updates": [{"pattern": ".*", "multiple": False, "replacement": "def sort(): pass"}]})
    work = [
        said(canvas, recipient="canmore.create_textdoc"),
        said("Successfully created text document", "tool") | {"author": {"role": "tool", "name": "canmore"}},
        said(changed, recipient="canmore.update_textdoc"),
        {
            "author": {"role": "assistant"}, "recipient": "python",
            "content": {"content_type": "code", "language": "unknown", "text": "print(1)"},
        },
        {
            "author": {"role": "tool", "name": "python"},
            "content": {"content_type": "execution_output", "text": "1 ``` 2"},
        },
        {
            "author": {"role": "assistant"},
            "content": {"content_type": "thoughts", "thoughts": [{"summary": "s", "content": "hm"}]},
        },
    ]  # fmt: skip
    found, tally = taken_in(store, tmp_path, chatgpt(said("Sort", "user"), *work, said("There."), said("?", "user")))
    assert [role for role, _ in found] == ["user", "assistant", "user"]
    answer = found[1][1]
    for kept in ("```python\ndef sort(): ...", "def sort(): pass", "Call of python:", "````\n1 ``` 2\n````", "There."):
        assert kept in answer
    assert dict(tally.kept) == {"canvas document": 2, "tool turn": 3}
    assert dict(tally.left_out) == {}
    assert reasoning(store) == "**s**\n\nhm"


def test_work_that_no_answer_follows_is_an_answer(store: Store, tmp_path: Path) -> None:
    call = said("search()", recipient="browser")
    found, _ = taken_in(store, tmp_path, chatgpt(said("Find", "user"), call))
    assert [role for role, _ in found] == ["user", "assistant"]
    found, _ = taken_in(store, tmp_path, chatgpt(said("Find", "user"), call, said("Well?", "user"), id="other"))
    assert [role for role, _ in found] == ["user", "assistant", "user"]


def test_an_image_alone_is_a_prompt(store: Store, tmp_path: Path) -> None:
    image = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-abc"}
    prompt = {"author": {"role": "user"}, "content": {"content_type": "multimodal_text", "parts": [image]}}
    found, tally = taken_in(store, tmp_path, chatgpt(prompt, said("A cat.")))
    assert found == [("user", "[image]"), ("assistant", "A cat.")]
    assert dict(tally.left_out) == {"picture": 1}
    message = {"sender": "human", "text": "", "files": [{"file_name": "cat.jpg"}]}
    found, tally = taken_in(store, tmp_path, claude(message, {"sender": "assistant", "text": "A cat."}))
    assert found == [("user", "[image]"), ("assistant", "A cat.")]


def test_claudes_artifacts_of_both_kinds_and_tools_are_kept_and_counted(store: Store, tmp_path: Path) -> None:
    tag = '<antArtifact identifier="a" type="text/html" title="Page"><b>hi</b></antArtifact>'
    blocks = [
        {"type": "text", "text": f"<antThinking>old thought</antThinking>Old: {tag} done."},
        {"type": "tool_use", "name": "artifacts", "input": {
            "command": "create", "title": "Sorter", "language": "rust", "content": "fn main() {}",
        }},
        {"type": "tool_result", "name": "artifacts", "content": [{"type": "text", "text": "OK"}]},
        {"type": "tool_use", "name": "artifacts", "input": {"command": "update", "old_str": "x", "new_str": "y"}},
        {"type": "tool_use", "name": "web_search", "input": {"query": "towers"}},
        {"type": "thinking", "thinking": "new thought"},
        {"type": "text", "text": "Said.", "citations": [{"details": {"url": "https://a.example", "title": "A"}}]},
    ]  # fmt: skip
    answer = {"sender": "assistant", "content": blocks}
    found, tally = taken_in(store, tmp_path, claude({"sender": "human", "text": "Go"}, answer))
    text = found[1][1]
    for kept in (
        "Old:", "Page:\n\n```html\n<b>hi</b>\n```", "done.", "Sorter:\n\n```rust\nfn main() {}\n```", "-x\n+y",
        '"query": "towers"', "Sources:\n\n1. A: https://a.example",
    ):  # fmt: skip
        assert kept in text
    assert "ant" not in text.replace("artifacts", "")
    assert dict(tally.kept) == {"artifact": 2, "tool turn": 3}
    assert dict(tally.left_out) == {}
    assert reasoning(store) == "old thought\n\nnew thought"


def test_tags_of_claudes_are_text_where_a_person_typed_them(store: Store, tmp_path: Path) -> None:
    typed = "What does <antThinking>this</antThinking> do?"
    found, _ = taken_in(store, tmp_path, claude({"sender": "human", "text": typed}))
    assert found == [("user", typed)]


def test_reasoning_is_kept_behind_the_answer_and_sent_to_nobody(store: Store, tmp_path: Path) -> None:
    blocks = [
        {"type": "thinking", "thinking": "", "summaries": [{"summary": "Weighing both."}]},
        {"type": "redacted_thinking", "data": "gibberish"},
        {"type": "text", "text": "Both."},
    ]
    asked = {"sender": "human", "text": "A or B?"}
    found, tally = taken_in(store, tmp_path, claude(asked, {"sender": "assistant", "content": blocks}))
    assert found == [("user", "A or B?"), ("assistant", "Both.")]
    assert dict(tally.left_out) == {"encrypted reasoning": 1}
    assert reasoning(store) == "Weighing both."
    (conversation,) = store.conversations()
    assert "Weighing both." in page(store, conversation)
    assert "Weighing" not in markdown(store, conversation)
    path = store.path(conversation.leaf or "")
    origin = Origin("messages", "anthropic", "claude")
    turns = turns_of((message.message for message in path), origin, "[a-z]+")
    assert turns[-1] == Saying("Both.", "Weighing both.", None, ())
    assert [block.tone for block in answer_blocks(path[-1], None)] == ["reasoning", "answer"]
    (archived,) = [dump(store, conversation.id)]
    with open_store(None) as other:
        restore(other, archived)
        assert reasoning(other) == "Weighing both."


def test_llms_tools_are_kept_and_a_prompt_of_a_lost_picture_too(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "logs.db"
    with closing(sqlite3.connect(file)) as db:
        db.executescript(LLM_RESPONSES)
        db.executescript("""
            CREATE TABLE tool_calls (id INTEGER PRIMARY KEY, response_id TEXT, name TEXT, arguments TEXT);
            CREATE TABLE tool_results (id INTEGER PRIMARY KEY, response_id TEXT, name TEXT, output TEXT);
            CREATE TABLE attachments (id TEXT, type TEXT, path TEXT, url TEXT, content BLOB);
            CREATE TABLE prompt_attachments (response_id TEXT, attachment_id TEXT, "order" INTEGER);
            INSERT INTO tool_calls VALUES (1, 't1', 'now', '{}');
            INSERT INTO tool_results VALUES (1, 't2', 'now', 'noon');
            INSERT INTO conversations VALUES ('02', 'Clock', 'm');
            INSERT INTO responses VALUES ('t1', 'm', '', NULL, NULL, NULL, '', NULL, '02', 10, '2025-02-02 03:04:05');
            INSERT INTO responses VALUES ('t2', 'm', '', NULL, NULL, NULL, 'Noon.', NULL, '02', 9,
                 '2025-02-02 03:04:06');
            INSERT INTO attachments VALUES ('a', 'image/png', NULL, 'https://a.example/x.png', NULL);
            INSERT INTO prompt_attachments VALUES ('t1', 'a', 0);
        """)
    tally = Tally()
    for archived in read(file, pytest.fail, tally=tally):
        restore(store, archived)
    (clock,) = store.conversations("Clock")
    (asked, answered) = texts(store, clock.id)
    assert asked == ("user", "[image]")
    for kept in ("Call of now:", "noon", "Noon."):
        assert kept in answered[1]
    assert (dict(tally.kept), dict(tally.left_out)) == ({"tool turn": 2}, {"picture": 1})


def test_llms_reasoning_and_the_files_of_its_tree_of_messages_are_kept(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "logs.db"
    with closing(sqlite3.connect(file)) as db:
        db.executescript(LLM_RESPONSES)
        db.executescript("""
            ALTER TABLE responses ADD COLUMN reasoning TEXT;
            INSERT INTO conversations VALUES ('03', 'Sums', 'm');
            INSERT INTO responses VALUES ('s1', 'm', '1+1?', NULL, NULL, NULL, '2', NULL, '03', 10,
                '2025-02-02 03:04:05', 'One and one.');
        """)
        db.executescript("""
            CREATE TABLE messages (hash TEXT PRIMARY KEY, parent_hash TEXT, role TEXT, provider_metadata TEXT);
            CREATE TABLE parts (id INTEGER PRIMARY KEY, message_hash TEXT, position INTEGER, type TEXT,
                tool_name TEXT, text TEXT, payload TEXT);
            CREATE TABLE threads (id TEXT PRIMARY KEY, name TEXT, tip_message_hash TEXT, forked_from TEXT,
                datetime_utc TEXT);
            CREATE TABLE turns (id TEXT PRIMARY KEY, thread_id TEXT, parent_message_hash TEXT, tip_message_hash TEXT,
                model TEXT, datetime_utc TEXT);
            CREATE TABLE attachments (id TEXT, type TEXT, path TEXT, url TEXT, content BLOB);
            CREATE TABLE part_attachments (part_id INTEGER, attachment_id TEXT, "order" INTEGER);
            INSERT INTO messages VALUES ('q', NULL, 'user', NULL), ('a', 'q', 'assistant', NULL);
            INSERT INTO parts VALUES (1, 'q', 0, 'text', NULL, 'What is it?', NULL),
                (2, 'q', 1, 'attachment', NULL, NULL, '{}'), (3, 'a', 0, 'reasoning', NULL, 'Whiskers.', NULL),
                (4, 'a', 1, 'text', NULL, 'A cat.', NULL);
            INSERT INTO attachments VALUES ('x', 'image/png', '/tmp/cat.png', NULL, x'010203');
            INSERT INTO part_attachments VALUES (2, 'x', 0);
            INSERT INTO threads VALUES ('t1', 'Tree', 'a', NULL, '2026-08-01T00:00:00');
            INSERT INTO turns VALUES ('u1', 't1', NULL, 'a', 'm', '2026-08-01T00:00:01');
        """)
    for archived in read(file, pytest.fail):
        restore(store, archived)
    (sums,) = store.conversations("Sums")
    assert texts(store, sums.id) == [("user", "1+1?"), ("assistant", "2")]
    assert reasoning(store, sums) == "One and one."
    (tree,) = store.conversations("Tree")
    asked, answered = store.path(tree.leaf or "")
    assert (asked.message.text, answered.message.text) == ("What is it?", "A cat.")
    assert [(each.name, each.size) for each in store.attachments(asked.id)] == [("cat.png", 3)]
    assert reasoning(store, tree) == "Whiskers."
