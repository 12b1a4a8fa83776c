"""Every screen and state as it looks, narrow and wide, dark and light. Look at each picture before it is accepted.

The conversation comes from events with fixed times, so that nothing on it depends on how quick the machine is.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from chatmodes import events as ev
from chatmodes.messages import user
from chatmodes.providers.available.catalog import Catalog
from chatmodes.providers.available.discover import Found
from chatmodes.providers.known.profiles import load_profiles
from chatmodes.settings import Settings, home, load, private_folder
from chatmodes.store import open_store
from chatmodes.tui import Start
from chatmodes.tui.app import ChatApp
from chatmodes.tui.compare.screen import CompareScreen
from chatmodes.tui.engine import Engine
from tests.tui.chatting import MODEL, Fixed
from tests.tui.scripted import Scripted, says

SIZES = {"narrow": (60, 24), "wide": (120, 34)}
THEMES = {"dark": "chatmodes", "light": "chatmodes-light"}
USAGE = ev.Usage(120, 340, 80, 0)
ANSWER = "It is **42**.\n\n| step | value |\n|---|---|\n| 6 × 7 | 42 |\n\n```python\nprint(6 * 7)\n```\n"


@pytest.fixture(autouse=True)
def frozen_cursor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A blinking cursor is on half of the pictures."""
    monkeypatch.setattr(Input, "cursor_blink", False)


class SnapshotApp(ChatApp):
    """Runs its engine itself, since the snapshot's harness runs only the app."""

    CSS_PATH = str(Path("chatmodes/tui/chat/chat.tcss").resolve())

    async def on_load(self) -> None:
        self.run_worker(self.engine.serve())


def snapshot_app(theme: str, models: Scripted | None = None, **start: Any) -> SnapshotApp:
    settings = load({"model": MODEL, "tui": {"theme": THEMES[theme], "reduced_motion": True}})
    small = Found(
        kind="embedded", provider="local", title="SmolLM2-135M", detail="", fast="local/smol", reasoning="local/smol"
    )

    @asynccontextmanager
    async def backend(settings: Settings, base_url: str | None) -> AsyncGenerator[Fixed]:
        del base_url
        profiles = load_profiles()
        yield Fixed(models or Scripted(), settings, profiles, Catalog(profiles, settings.local), [small])

    return SnapshotApp(Engine(Start(settings, **start), backend))


def keep_conversations() -> None:
    """One conversation with every kind of answer, and two more for the list."""
    with open_store(private_folder(home("data")) / "chatmodes.db") as store:
        for title in ("Pancakes for two", "A bicycle's gears"):
            other = store.new_conversation(title)
            store.add_message(other, None, user("Well?"))
        conversation = store.new_conversation("Six times seven")
        prompt = store.add_message(conversation, None, user("What is 6 times 7?"))
        for run, mode, events in (("r1", "thinking", thinking()), ("r2", "contemplating", contemplating())):
            writer = store.begin_run(run, conversation, prompt, mode=mode, model=MODEL)
            for event in events:
                writer.add(event)
            writer.end()
            prompt = store.add_message(conversation, writer.message, user("Are you sure?"))


def thinking() -> list[ev.AnyEvent]:
    run, agent = "r1", "answer"
    slot = ev.Slot(agent, "answer", MODEL)
    return [
        ev.RunStarted(run=run, at=0.0, mode="thinking", prompt="What is 6 times 7?", plan=ev.Plan((slot,))),
        ev.AgentStarted(run=run, at=0.0, agent=agent, role="answer", model=MODEL),
        ev.ReasoningDelta(run=run, at=0.5, agent=agent, text="Six sevens are forty-two."),
        ev.AnswerDelta(run=run, at=2.0, text=ANSWER),
        ev.AgentFinished(
            run=run, at=3.0, agent=agent, usage=USAGE, finish="stop", ttft=0.5, seconds=3.0, reasoning_seconds=1.5
        ),
        ev.RunFinished(
            run=run,
            at=3.0,
            method="single",
            answer=ANSWER,
            usage=USAGE,
            cost=0.0034,
            seconds=3.0,
            planned=1,
            survived=1,
        ),
    ]


def contemplating() -> list[ev.AnyEvent]:
    run = "r2"
    slots = tuple(ev.Slot(f"a{n}", "draft", MODEL) for n in range(1, 4))
    found: list[ev.AnyEvent] = [
        ev.RunStarted(run=run, at=0.0, mode="contemplating", prompt="Are you sure?", plan=ev.Plan(slots))
    ]
    for number, (slot, said) in enumerate(zip(slots, ("42", "42", "41"), strict=True)):
        found += [
            ev.AgentStarted(run=run, at=0.0, agent=slot.agent, role="draft", model=MODEL),
            ev.TextDelta(run=run, at=1.0, agent=slot.agent, text=f"I get {said}."),
            ev.AgentFinished(
                run=run,
                at=2.0 + number,
                agent=slot.agent,
                usage=USAGE,
                finish="stop",
                ttft=1.0,
                seconds=2.0 + number,
                answer=said,
            ),
        ]
    clusters = (ev.Cluster("42", ("a1", "a2"), 2), ev.Cluster("41", ("a3",), 1))
    return [
        *found,
        ev.Agreement(run=run, at=4.0, clusters=clusters, outstanding=0),
        ev.AnswerDelta(run=run, at=4.5, text="Yes: 42."),
        ev.RunFinished(
            run=run,
            at=5.0,
            method="vote",
            answer="Yes: 42.",
            usage=USAGE,
            cost=0.0102,
            seconds=5.0,
            planned=3,
            survived=3,
            dissent=(ev.Dissent("41", ("a3",), "a minority of the drafts"),),
        ),
    ]


async def ready(pilot: Pilot[None]) -> None:
    """The conversation and everything behind it are on the screen."""
    app = pilot.app
    assert isinstance(app, ChatApp)
    for _ in range(500):
        await pilot.pause(0.02)
        chat = app.chat
        if chat.assembled and app.engine.state == "ready" and chat.sidebar.query_one("#conversations").option_count:  # pyright: ignore
            answers = [one for one in chat.session.path if one.run]
            if len(chat.session.views) == len(answers):
                break
    await pilot.pause(0.3)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_an_empty_conversation_welcomes(snap_compare: Any, size: str, theme: str) -> None:
    assert snap_compare(snapshot_app(theme), terminal_size=SIZES[size], run_before=ready)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
def test_a_conversation_with_reasoning_drafts_table_and_code(snap_compare: Any, size: str, theme: str) -> None:
    keep_conversations()
    assert snap_compare(snapshot_app(theme, resume=True), terminal_size=SIZES[size], run_before=ready)


def test_what_stands_behind_a_contemplated_answer(snap_compare: Any) -> None:
    async def opened(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("alt+o")
        await pilot.pause(0.2)

    keep_conversations()
    assert snap_compare(snapshot_app("dark", resume=True), terminal_size=(120, 44), run_before=opened)


@pytest.mark.parametrize(
    ("name", "keys"),
    [("palette", ["ctrl+p"]), ("help", ["f1"]), ("history", ["f3"]), ("delete", ["alt+d"]), ("find", ["ctrl+f", "4"])],
)
def test_what_opens_over_the_chat(
    snap_compare: Any, name: str, keys: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatmodes.tui.dialogs.history.day", lambda at: "2026-11-24")  # pyright: ignore

    async def pressed(pilot: Pilot[None]) -> None:
        await ready(pilot)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.4)

    keep_conversations()
    assert snap_compare(snapshot_app("dark", resume=True), terminal_size=(110, 32), run_before=pressed)


def comparing(models: Scripted, *keys: str) -> Any:
    """Compare blind (nothing on it then depends on how quick the machine is), wait for both answers, press the keys."""

    async def compared(pilot: Pilot[None]) -> None:
        await ready(pilot)
        assert isinstance(pilot.app, ChatApp)
        pilot.app.chat.composer.load("/blind Why do leaves fall?")
        await pilot.press("enter")
        for _ in range(500):
            await pilot.pause(0.02)
            screen = pilot.app.screen
            if isinstance(screen, CompareScreen) and len(models.calls) >= 3 and not screen.contest.running:
                break
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.4)
        await pilot.pause(0.4)

    return compared


FALL = "Trees shed leaves in autumn.\n\n- They save **water**.\n- Light is scarce.\n"


@pytest.mark.parametrize("size", SIZES)
def test_a_blind_comparison_shows_answers_and_no_names(snap_compare: Any, size: str) -> None:
    models = Scripted({MODEL: [says(FALL)]})
    assert snap_compare(snapshot_app("dark", models), terminal_size=SIZES[size], run_before=comparing(models))


@pytest.mark.parametrize("keys", [["m"], ["d"], ["p"]], ids=["maximised", "differences", "pick"])
def test_what_a_comparison_opens(snap_compare: Any, keys: list[str]) -> None:
    models = Scripted({MODEL: [says(FALL)]})
    assert snap_compare(snapshot_app("light", models), terminal_size=(110, 30), run_before=comparing(models, *keys))
