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
from textual import events
from textual.pilot import Pilot

from chatmodes.folding import RunView
from chatmodes.settings import load
from chatmodes.tui import Start
from chatmodes.tui.app import ChatApp
from chatmodes.tui.backend import real_backend
from chatmodes.tui.chat.screen import TICK
from chatmodes.tui.engine import Engine
from chatmodes.tui.live_run import LiveRun
from chatmodes.tui.pictures.viewer import HalfCells

SIZE = (132, 36)
LIMIT = 240.0
"""Seconds for one answer. Five drafts on two busy cores take some thirty."""
ATTEMPTS = 5
LOOK = 0.02
"""Seconds between two looks at an answer that streams. The pilot's pause waits until nothing moves: for its end."""
MODEL = "local/SmolLM2-135M-Instruct"

Scene = Callable[[ChatApp, Pilot[None], Callable[[str], None]], Awaitable[None]]


async def until(app: ChatApp, pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Wait for the screen to have come so far."""
    with anyio.fail_after(LIMIT):
        while not condition():
            await pilot.pause(0.05)
    await pilot.pause(0.2)
    await app.animator.wait_until_complete()


async def asked(app: ChatApp, pilot: Pilot[None], prompt: str) -> LiveRun:
    """Send a prompt; its run."""
    before = set(app.chat.session.live)
    app.chat.composer.load(prompt)
    await pilot.pause(0.1)
    app.chat.composer.editor.post_message(events.Key("enter", None))
    with anyio.fail_after(LIMIT):
        while not (new := [live for id, live in app.chat.session.live.items() if id not in before]):  # noqa: ASYNC110
            await anyio.sleep(LOOK)
    return new[0]


async def catch(
    app: ChatApp, pilot: Pilot[None], prompt: str, begun: Callable[[RunView], bool], shoot: Callable[[], None]
) -> None:
    """Send a prompt and take a picture while the answer streams. One that ends too soon is asked for again."""
    for _ in range(ATTEMPTS):
        live = await asked(app, pilot, prompt)
        while not (live.view.end or begun(live.view)):  # noqa: ASYNC110 - the screen has no event for it
            await anyio.sleep(LOOK)
        await anyio.sleep(2 * TICK)
        if live.view.end is None:
            shoot()
            return
        await until(app, pilot, idle(app))
        await pilot.press("ctrl+n")
    raise RuntimeError(f"every answer ended before it could be pictured: {prompt}")


def idle(app: ChatApp) -> Callable[[], bool]:
    """Nothing is under way, names of conversations included."""
    return lambda: not app.chat.session.live


async def welcome(app: ChatApp, pilot: Pilot[None], shoot: Callable[[str], None]) -> None:
    """An empty conversation."""
    await until(app, pilot, lambda: app.chat.assembled)
    shoot("welcome")


async def instant(app: ChatApp, pilot: Pilot[None], shoot: Callable[[str], None]) -> None:
    """One call."""
    await asked(app, pilot, "List three uses of a paper clip, with one short sentence each.")
    await until(app, pilot, idle(app))
    shoot("instant")


async def thinking(app: ChatApp, pilot: Pilot[None], shoot: Callable[[str], None]) -> None:
    """A chain of thought while it streams, and folded."""

    def begun(view: RunView) -> bool:
        return any(len(agent.reasoning) > 35 for agent in view.agents.values())

    prompt = "/thinking Tom has 3 boxes with 4 apples each and eats 2 of them. How many apples are left?"
    await catch(app, pilot, prompt, begun, lambda: shoot("thinking-live"))
    await until(app, pilot, idle(app))
    shoot("thinking")


async def contemplating(app: ChatApp, pilot: Pilot[None], shoot: Callable[[str], None]) -> None:
    """Five agents while they write, and what is left of it."""

    def begun(view: RunView) -> bool:
        return sum(len(agent.text) > 40 for agent in view.agents.values()) >= 3

    prompt = "/contemplating Explain in five sentences why the sky is blue."
    await catch(app, pilot, prompt, begun, lambda: shoot("contemplating-live"))
    await until(app, pilot, idle(app))
    shoot("contemplating")
    await pilot.press("alt+o")
    await pilot.pause(0.3)
    await pilot.press("alt+up", "alt+up", "alt+up")
    await pilot.pause(0.3)
    shoot("contemplating-open")


async def pictures_attached(app: ChatApp, pilot: Pilot[None], shoot: Callable[[str], None]) -> None:
    """Pictures that hang on a prompt, and one of them looked at."""
    with tempfile.TemporaryDirectory() as folder:
        for name, draw in (("lighthouse.png", lighthouse), ("chart.png", chart)):
            path = Path(folder, name)
            draw(path)
            app.chat.composer.editor.post_message(events.Paste(str(path)))
            await until(app, pilot, lambda name=name: any(
                each.name == name and each.settled for each in app.chat.composer.shelf.attachments
            ))  # fmt: skip
        await until(app, pilot, lambda: app.chat.composer.text == "")
    app.chat.composer.insert("Which of the two shows more than the other says?")
    await pilot.press("alt+p")
    await until(app, pilot, lambda: app.screen.id == "pictures" and app.screen.query_one(HalfCells).drawn)
    shoot("picture")
    await pilot.press("escape")
    await until(app, pilot, lambda: app.screen is app.chat)
    shoot("attached")


def lighthouse(path: Path) -> None:
    """A picture of few colours, which a drawing of cells holds in few strips."""
    from PIL import Image, ImageDraw

    made = Image.new("RGB", (1200, 800), "#243b6b")
    pen = ImageDraw.Draw(made)
    for at, colour in enumerate(("#2f4f85", "#5a6fa0", "#b5798a", "#e59a6b", "#f4c27a")):
        pen.rectangle((0, 120 * at + 60, 1200, 800), fill=colour)
    pen.ellipse((760, 430, 960, 630), fill="#ffe9b0")
    pen.rectangle((0, 600, 1200, 800), fill="#1d3f5c")
    pen.polygon([(0, 800), (0, 560), (260, 520), (520, 640), (600, 800)], fill="#20232b")
    pen.polygon([(210, 540), (240, 200), (320, 200), (350, 540)], fill="#f2efe9")
    pen.rectangle((226, 320, 334, 400), fill="#c8453c")
    pen.rectangle((240, 150, 320, 200), fill="#ffd24a")
    pen.polygon([(230, 150), (280, 100), (330, 150)], fill="#c8453c")
    pen.polygon([(320, 160), (1200, 40), (1200, 220), (320, 190)], fill="#f7dfa1")
    made.save(path)


def chart(path: Path) -> None:
    """Bars, as in a report."""
    from PIL import Image, ImageDraw

    made = Image.new("RGB", (900, 600), "#ffffff")
    pen = ImageDraw.Draw(made)
    for at, height in enumerate((120, 260, 200, 420, 380)):
        pen.rectangle((80 + 160 * at, 540 - height, 180 + 160 * at, 540), fill="#3a5bc7")
    pen.line((60, 540, 860, 540), fill="#1c2024", width=4)
    made.save(path)


SCENES: tuple[Scene, ...] = (welcome, instant, thinking, contemplating, pictures_attached)


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
