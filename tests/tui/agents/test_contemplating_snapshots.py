"""Contemplating as it looks at every size, in a conversation under way: while drafts come, and while they are
reconciled. Events with fixed times stand in for the run, so that no picture depends on how quick the machine is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from chatmodes import events as ev
from chatmodes.folding import RunView, fold
from chatmodes.messages import assistant, user
from chatmodes.settings import home, private_folder
from chatmodes.store import open_store
from chatmodes.tui.app import ChatApp
from chatmodes.tui.live_run import LiveRun
from tests.tui.chat.test_snapshots import USAGE, ready, snapshot_app
from tests.tui.chatting import MODEL

SIZES = {"60x20": (60, 20), "80x24": (80, 24), "120x36": (120, 36), "200x60": (200, 60)}
RUN = "r1"
BUSY = ev.Error("rate_limit", "Too many requests.", "Wait.", 429)
THOUGHT = "The lighthouse stands on the rock, the tide comes in twice a day, and the keeper rows only by daylight. "


@dataclass
class Told:
    """Stands in for a run under way, of which the screen asks no more than this."""

    model: str = MODEL
    message: str = "under-way"
    unsaved: None = None
    questions: None = None

    def cancel(self, reason: str) -> None:
        """Nothing is under way that could end."""


class Paused(LiveRun):
    """A run at a fixed moment."""

    @property
    def now(self) -> float:
        return 12.3


def drafting() -> list[ev.AnyEvent]:
    """Five agents: one done, two writing, one that reasons, one that waits to be asked again."""
    agents = [f"a{number}" for number in range(1, 6)]
    slots = tuple(ev.Slot(agent, "draft", MODEL) for agent in agents)
    plan = ev.Plan(slots, max_tokens=52_000, max_cost=0.1234)
    return [
        ev.RunStarted(run=RUN, at=0.0, mode="contemplating", prompt="When does the keeper row?", plan=plan),
        *(ev.AgentStarted(run=RUN, at=0.1, agent=agent, role="draft", model=MODEL) for agent in agents),
        *(ev.TextDelta(run=RUN, at=1.0, agent=agent, text=f"{THOUGHT}{agent} counts on.") for agent in agents[:3]),
        ev.ReasoningDelta(run=RUN, at=1.5, agent="a4", text=THOUGHT * 3),
        ev.AgentRetrying(run=RUN, at=9.0, agent="a5", attempt=2, wait=8.0, cause=BUSY),
        *finished("a1", 8.0, "at noon"),
    ]


def finished(agent: str, at: float, answer: str) -> Sequence[ev.AnyEvent]:
    told = ev.AgentFinished(
        run=RUN, at=at, agent=agent, usage=USAGE, finish="stop", ttft=1.0, seconds=at - 0.1, answer=answer
    )
    return [told]


def reconciling() -> list[ev.AnyEvent]:
    """The drafts are in, and do not agree; the answer is being written."""
    clusters = (ev.Cluster("at noon", ("a1", "a2", "a3"), 3), ev.Cluster("at dusk", ("a4",), 1))
    return [
        *drafting(),
        *finished("a2", 9.0, "at noon"),
        *finished("a3", 9.5, "at noon"),
        *finished("a4", 10.0, "at dusk"),
        ev.AgentFailed(run=RUN, at=10.5, agent="a5", error=BUSY),
        ev.Agreement(run=RUN, at=10.5, clusters=clusters, outstanding=0),
        ev.AgentStarted(run=RUN, at=11.0, agent="reconcile", role="reconcile", model=MODEL),
        ev.AnswerDelta(run=RUN, at=12.0, text="At **noon**: four of the five drafts were read, and three agree."),
    ]


def shown_at(events: list[ev.AnyEvent]) -> Any:
    """Wait for the conversation, then put the run under its last prompt, as far as the events tell it."""

    async def put(pilot: Pilot[None]) -> None:
        await ready(pilot)
        assert isinstance(pilot.app, ChatApp)
        chat = pilot.app.chat
        view = RunView()
        for event in events:
            fold(view, event)
        live = Paused(cast(Any, Told()), chat.session.conversation or "", chat.engine.store, view)
        chat.session.live[live.message] = live
        for _ in range(3):  # the panes are mounted, then get the room that is blank
            chat.actions.answering.frame()
            await pilot.pause(0.2)

    return put


def conversation() -> None:
    with open_store(private_folder(home("data")) / "chatmodes.db") as store:
        made = store.new_conversation("The lighthouse")
        prompt = store.add_message(made, None, user("What stands on the rock?"))
        answer = store.add_message(made, prompt, assistant("A lighthouse.\n\n" + "\n\n".join([THOUGHT] * 4)))
        store.add_message(made, answer, user("When does the keeper row?"))
        store.configure(made, mode="contemplating")


@pytest.mark.parametrize("phase", [drafting, reconciling], ids=["drafting", "reconciling"])
@pytest.mark.parametrize("size", SIZES)
def test_contemplating_at_every_size(snap_compare: Any, size: str, phase: Any) -> None:
    conversation()
    app = snapshot_app("dark", resume=True)
    assert snap_compare(app, terminal_size=SIZES[size], run_before=shown_at(phase()))
