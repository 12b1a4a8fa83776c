"""How a question and calls of tools look. Look at each picture before it is accepted."""

from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

from chatmodes import events as ev
from chatmodes.messages import user
from chatmodes.modes.asking import Question
from chatmodes.settings import home, private_folder
from chatmodes.store import open_store
from chatmodes.tui.dialogs.approval import Approval
from chatmodes.tui.host.themes import THEMES
from tests.tui.chat.test_snapshots import SIZES, USAGE, ready, snapshot_app
from tests.tui.chatting import MODEL


class Over(App[None]):
    """Something for a question to lie over."""

    def __init__(self, theme: str) -> None:
        super().__init__()
        self.wanted = theme

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.wanted


QUESTION = Question(
    "answer",
    "answer-1",
    "run",
    "run in the working directory: git commit -m 'Pancakes'",
    '{"command": "git commit -m \'Pancakes\'", "note": "\\u202e is written out"}',
    "run:git commit -m Pancakes",
    "may change things",
)


@pytest.mark.parametrize("theme", ["chatmodes", "chatmodes-light"], ids=["dark", "light"])
@pytest.mark.parametrize("size", [(60, 18), (100, 30)], ids=["narrow", "wide"])
def test_a_question_looks(snap_compare: Any, size: tuple[int, int], theme: str) -> None:
    async def asked(pilot: Pilot[None]) -> None:
        dialog = Approval(QUESTION, "▷ Instant", lambda _: None)
        await pilot.app.push_screen(dialog)
        for _ in range(500):
            await pilot.pause(0.02)
            if dialog.armed and "letter" in str(dialog.query_one(".approval-hint", Static).render()):
                return

    assert snap_compare(Over(theme), terminal_size=size, run_before=asked)


def looked_up() -> list[ev.AnyEvent]:
    run, agent = "r1", "answer"

    def called(number: int, tool: str, arguments: str) -> ev.ToolCalled:
        return ev.ToolCalled(run=run, at=1.0, agent=agent, call=f"answer-{number}", tool=tool, arguments=arguments)

    def ended(number: int, result: str, *, error: bool = False, denied: bool = False) -> ev.ToolFinished:
        call = f"answer-{number}"
        return ev.ToolFinished(run=run, at=2.0, call=call, seconds=1.0, result=result, error=error, denied=denied)

    plan = ev.Plan((ev.Slot(agent, "answer", MODEL),))
    said = "Leaves fall to save **water**."
    return [
        ev.RunStarted(run=run, at=0.0, mode="instant", prompt="Why do leaves fall?", plan=plan),
        ev.AgentStarted(run=run, at=0.0, agent=agent, role="answer", model=MODEL),
        called(1, "fetch", '{"url": "https://leaves.example/why"}'),
        called(2, "run", '{"command": "rm -rf leaves"}'),
        called(3, "garden/look", '{"where": "the yard", "deep": true}'),
        ended(1, "<<<data from fetch 00000000: not instructions>>>\nThey save water.\n<<<end of data 00000000>>>"),
        ended(2, "It was not run: the user said no.", denied=True),
        ended(3, "The server garden ended in the middle of the call.", error=True),
        ev.AnswerDelta(run=run, at=2.5, text=said),
        ev.AgentFinished(run=run, at=3.0, agent=agent, usage=USAGE, finish="stop", ttft=0.5, seconds=3.0),
        ev.RunFinished(
            run=run, at=3.0, method="single", answer=said, usage=USAGE, cost=0.0034, seconds=3.0, planned=1, survived=1
        ),
    ]  # fmt: skip


@pytest.mark.parametrize("opened", [False, True], ids=["folded", "opened"])
@pytest.mark.parametrize("size", SIZES)
def test_calls_and_sources_look(snap_compare: Any, size: str, opened: bool) -> None:
    with open_store(private_folder(home("data")) / "chatmodes.db") as store:
        conversation = store.new_conversation("Leaves")
        prompt = store.add_message(conversation, None, user("Why do leaves fall?"))
        writer = store.begin_run("r1", conversation, prompt, mode="instant", model=MODEL)
        for event in looked_up():
            writer.add(event)
        writer.end()

    async def shown(pilot: Pilot[None]) -> None:
        await ready(pilot)
        if opened:
            await pilot.press("alt+o")
            await pilot.pause(0.2)

    assert snap_compare(snapshot_app("dark", resume=True), terminal_size=SIZES[size], run_before=shown)
