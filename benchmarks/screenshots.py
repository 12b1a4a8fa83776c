"""The README's pictures, made from the real program: `python benchmarks/screenshots.py [FOLDER]`.

The embedded model answers, so the texts differ a little from one run to the next; that it is often wrong is part of the
picture. Nothing of the user's is read or written: the conversations live in a folder that is thrown away.
"""

import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import anyio
from textual.pilot import Pilot

from chatmodes.settings import load
from chatmodes.tui import Start
from chatmodes.tui.app import ChatApp
from chatmodes.tui.backend import real_backend
from chatmodes.tui.engine import Engine

SIZE = (132, 36)
LIMIT = 240.0
"""Seconds for one answer. Five drafts on two busy cores take some thirty."""
MODEL = "local/SmolLM2-135M-Instruct"

Scene = Callable[[ChatApp, Pilot[None], Callable[[str], None]], Awaitable[None]]


async def until(app: ChatApp, pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Wait for the screen to have come so far."""
    with anyio.fail_after(LIMIT):
        while not condition():
            await pilot.pause(0.05)
    await pilot.pause(0.2)
    await app.animator.wait_until_complete()


async def ask(app: ChatApp, pilot: Pilot[None], prompt: str) -> None:
    """Send a prompt."""
    app.chat.composer.load(prompt)
    await pilot.pause(0.1)
    await pilot.press("enter")
    await until(app, pilot, lambda: app.chat.session.live)


def idle(app: ChatApp) -> Callable[[], bool]:
    """Nothing is under way, names of conversations included."""
    return lambda: not app.chat.session.live


async def welcome(app: ChatApp, pilot: Pilot[None], shoot: Callable[[str], None]) -> None:
    """An empty conversation."""
    await until(app, pilot, lambda: app.chat.assembled)
    shoot("welcome")


async def instant(app: ChatApp, pilot: Pilot[None], shoot: Callable[[str], None]) -> None:
    """One call."""
    await ask(app, pilot, "List three uses of a paper clip, with one short sentence each.")
    await until(app, pilot, idle(app))
    shoot("instant")


async def thinking(app: ChatApp, pilot: Pilot[None], shoot: Callable[[str], None]) -> None:
    """A chain of thought while it streams, and folded."""
    await ask(app, pilot, "/thinking Tom has 3 boxes with 4 apples each and eats 2 of them. How many apples are left?")
    live = next(iter(app.chat.session.live.values()))
    await until(app, pilot, lambda: live.view.end or any(len(a.reasoning) > 35 for a in live.view.agents.values()))
    shoot("thinking-live")
    await until(app, pilot, idle(app))
    shoot("thinking")


async def contemplating(app: ChatApp, pilot: Pilot[None], shoot: Callable[[str], None]) -> None:
    """Five agents while they write, and what is left of it."""
    await ask(app, pilot, "/contemplating Explain in five sentences why the sky is blue.")
    live = next(iter(app.chat.session.live.values()))
    await until(app, pilot, lambda: live.view.end or sum(len(a.text) > 20 for a in live.view.agents.values()) >= 3)
    shoot("contemplating-live")
    await until(app, pilot, idle(app))
    shoot("contemplating")
    await pilot.press("alt+o")
    await pilot.pause(0.3)
    await pilot.press("alt+up", "alt+up", "alt+up")
    await pilot.pause(0.3)
    shoot("contemplating-open")


SCENES: tuple[Scene, ...] = (welcome, instant, thinking, contemplating)


async def play(folder: Path, theme: str, suffix: str, scenes: tuple[Scene, ...]) -> None:
    """Play scenes in one conversation list, each in a conversation of its own."""
    caps = {"instant": {"max_tokens": 200}, "thinking": {"max_tokens": 400}, "contemplating": {"max_tokens": 160}}
    settings = load({"model": MODEL, "tui": {"theme": theme, "reduced_motion": True}, **caps})
    engine = Engine(Start(settings), real_backend)
    app = ChatApp(engine)

    def shoot(name: str) -> None:
        path = folder / f"{name}{suffix}.svg"
        path.write_text(app.export_screenshot(title="chatmodes"), encoding="utf-8")
        print(path)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(engine.serve)
        async with app.run_test(size=SIZE, notifications=True, tooltips=True) as pilot:
            await until(app, pilot, lambda: engine.state != "starting")
            for scene in scenes:
                await pilot.press("ctrl+n")
                await pilot.pause(0.3)
                await scene(app, pilot, shoot)
            engine.close()


async def main(folder: Path) -> None:
    """All pictures in the dark, some in the light."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["CHATMODES_HOME"] = home
        await play(folder, "chatmodes", "", SCENES)
        await play(folder, "chatmodes-light", "-light", (contemplating,))


if __name__ == "__main__":
    chosen = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")
    chosen.mkdir(parents=True, exist_ok=True)
    anyio.run(main, chosen)
