"""What is told of calls outside the chat: on stderr, and in an exported page."""

import pytest

from chatmodes.cli.narration import Narrator
from chatmodes.events import RunFinished
from chatmodes.exporting import page
from chatmodes.messages import user
from chatmodes.store import open_store
from tests.tui.chat.test_tool_snapshots import looked_up
from tests.tui.chatting import MODEL


def test_calls_and_sources_are_narrated(capsys: pytest.CaptureFixture[str]) -> None:
    narrator = Narrator(quiet=False, reasoning=False)
    for event in looked_up():
        narrator.tell(event)
        if isinstance(event, RunFinished):
            narrator.end(event)
    told = capsys.readouterr().err
    assert "fetch" in told
    assert "was not run" in told
    assert "Sources: https://leaves.example/why" in told


def test_an_exported_page_has_the_calls_word_for_word() -> None:
    with open_store(None) as store:
        conversation = store.new_conversation("Leaves")
        prompt = store.add_message(conversation, None, user("Why?"))
        writer = store.begin_run("r1", conversation, prompt, mode="instant", model=MODEL)
        for event in looked_up():
            writer.add(event)
        writer.end()
        found = store.conversation(conversation)
        assert found
        made = page(store, found)
    assert "fetch called by answer" in made
    assert "run not run by answer" in made
    assert "They save water." in made
    assert "rm -rf leaves" in made
