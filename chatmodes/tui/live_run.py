"""A run under way, read into its view without touching the screen.

Reading and drawing are apart on purpose. A reader that waited for a widget to mount could be cancelled half-way and
leave a zombie behind; this one only folds, and whoever draws looks at the view when a frame is due.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatmodes.events import ToolAsking
from chatmodes.folding import RunView, fold

if TYPE_CHECKING:  # 60 ms that the first frame does without
    from collections.abc import Callable

    from chatmodes.chat import Run
    from chatmodes.store import Store


@dataclass
class LiveRun:
    """One run, as far as its events have been read."""

    run: Run
    conversation: str
    store: Store
    """Where it is kept: a private chat has another one."""
    view: RunView = field(default_factory=RunView)
    changed: bool = True
    """Something came since the last frame."""
    began: float = field(default_factory=time.monotonic)
    stopped: bool = False
    """The user asked for its end."""

    @property
    def message(self) -> str:
        """The stored answer it writes."""
        return self.run.message

    @property
    def now(self) -> float:
        """Seconds since the run began, by the clock: between two events time goes on."""
        return self.view.end.at if self.view.end else max(self.view.now, time.monotonic() - self.began)

    def stop(self, reason: str) -> None:
        """Cancel everything under way; what came is kept."""
        self.stopped = True
        self.run.cancel(reason)

    async def read(self, ended: Callable[[LiveRun], None], asking: Callable[[LiveRun, str], None]) -> None:
        """Fold events to the last one, then wait until that is stored and tell `ended`. `asking` is told the calls
        that wait for a person's word."""
        async for event in self.run.events:
            if event.run != self.run.id:
                continue
            fold(self.view, event)
            self.changed = True
            if isinstance(event, ToolAsking):
                asking(self, event.call)
        await self.run.ended.wait()
        self.changed = True
        ended(self)
