"""A run as a mode sees it: what is asked, of which models, where events go, and what has been spent."""

import hashlib
import math
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import anyio
import msgspec

from chatmodes import events as ev
from chatmodes.messages import Message, ToolCall, system
from chatmodes.modes.asking import Answer, Question, Questions
from chatmodes.modes.stopping import Stop
from chatmodes.providers.calls import NO_EXTRAS, Extras, Models
from chatmodes.settings import Settings

if TYPE_CHECKING:
    from chatmodes.tools.toolbox import Toolbox

Sink = Callable[[ev.AnyEvent], None]
"""Takes an event and returns at once; it never waits and never raises, so events can be sent while being cancelled."""


@dataclass
class Outcome:
    """How a mode got its answer."""

    method: ev.Method
    planned: int = 1
    survived: int = 1
    degraded: str | None = None
    dissent: tuple[ev.Dissent, ...] = ()


@dataclass
class RunContext:
    """One run, as a mode sees it."""

    run: str
    models: Models
    settings: Settings
    model: str
    """The answering model, `provider/model`."""
    path: tuple[Message, ...]
    """The conversation from the root to the prompt, without the system message."""
    system: str
    sink: Sink
    seed: int
    began: float = field(default_factory=time.monotonic)
    answer: list[str] = field(default_factory=list[str])
    usage: ev.Usage = ev.NO_USAGE
    cost: float | None = 0.0
    model_of: Callable[[str], str] | None = None
    """The model that each mode answers with, where the user named none for this run: Auto chooses the mode late."""
    chosen_because: str = ""
    """Why Auto chose the mode; empty where the user did."""
    allowed: float = math.inf
    """Seconds that the run may take."""
    deadline: float = math.inf
    """When the run's time is over, on the clock of `anyio.current_time`."""
    stop: Stop = field(default_factory=Stop)
    """Ends the whole run; a mode has a `Stop` of its own around what it may stop."""
    extras: Extras = NO_EXTRAS
    """What a program that calls asks for besides the settings."""
    handed_over: bool = False
    """Whether the answer is, or ends with, calls that the caller is to run."""
    open_tools: "Callable[[], Awaitable[Toolbox]] | None" = None
    """Makes the run's tools, which its agents share; None where it has none."""
    remarks: list[str] = field(default_factory=list[str])
    """What was odd about streams that the answer came of, each a sentence and once."""
    begun: bool = False
    """Whether `run_started` is out."""
    questions: Questions = field(default_factory=Questions)
    """What is asked of the person behind the run; nobody is there unless the face said so."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.settings = self.settings.in_effect()
        self._held: list[ev.AnyEvent] = []
        self._limit: Stop | None = None
        self._toolbox: Toolbox | None = None
        self._opening = anyio.Lock()
        self._paused = 0
        self._paused_at = 0.0

    @property
    def at(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    @property
    def told(self) -> bool:
        """Whether anything has been emitted, be it held back."""
        return self.begun or bool(self._held)

    @property
    def prompt(self) -> str:
        """The question under way: the last prompt's text. Behind it stand, at most, tools that were called for it."""
        return next((message.text for message in reversed(self.path) if message.role == "user"), self.path[-1].text)

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation as a model gets it: the system message first, where there is one."""
        return (system(self.system), *self.path) if self.system else self.path

    @property
    def cache_key(self) -> str:
        """What calls of this conversation have in common, for providers that keep beginnings of prompts by a key: the
        same in all its runs, and nothing that can be read."""
        beginning = f"{self.system}\0{self.path[0].text if self.path else ''}"
        return hashlib.sha256(beginning.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def emit(self, event: ev.AnyEvent) -> None:
        """Send an event on its way. Answer text is kept beside it, for the terminal event.

        What comes before `run_started` is held back and sent right behind it.
        """
        if not self.begun:
            self._held.append(event)
            return
        if isinstance(event, ev.AnswerDelta):
            self.answer.append(event.text)
        elif isinstance(event, ev.AnswerRestarted):
            self.answer.clear()
        self.sink(event)

    def remark(self, notes: Sequence[str]) -> None:
        """Keep what was odd about a stream, to be told with the answer."""
        self.remarks.extend(note for note in notes if note not in self.remarks)

    def start_clock(self) -> None:
        """The run begins now: what was imported and looked for before is no model's slowness."""
        self.began = time.monotonic()

    def begin(self, mode: str, plan: ev.Plan) -> None:
        """Tell what is about to happen: the first event of every run."""
        plan = msgspec.structs.replace(plan, seed=self.seed, reason=self.chosen_because)
        at = self.at
        self.begun = True
        self.sink(ev.RunStarted(run=self.run, at=at, mode=mode, prompt=self.prompt, plan=plan))
        for event in self._held:
            self.emit(msgspec.structs.replace(event, at=at))

    def hand_over(self, agent: str, calls: Sequence[ToolCall]) -> None:
        """Leave calls to the caller, whose tools they are; the answer ends with them."""
        self.handed_over = True
        for call in calls:
            self.emit(
                ev.ToolHandedOver(
                    run=self.run, at=self.at, agent=agent, call=call.id, tool=call.name, arguments=call.arguments,
                    opaque=call.opaque,
                )
            )  # fmt: skip

    async def toolbox(self) -> "Toolbox | None":
        """The run's tools, made when they are first asked for. Raises `ConfigError` for settings that cannot serve."""
        if self.open_tools is None:
            return None
        async with self._opening:
            if self._toolbox is None:
                self._toolbox = await self.open_tools()
            return self._toolbox

    def spend(self, usage: ev.Usage, cost: float | None) -> None:
        """Count a call, failed and cancelled ones included: what is unknown makes the total unknown."""
        self.usage += usage
        self.cost = None if self.cost is None or cost is None else self.cost + cost

    @contextmanager
    def limited(self, seconds: float) -> Generator[Stop]:
        """Give what is inside so many seconds. A person's thinking does not count."""
        self.allowed, self.deadline = seconds, anyio.current_time() + seconds
        with Stop("the run's time was over", seconds=seconds) as self._limit:
            yield self._limit

    @property
    def overdue(self) -> bool:
        """Whether the run is being ended because its time is over, and by nobody."""
        return self._limit is not None and self._limit.pulled and not self.stop.pulled

    def allow(self, seconds: float) -> None:
        """Give the run so many seconds more."""
        self.allowed += seconds
        self.deadline += seconds
        if self._limit is not None and not self._paused:
            self._limit.deadline = self.deadline

    async def ask(
        self,
        question: Question,
        *,
        known: Callable[[], Answer | None] = lambda: None,
        heard: Callable[[Answer], None] = lambda _: None,
    ) -> Answer:
        """Ask the person behind the run, and wait for the word; `asking.NOBODY` at once where nobody is there.

        Agents are asked for one after the other. `known` is looked at when the turn has come, for a word that was
        given meanwhile and settles this too; `heard` is told the word at once. What is put to the person is told as
        `tool_asking`. Cancellable; while it waits, the run's time stands still.
        """
        self._pause()
        try:
            return await self.questions.ask(question, known=known, tell=self._tell_asking, heard=heard)
        finally:
            self._go_on()

    def _tell_asking(self, question: Question) -> None:
        self.emit(ev.ToolAsking(run=self.run, at=self.at, call=question.call, tool=question.tool, scope=question.scope))

    def _pause(self) -> None:
        if not self._paused:
            self._paused_at = anyio.current_time()
            if self._limit is not None:
                self._limit.deadline = math.inf
        self._paused += 1

    def _go_on(self) -> None:
        self._paused -= 1
        if not self._paused and self._limit is not None:
            self.deadline += anyio.current_time() - self._paused_at
            self._limit.deadline = self.deadline

    def cancel(self, reason: str = "cancelled") -> None:
        """Stop everything under way; the run ends with `run_cancelled`."""
        self.stop.cancel(reason)
