"""Widgets on an app of their own, driven by Pilot."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Static

from chatmodes.tui.host.themes import THEMES

M = TypeVar("M", bound=Message)


class Bench(App[None]):
    """One widget under a transcript's place; keeps every message of its widgets."""

    CSS = "Bench { Static { height: 1fr; } }"

    def __init__(self, widget: Widget, theme: str = "chatmodes") -> None:
        super().__init__()
        self.widget, self.wanted = widget, theme
        self.seen: list[Message] = []

    def compose(self) -> ComposeResult:
        yield Static("")
        yield self.widget

    def on_mount(self) -> None:
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = self.wanted
        self.widget.focus()

    def keep(self, message: Message) -> None:
        # A message comes by once for each widget it bubbles through.
        if not any(message is one for one in self.seen):
            self.seen.append(message)

    def of(self, kind: type[M]) -> list[M]:
        """The messages of a kind so far."""
        return [message for message in self.seen if isinstance(message, kind)]

    def line(self, y: int) -> str:
        """What a line of the screen reads."""
        return "".join(segment.text for segment in self.screen._compositor.render_strips()[y])  # pyright: ignore[reportPrivateUsage]

    def lines(self) -> list[str]:
        """The screen, trailing blanks left out."""
        strips = self.screen._compositor.render_strips()  # pyright: ignore[reportPrivateUsage]
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


@asynccontextmanager
async def bench(
    widget: Widget, size: tuple[int, int] = (100, 24), theme: str = "chatmodes"
) -> AsyncGenerator[tuple[Bench, Pilot[None]], None]:
    """The widget on a screen of `size`, focused."""
    app = Bench(widget, theme)
    async with app.run_test(size=size, notifications=True, tooltips=True, message_hook=app.keep) as pilot:
        await pilot.pause()
        yield app, pilot


async def until(condition: Callable[[], bool], what: str = "") -> None:
    """Wait for a condition."""
    with anyio.move_on_after(60):  # Conditions on a screen have no event to wait for.
        while not condition():  # noqa: ASYNC110
            await anyio.sleep(0.01)
    assert condition(), what or "what was waited for did not come"
