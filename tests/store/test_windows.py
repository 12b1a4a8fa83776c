"""Several windows on one database: they see each other's messages, keep their own drafts, and survive one another."""

import os
from pathlib import Path

import pytest

from chatmodes import events as ev
from chatmodes.messages import user
from chatmodes.store import Store, open_store
from tests.store.processes import all_succeeded, kill, start


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "chatmodes.db"


def version(store: Store, conversation: str) -> int:
    found = store.conversation(conversation)
    assert found is not None
    return found.version


def test_a_window_sees_that_another_has_written_and_where(file: Path) -> None:
    with open_store(file) as store:
        here, there = store.new_conversation(), store.new_conversation()
        seen = store.data_version()
        assert store.data_version() == seen, "asking is no writing"
        versions = version(store, here), version(store, there)
        assert all_succeeded([start(lambda: say(file, there))])
        assert store.data_version() != seen
        assert version(store, here) == versions[0]
        assert version(store, there) > versions[1]
        assert [m.message.text for m in store.tree(there)] == ["from elsewhere"]


def say(file: Path, conversation: str) -> None:
    with open_store(file) as store:
        store.add_message(conversation, None, user("from elsewhere"))


@pytest.mark.parametrize("change", ["rename", "configure", "set_leaf", "delete_message", "undelete", "answer", "pin"])
def test_every_change_of_a_conversation_counts(file: Path, change: str) -> None:
    with open_store(file) as store:
        conversation = store.new_conversation()
        first = store.add_message(conversation, None, user("first"))
        store.add_message(conversation, first, user("second"))
        entry = store.delete_message(store.add_message(conversation, first, user("third")))
        writer = store.begin_run("r", conversation, first, mode="instant", model="m", leaf=False)
        writer.add(ev.AnswerDelta(run="r", at=0, text="x"))
        before = version(store, conversation)
        match change:
            case "rename":
                store.rename(conversation, "Title")
            case "configure":
                store.configure(conversation, mode="thinking")
            case "set_leaf":
                store.set_leaf(conversation, first)
            case "delete_message":
                store.delete_message(first)
            case "undelete":
                store.undelete(entry)
            case "answer":
                writer.end()
            case _:
                store.pin(conversation)
        assert version(store, conversation) > before


def test_a_conversation_remembers_what_it_goes_on_with(file: Path) -> None:
    with open_store(file) as store:
        conversation = store.new_conversation()
        store.configure(conversation, mode="thinking", model="p/m", settings={"temperature": 0.2, "stop": ["x"]})
        store.configure(conversation, tags=["maths", "school", "maths"])
        store.configure(conversation, mode="")
    with open_store(file) as store:
        found = store.conversation(conversation)
        assert found is not None
        assert (found.mode, found.model, found.tags) == ("", "p/m", ("maths", "school"))
        assert found.settings == {"temperature": 0.2, "stop": ["x"]}


def test_drafts_belong_to_their_window_until_it_has_ended(file: Path) -> None:
    with open_store(file) as one, open_store(file) as other:
        one.save_draft("", "typed in the first")
        other.save_draft("c", "typed in the second")
        assert (one.draft(""), one.draft("c")) == ("typed in the first", "")
        assert (other.draft(""), other.draft("c")) == ("", "typed in the second")
        one.save_draft("", "")
        assert one.draft("") == "", "what was sent does not come back"
        one.save_draft("", "typed again")
    with open_store(file) as third, open_store(file) as fourth:
        assert third.draft("") == "typed again"
        assert fourth.draft("") == "", "only one of them takes it over"
        assert third.draft("") == "typed again"
        third.save_draft("", "")
        assert (third.draft(""), fourth.draft("")) == ("", "")


def test_a_draft_of_a_window_that_was_killed_is_taken_over(file: Path) -> None:
    open_store(file).close()
    ready, told = os.pipe()
    child = start(lambda: type_and_wait(file, told))
    assert os.read(ready, 1) == b"x"
    with open_store(file) as store:
        assert store.draft("") == "", "it lives"
        kill(child)
        assert store.draft("") == "typed before the end"


def type_and_wait(file: Path, told: int) -> None:
    store = open_store(file)
    store.save_draft("", "typed before the end")
    os.write(told, b"x")
    os.read(os.pipe()[0], 1)


def test_two_windows_and_a_third_that_is_killed(file: Path) -> None:
    with open_store(file) as one, open_store(file) as two:
        conversation = one.new_conversation()
        prompt = one.add_message(conversation, None, user("apple"))
        ready, told = os.pipe()
        third = start(lambda: stream_and_wait(file, conversation, prompt, told))
        assert os.read(ready, 1) == b"x"
        writer = two.begin_run("theirs", conversation, prompt, mode="instant", model="m")
        kill(third)
        with open_store(file) as fourth:
            one.tend()
            for store in (one, two, fourth):
                run = store.run("third")
                assert run is not None
                assert run.status == "cut"
                assert [hit.role for hit in store.search("pear")] == ["assistant"]
        writer.add(ev.AnswerDelta(run="theirs", at=0, text="an apple a day"))
        writer.end()
        assert len(one.search("apple")) == 2
        assert one.delete_message(prompt)
        assert two.tree(conversation) == []


def stream_and_wait(file: Path, conversation: str, prompt: str, told: int) -> None:
    store = open_store(file)
    writer = store.begin_run("third", conversation, prompt, mode="instant", model="m")
    writer.add(ev.AnswerDelta(run="third", at=0, text="a pear, half "))
    writer.flush()
    os.write(told, b"x")
    os.read(os.pipe()[0], 1)
