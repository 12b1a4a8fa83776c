"""What a run's view says while the answer streams."""

import re

import pytest

from chatmodes import events as ev
from chatmodes.folding import RunView, fold
from chatmodes.messages import ToolCall, ToolResult, wire_name


def test_the_answering_agent_writes_from_the_answers_first_delta() -> None:
    view = RunView()
    fold(view, ev.AgentStarted(run="r", at=0.1, agent="a1", role="draft", model="p/m"))
    fold(view, ev.AgentStarted(run="r", at=0.1, agent="answer", role="answer", model="p/m"))
    fold(view, ev.AgentWaiting(run="r", at=0.2, agent="answer", cause="loading"))
    fold(view, ev.AnswerDelta(run="r", at=1.5, text="4"))
    agent = view.agents["answer"]
    assert (agent.state, agent.note, agent.first_delta) == ("writing", "", 1.5)
    assert view.agents["a1"].state == "waiting"
    assert view.ttft == 1.5


def test_what_is_shown_again_and_again_is_counted_once_and_begins_anew_with_its_text() -> None:
    view = RunView()
    cause = ev.Error("network", "The connection was lost.", "Try again.")
    fold(view, ev.AgentStarted(run="r", at=0.0, agent="a", role="answer", model="m"))
    fold(view, ev.ReasoningDelta(run="r", at=0.1, agent="a", text="thought"))
    fold(view, ev.AgentRetrying(run="r", at=0.2, agent="a", attempt=2, wait=1.0, cause=cause))
    agent = view.agents["a"]
    assert (agent.characters, agent.reasoning_characters, agent.restarts, view.reasoner) == (0, 0, 1, None)
    fold(view, ev.ReasoningDelta(run="r", at=0.3, agent="a", text="new"))
    fold(view, ev.AnswerDelta(run="r", at=0.4, text="void"))
    fold(view, ev.AnswerRestarted(run="r", at=0.5, reason="another model"))
    fold(view, ev.AnswerDelta(run="r", at=0.6, text="answer"))
    assert (agent.reasoning_characters, view.answer_characters, view.restarts) == (3, 6, 1)
    assert (view.characters, view.reasoner, view.first_sign) == (9, agent, 0.1)


@pytest.mark.parametrize("name", ["calculate", "files/read_file", "notes/search.all", "my server/søk", "s/" + "l" * 80])
def test_a_call_that_is_kept_has_the_name_it_was_offered_by(name: str) -> None:
    view = RunView()
    fold(view, ev.ToolCalled(run="r", at=0.1, agent="a", call="c", tool=name, arguments="{}"))
    fold(view, ev.ToolFinished(run="r", at=0.2, call="c", seconds=0.1, result="found"))
    kept = [part.name for part in view.parts if isinstance(part, ToolCall | ToolResult)]
    assert kept == [wire_name(name)] * 2
    assert re.fullmatch("[A-Za-z0-9_-]{1,64}", kept[0])
    assert wire_name(kept[0]) == kept[0]
