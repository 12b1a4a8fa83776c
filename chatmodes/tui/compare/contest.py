"""A comparison as data: its columns and their runs, started, dropped, stopped and picked without a widget.

The screen draws what is here. Runs are read by tasks of the engine, so a column that is hidden, or a screen that is
closed, loses nothing.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import TYPE_CHECKING

from chatmodes import events as ev
from chatmodes.folding import RunView
from chatmodes.providers.calls import ProviderError
from chatmodes.settings import ConfigError
from chatmodes.store.records import Verdict
from chatmodes.tui.live_run import LiveRun
from chatmodes.tui.reading import read

if TYPE_CHECKING:
    from chatmodes.chat import Chat, Comparison
    from chatmodes.tui.engine import Engine

STOPPED = "stopped by you"
DROPPED = "its column was dropped"
PICKED = "another answer was picked"


@dataclass
class Contestant:
    """One column: a mode and a model, and the run they make."""

    letter: str
    """What it is called while its name is hidden; it keeps it when others are dropped."""
    mode: str
    model: str
    """The model's id; empty where none could be found."""
    live: LiveRun | None = None
    error: ev.Error | None = None
    """Why no run could be begun; None where one was."""

    @property
    def view(self) -> RunView:
        """The run as far as it has come; an empty one where there is none."""
        return self.live.view if self.live else _NOTHING

    @property
    def running(self) -> bool:
        """Whether its end is still to come."""
        return self.live is not None and self.live.view.end is None

    @property
    def failure(self) -> ev.Error | None:
        """Why there is no whole answer."""
        end = self.view.end
        return end.error if isinstance(end, ev.RunFailed) else self.error


_NOTHING = RunView()


def _nobody(live: LiveRun) -> None:
    """Who draws looks at the view; nobody has to be told."""


@dataclass
class Contest:
    """One prompt and who answers it."""

    engine: "Engine"
    chat: "Chat"
    """The chat in use when it began; a switch to a private conversation later does not move it."""
    conversation: str
    prompt: str
    """The stored prompt's id."""
    text: str
    blind: bool = False
    asking: Callable[[LiveRun, str], None] = field(kw_only=True)
    """Is told what a run wants to be allowed."""
    comparison: "Comparison | None" = None
    columns: list[Contestant] = field(default_factory=list[Contestant])
    model: str = ""
    """The one model chosen for every mode; empty where each has its own. A summary is asked of it."""
    topic: str = ""
    """What the picks are filed under: proposed at the next pick."""
    revealed: bool = False
    """A blind comparison's names are shown: a pick was made."""
    winner: Contestant | None = None
    verdict: Verdict | None = None
    _letters: int = 0

    @property
    def hidden(self) -> bool:
        """Whether names and figures are kept from the reader."""
        return self.blind and not self.revealed

    @property
    def running(self) -> list[Contestant]:
        """Columns whose end is still to come."""
        return [column for column in self.columns if column.running]

    async def begin(self, columns: Sequence[tuple[str, str | None]]) -> None:
        """Start every column; in a blind comparison in an order that says nothing. Raises `StoreError`."""
        order = list(columns)
        if self.blind:
            random.SystemRandom().shuffle(order)
        self.comparison = await self.chat.compare(self.prompt, [], blind=self.blind)
        for mode, model in order:
            await self.add(mode, model)

    async def add(self, mode: str, model: str | None) -> Contestant:
        """One more column, while the others run on. One that cannot begin says why. Raises `StoreError`."""
        assert self.comparison is not None, "the comparison has not begun"
        column = Contestant(self._letter(), mode, model or "")
        try:
            run = await self.chat.add_column(self.comparison, mode, model, asks=True)
        except ConfigError as error:
            column.error = ev.Error("bad_request", str(error), error.hint)
        except ProviderError as error:
            column.error = error.error
        else:
            column.model = run.model
            column.live = LiveRun(run, self.conversation, self.chat.store)
            self.engine.tasks.start_soon(column.live.read, _nobody, self.asking)
        self.columns.append(column)
        return column

    def _letter(self) -> str:
        self._letters += 1
        number = self._letters - 1
        return ascii_uppercase[number % 26] * (1 + number // 26)

    def drop(self, column: Contestant) -> None:
        """Take a column away and cancel its run, and no other. Its answer stays in the store as far as it came."""
        self.columns.remove(column)
        if column.live is not None and column.running:
            column.live.stop(DROPPED)

    def stop(self, reason: str = STOPPED, *, but: Contestant | None = None) -> bool:
        """Cancel everything under way; False where there was nothing."""
        stopped = [column for column in self.running if column is not but]
        for column in stopped:
            assert column.live is not None
            column.live.stop(reason)
        return bool(stopped)

    async def pick(self, verdict: Verdict, winner: Contestant | None, reason: str, topic: str) -> None:
        """Record what the reader thinks, in place of an earlier pick. Raises `StoreError`."""
        assert self.comparison is not None, "the comparison has not begun"
        run = winner.live.run.id if winner and winner.live else None
        await read(self.chat.store.record_pick, self.comparison.id, verdict, run, reason=reason, topic=topic)
        self.verdict, self.winner, self.revealed = verdict, winner, True

    async def settled(self) -> None:
        """Wait until what has ended is stored."""
        for column in self.columns:
            if column.live is not None and not column.running:
                await column.live.run.ended.wait()

    def best_to_go_on(self, focused: Contestant | None) -> str | None:
        """The answer that the chat goes on from where no winner was picked: the focused one if it has text, else the
        first that has; None where there is none."""
        order = sorted(self.columns, key=lambda column: column is not focused)
        for column in order:
            if column.live is not None and column.view.answer_text:
                return column.live.message
        return None
