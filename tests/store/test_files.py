"""Files, pictures and tools in messages: kept once, loaded when they are sent, found by their names."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from chatmodes import events as ev
from chatmodes.messages import File, Image, Message, Part, Reasoning, Text, ToolCall, ToolResult, assistant, user
from chatmodes.store import Store, open_store
from chatmodes.store.archive import dump, restore
from chatmodes.store.importing import read, to_json
from tests.store.content import file_of

PICTURE = b"\x89PNG" + bytes(range(256)) * 40
PDF = b"%PDF-1.7 " + b"binary \xff\x00" * 500
NOTES = "Grüße aus dem Xylophonladen\n" * 50


def picture(content: bytes = PICTURE, name: str = "holiday.png") -> Image:
    file = file_of(content, name)
    return Image(name, "image/png", file.hash, width=640, height=480, size=len(content), content=content)


def pdf() -> File:
    return file_of(PDF, "contract.pdf", "application/pdf", text="whereas the party")


def notes(name: str = "notes.txt") -> File:
    return file_of(NOTES.encode(), name, "text/plain", text=NOTES)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chatmodes.db"


def count(store: Store, table: str) -> int:
    with store.reading() as db:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def asked(store: Store, *files: File | Image, text: str = "look") -> tuple[str, str]:
    conversation = store.new_conversation()
    return conversation, store.add_message(conversation, None, user(text, files))


def emptied(part: Part) -> Part:
    return msgspec.structs.replace(part, content=b"") if isinstance(part, File | Image) else part


def test_bytes_are_stored_once_and_loaded_only_for_what_is_sent(file: Path) -> None:
    files = (picture(), pdf(), notes())
    with open_store(file) as store:
        conversation, message = asked(store, *files)
        store.add_message(conversation, None, user("an edit", files))
        asked(store, picture(name="the same under another name.png"))
        assert (count(store, "attachments"), count(store, "message_attachments")) == (3, 7)
        shown = store.path(message)[0].message
        assert shown.parts == (Text("look"), *map(emptied, files)), "a text file keeps its text"
        assert store.tree(conversation)[0].message == shown
        (sent,) = store.context(message)
        assert sent.parts == (Text("look"), *files)
        assert [(a.name, a.size) for a in store.attachments(message)] == [
            ("holiday.png", len(PICTURE)), ("contract.pdf", len(PDF)), ("notes.txt", len(NOTES.encode())),
        ]  # fmt: skip
    content = file.read_bytes()
    assert content.count(b"Xylophonladen") == 50, "the lines of one file, once"


def test_what_was_read_can_be_stored_again_without_its_bytes(file: Path) -> None:
    """An edit, a copy: the parts come back as references."""
    with open_store(file) as store:
        conversation, message = asked(store, picture(), notes())
        shown = store.path(message)[0].message
        again = store.add_message(conversation, None, shown)
        assert store.context(again) == store.context(message)
        store.delete_message(message)
        store.purge()
        assert store.path(again)[0].message == shown
        assert store.context(again)[0].parts[1:] == (picture(), notes())
        store.erase_conversations([conversation])
        assert count(store, "attachments") == 0


def test_a_reference_to_nothing_stays_one(file: Path) -> None:
    with open_store(file) as store:
        _, message = asked(store, msgspec.structs.replace(picture(), content=b""))
        (sent,) = store.context(message)
        assert sent.parts[1] == emptied(picture())
        assert store.attachments(message) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [("holiday", 1), ("contract", 1), ("whereas", 1), ("notes", 1), ("Xylophonladen", 1), ("Grusse", 0), ("png", 1)],
)
def test_search_by_name_and_by_a_text_files_words(file: Path, query: str, found: int) -> None:
    with open_store(file) as store:
        _, message = asked(store, picture(), pdf(), notes())
        hits = store.search(query)
        assert len(hits) == found
        if found and query == "Xylophonladen":
            assert query in hits[0].snippet
        store.delete_message(message)
        assert store.search(query) == []
        with store.writing() as db:
            db.execute("INSERT INTO message_words (message_words) VALUES ('integrity-check')")


def test_files_without_a_word_give_the_conversation_its_name(file: Path) -> None:
    with open_store(file) as store:
        asked(store, picture(), notes(), text="")
        assert [c.name for c in store.conversations()] == ["holiday.png, notes.txt"]


TOOLS = Message(
    "assistant",
    (
        Reasoning("let me see", opaque='{"signature":"x"}', provider="p", model="m"),
        Text("I look. "),
        ToolCall("1", "read_file", '{"path":"marimba.txt"}', opaque='{"k":1}'),
        ToolResult("1", "read_file", (Text("the glockenspiel"), picture())),
        Text("There it is."),
    ),
)


def test_tools_and_opaque_reasoning_come_back_as_they_were(file: Path) -> None:
    with open_store(file) as store:
        conversation, message = asked(store)
        answer = store.add_message(conversation, message, TOOLS)
        assert store.context(answer)[1] == TOOLS
        result = store.path(answer)[1].message.parts[3]
        assert isinstance(result, ToolResult)
        assert result.content == (Text("the glockenspiel"), emptied(picture()))
        assert [len(store.search(word)) for word in ("marimba", "glockenspiel", "read_file")] == [1, 1, 1]
        assert store.search("see") == [], "reasoning is searched nowhere"


def test_an_answer_of_calls_alone_is_part_of_what_a_model_sees(file: Path) -> None:
    with open_store(file) as store:
        conversation, message = asked(store)
        answer = store.add_message(conversation, message, Message("assistant", TOOLS.parts[2:4]))
        assert len(store.context(answer)) == 2
        empty = store.add_message(conversation, message, assistant(" "))
        assert len(store.context(empty)) == 1


def test_a_json_export_carries_everything(file: Path, tmp_path: Path) -> None:
    exported = tmp_path / "export.json"
    with open_store(file) as store:
        conversation, message = asked(store, picture(), pdf(), notes())
        answer = store.add_message(conversation, message, TOOLS)
        exported.write_bytes(to_json((dump(store, conversation),)))
        with open_store(tmp_path / "other.db") as other:
            (archived,) = read(exported, pytest.fail)
            restore(other, archived)
            assert other.tree(conversation) == store.tree(conversation)
            assert other.context(answer) == store.context(answer)
            assert count(other, "attachments") == 3
            assert to_json((dump(other, conversation),)) == exported.read_bytes()
            assert len(other.search("holiday")) == 2, "the prompt's and the tool's"


def test_an_import_that_lies_about_a_hash_is_stored_under_its_own(file: Path, tmp_path: Path) -> None:
    exported = tmp_path / "export.json"
    with open_store(None) as store:
        conversation, message = asked(store, picture())
        document = to_json((dump(store, conversation),))
    exported.write_bytes(document.replace(picture().hash.encode(), file_of(PDF, "x").hash.encode()))
    with open_store(file) as store:
        for archived in read(exported, pytest.fail):
            restore(store, archived)
        assert store.context(message)[0].parts[1] == picture()


def test_the_prompts_text_file_is_not_in_the_runs_log(file: Path) -> None:
    with open_store(file) as store:
        conversation, message = asked(store, notes())
        writer = store.begin_run("r", conversation, message, mode="instant", model="m")
        prompt = store.context(message)[0].text
        assert NOTES in prompt
        writer.add(ev.RunStarted(run="r", at=0, mode="instant", prompt=prompt, plan=ev.Plan(())))
        writer.add(ev.AnswerDelta(run="r", at=1, text="Yes."))
        writer.end()
        (started, *_) = store.run_events("r")
        assert isinstance(started, ev.RunStarted)
        assert started.prompt == "look\n\nAttached: notes.txt"


def test_a_runs_calls_and_results_are_parts_of_its_answer(file: Path) -> None:
    at: dict[str, Any] = {"run": "r", "at": 1.0}
    with open_store(file) as store:
        conversation, message = asked(store)
        writer = store.begin_run("r", conversation, message, mode="instant", model="m")
        for event in (
            ev.AgentStarted(**at, agent="a", role="answer", model="m"),
            ev.AgentStarted(**at, agent="d", role="draft", model="m"),
            ev.AnswerDelta(**at, text="I look. "),
            ev.ToolCalled(**at, agent="d", call="9", tool="calculate", arguments="{}"),
            ev.ToolFinished(**at, call="9", seconds=1, result="not the answer's"),
            ev.ToolCalled(**at, agent="a", call="1", tool="files/read", arguments='{"path":"x"}'),
            ev.ToolCalled(**at, agent="a", call="2", tool="calculate", arguments="{}"),
            ev.ToolFinished(**at, call="2", seconds=1, result="42"),
            ev.ToolFinished(**at, call="1", seconds=2, result="not allowed", denied=True),
            ev.AnswerDelta(**at, text="Forty-two."),
        ):
            writer.add(event)
            writer.flush()
        writer.end()
        answer = store.message(writer.message)
        assert answer is not None
        assert answer.message.parts == (
            Text("I look. "),
            ToolCall("1", "files__read", '{"path":"x"}'),
            ToolCall("2", "calculate", "{}"),
            ToolResult("2", "calculate", (Text("42"),)),
            ToolResult("1", "files__read", (Text("not allowed"),), error=True),
            Text("Forty-two."),
        )


def test_a_message_of_a_database_without_the_content_is_still_read(file: Path) -> None:
    with open_store(file) as store:
        _, message = asked(store, notes(), picture())
        with store.writing() as db:
            db.execute("PRAGMA defer_foreign_keys = ON")
            db.execute("DELETE FROM message_attachments")
        assert [type(part) for part in store.path(message)[0].message.parts] == [Text, File, Image]
