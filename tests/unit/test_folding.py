"""What a run's view says while the answer streams."""

from chatmodes import events as ev
from chatmodes.folding import RunView, fold


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
