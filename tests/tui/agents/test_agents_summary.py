"""A run of agents in one line."""

import msgspec

from chatmodes import events as ev
from chatmodes.folding import RunView
from chatmodes.tui.agents.summary import summary_line
from tests.tui import runs


def finished_run(**end: object) -> RunView:
    dissent = ev.Dissent("41", ("a5",), "arithmetic slip")
    events = runs.started(5)
    for number in range(1, 6):
        agent = f"a{number}"
        events += [
            runs.text(agent, f"Draft {number}:\n[bold]six[/] times seven"),
            runs.finished(agent, "41" if number == 5 else "42"),
        ]
    events.append(runs.agreement(0, _42=("a1", "a2", "a3", "a4"), _41=("a5",)))
    events.append(msgspec.structs.replace(runs.ended(dissent=[dissent]), **end))
    return runs.view_of(events)


def test_one_line_says_how_many_agreed_and_what_it_took() -> None:
    assert summary_line(finished_run()).plain == "5 agents · 4 agree on 42 · 12.3 s · 1,420 tokens · $0.0020"


def test_what_is_missing_is_said() -> None:
    events = [*runs.started(3), runs.finished("a1", "1"), runs.finished("a2", "2")]
    events.append(ev.AgentFailed(run="r1", at=2.0, agent="a3", error=ev.Error("timeout", "No answer in time.")))
    events.append(runs.agreement(0, _1=("a1",), _2=("a2",)))
    events.append(msgspec.structs.replace(runs.ended(), method="synthesis", usage=ev.Usage(), cost=None))
    assert summary_line(runs.view_of(events)).plain == (
        "2 of 3 agents · no two agree · reconciled · 12.3 s · tokens unknown · cost unknown"
    )


def test_a_run_that_was_stopped_says_so() -> None:
    end = ev.RunCancelled(run="r1", at=3.0, reason="you pressed Esc", seconds=3.0)
    assert "0 of 2 agents · stopped · 3.0 s" in summary_line(runs.view_of([*runs.started(2), end])).plain
