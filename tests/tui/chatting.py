"""The chat over scripted models: real app, real engine, real store, no network."""

from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import anyio
from textual.pilot import Pilot

from chatmodes.providers.available.catalog import Catalog
from chatmodes.providers.available.discover import Found
from chatmodes.providers.known.profiles import Profile, load_profiles
from chatmodes.settings import Settings, load
from chatmodes.tui import Start
from chatmodes.tui.app import ChatApp
from chatmodes.tui.backend import Backend
from chatmodes.tui.chat.screen import ChatScreen
from chatmodes.tui.engine import Engine
from tests.tui.scripted import Scripted

MODEL = "openai/gpt-5"


@dataclass
class Chatting:
    """A running chat, and the ways a test looks at it."""

    app: ChatApp
    pilot: Pilot[None]
    models: Scripted

    @property
    def screen(self) -> ChatScreen:
        return self.app.chat

    def lines(self) -> list[str]:
        """What is on the screen, as text."""
        size = self.app.size
        strips = self.app.screen._compositor.render_strips(size)  # pyright: ignore[reportPrivateUsage] - no public way
        return [strip.text for strip in strips]

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines())

    async def until(self, condition: Callable[[], object], what: str = "") -> None:
        """Wait for something to become true, never for a time."""
        try:
            with anyio.fail_after(60):
                while not condition():
                    await self.pilot.pause(0.01)
        except TimeoutError:
            raise AssertionError(f"waited in vain for {what or condition}; the screen shows:\n{self.text()}") from None

    async def sees(self, *texts: str) -> None:
        for text in texts:
            await self.until(partial(self._shows, text), repr(text))

    def _shows(self, text: str) -> bool:
        shown = self.text()
        # A sentence may be wrapped, and a long path in the middle of a name: what stands right of the sidebar's edge is
        # read as one.
        flowing = "".join(line.rpartition("▎")[2] for line in shown.split("\n"))
        return text in shown or _unspaced(text) in _unspaced(flowing)

    async def gone(self, text: str) -> None:
        await self.until(lambda: text not in self.text(), f"{text!r} to go")

    async def type(self, text: str) -> None:
        """Put text into the composer as a paste would, without its judging of bursts."""
        self.screen.composer.load(text)
        await self.pilot.pause()

    async def send(self, text: str) -> None:
        await self.type(text)
        await self.pilot.press("enter")
        await self.pilot.pause()

    async def idle(self) -> None:
        await self.until(lambda: not self.screen.session.live and not self.screen.session.queue, "idleness")
        await self.pilot.pause()


def _unspaced(text: str) -> str:
    return "".join(text.split())


@cache
def shipped_profiles() -> dict[str, Profile]:
    """The providers as they ship: the table takes longer to read than a chat to begin."""
    return load_profiles()


@asynccontextmanager
async def chatting(
    models: Scripted | None = None,
    *,
    size: tuple[int, int] = (100, 30),
    found: Iterable[Found] = (),
    flags: dict[str, Any] | None = None,
    gate: anyio.Event | None = None,
    **start: Any,
) -> AsyncGenerator[Chatting]:
    """Open the chat. With a `gate` the engine waits for it, as it does for slow imports."""
    models = models or Scripted()
    settings = load({"model": MODEL, **(flags or {})})

    @asynccontextmanager
    async def backend(settings: Settings, base_url: str | None) -> AsyncGenerator[Backend]:
        del base_url
        if gate is not None:
            await gate.wait()
        profiles = dict(shipped_profiles())
        yield Fixed(models, settings, profiles, Catalog(profiles, settings.local), list(found))

    engine = Engine(Start(settings, **start), backend)
    app = ChatApp(engine)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(engine.serve)
        async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
            chat = Chatting(app, pilot, models)
            await chat.until(lambda: app.chat.assembled, "the parts of the screen")
            if gate is None:
                await chat.until(lambda: engine.state != "starting", "the engine")
                await pilot.pause()
            try:
                yield chat
            finally:
                engine.close()


class Fixed(Backend):
    """A backend that finds what the test says, and knows its prices when it says so."""

    async def warm_prices(self) -> None:
        assert isinstance(self.models, Scripted)
        await self.models.warm_prices()

    async def look_around(self) -> list[Found]:
        return self.found
