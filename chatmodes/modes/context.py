"""A run as a mode sees it: what is asked, of which models, where events go, and what has been spent."""

import math
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random

import anyio
import msgspec

from chatmodes import events as ev
from chatmodes.messages import Message, system
from chatmodes.modes.asking import Answer, Question, Questions
from chatmodes.modes.base import ModelOf
from chatmodes.providers.calls import Models
from chatmodes.settings import Settings

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
    cancel_reason: str = "cancelled"
    """Why `scope` was cancelled, for the agents' and the run's last events."""
    stop_reason: str = ""
    """Why the mode itself stops some of its agents, for their last events."""
    model_of: ModelOf | None = None
    """The model that each mode answers with, where the user named none for this run: Auto chooses the mode late."""
    chosen_because: str = ""
    """Why Auto chose the mode; empty where the user did."""
    deadline: float = math.inf
    """When the run's time is over, on the clock of `anyio.current_time`."""
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    begun: bool = False
    """Whether `run_started` is out."""
    questions: Questions = field(default_factory=Questions)
    """What is asked of the person behind the run; nobody is there unless the face said so."""

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.settings = self.settings.in_effect()
        self._held: list[ev.AnyEvent] = []
        self._limit: anyio.CancelScope | None = None
        self._paused = 0
        self._paused_at = 0.0

    @property
    def at(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self.began

    @property
    def prompt(self) -> str:
        """The question under way: the last message's text."""
        return self.path[-1].text

    @property
    def messages(self) -> tuple[Message, ...]:
        """The conversation as a model gets it: the system message first, where there is one."""
        return (system(self.system), *self.path) if self.system else self.path

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

    def begin(self, mode: str, plan: ev.Plan) -> None:
        """Tell what is about to happen: the first event of every run."""
        plan = msgspec.structs.replace(plan, seed=self.seed, reason=self.chosen_because)
        at = self.at
        self.begun = True
        self.sink(ev.RunStarted(run=self.run, at=at, mode=mode, prompt=self.prompt, plan=plan))
        for event in self._held:
            self.emit(msgspec.structs.replace(event, at=at))

    def spend(self, usage: ev.Usage, cost: float | None) -> None:
        """Count a call, failed and cancelled ones included: what is unknown makes the total unknown."""
        self.usage += usage
        self.cost = None if self.cost is None or cost is None else self.cost + cost

    @property
    def ending(self) -> str:
        """Why an agent that is being cancelled is."""
        if self.scope.cancel_called or not self.stop_reason:
            return self.cancel_reason if anyio.current_time() < self.deadline else "the run's time was over"
        return self.stop_reason

    @contextmanager
    def limited(self, seconds: float) -> Generator[anyio.CancelScope]:
        """Give what is inside so many seconds. A person's thinking does not count."""
        self.deadline = anyio.current_time() + seconds
        with anyio.CancelScope(deadline=self.deadline) as self._limit:
            yield self._limit

    async def ask(self, question: Question, *, known: Callable[[], Answer | None] = lambda: None) -> Answer:
        """Ask the person behind the run, and wait for the word; `asking.NOBODY` at once where nobody is there.

        Agents are asked for one after the other. `known` is looked at when the turn has come, for a word that was
        given meanwhile and settles this too. What is put to the person is told as `tool_asking`. Cancellable; while it
        waits, the run's time stands still.
        """
        self._pause()
        try:
            return await self.questions.ask(question, known=known, tell=self._tell_asking)
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
        self.cancel_reason = reason
        self.scope.cancel()
