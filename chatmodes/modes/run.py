"""What every mode runs inside: the clock, the event sink, and the promise of exactly one terminal event.

A mode is a coroutine function that emits events and returns an `Outcome`, or raises `ProviderError`. It never emits a
terminal event itself: `conduct` does, whatever happens, so that no reader of a run is ever left waiting.
"""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

import anyio

from chatmodes import events as ev
from chatmodes.messages import Message, system
from chatmodes.modes.unexpected import described
from chatmodes.providers.calls import Models, ProviderError
from chatmodes.settings import ConfigError, Settings

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
    model_of: Callable[[str], str] | None = None
    """The model that each mode answers with, where the user named none for this run: Auto chooses the mode late."""
    chosen_because: str = ""
    """Why Auto chose the mode; empty where the user did."""
    deadline: float = math.inf
    """When the run's time is over, on the clock of `anyio.current_time`."""
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)

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
        """Send an event on its way. Answer text is kept beside it, for the terminal event."""
        if isinstance(event, ev.AnswerDelta):
            self.answer.append(event.text)
        elif isinstance(event, ev.AnswerRestarted):
            self.answer.clear()
        self.sink(event)

    def begin(self, mode: str, plan: ev.Plan) -> None:
        """Tell what is about to happen: the first event of every run."""
        self.emit(ev.RunStarted(run=self.run, at=self.at, mode=mode, prompt=self.prompt, plan=plan))

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

    def cancel(self, reason: str = "cancelled") -> None:
        """Stop everything under way; the run ends with `run_cancelled`."""
        self.cancel_reason = reason
        self.scope.cancel()


Mode = Callable[[RunContext], Awaitable[Outcome]]
"""A strategy. Emits `run_started` first, then its agents' events, and returns how the answer came about."""


async def conduct(mode: Mode, ctx: RunContext) -> ev.Terminal:
    """Run a mode to its one terminal event, which is emitted and returned.

    Fails only by emitting `run_failed`; a cancellation from outside is passed on after `run_cancelled` was emitted.
    """
    timeout = ctx.settings.timeouts.run or math.inf
    ctx.deadline = anyio.current_time() + timeout
    deadline = anyio.CancelScope(deadline=ctx.deadline)
    terminal: ev.Terminal | None = None
    try:
        with ctx.scope, deadline:
            terminal = await _terminal_of(mode, ctx)
        if terminal is None and deadline.cancelled_caught:
            terminal = _failed(ctx, _too_long(timeout))
    except Exception as error:  # noqa: BLE001 - the edge of a run: a bug in one must not end the others and the screen
        terminal = _failed(ctx, described(error))
    finally:
        if terminal is None:
            terminal = _cancelled(ctx)
        ctx.emit(terminal)
    return terminal


async def _terminal_of(mode: Mode, ctx: RunContext) -> ev.Terminal:
    try:
        outcome = await mode(ctx)
    except ProviderError as error:
        return _failed(ctx, error.error)
    except ConfigError as error:  # a prompt file of the user's own that cannot serve
        return _failed(ctx, ev.Error("bad_request", str(error), error.hint))
    answer = "".join(ctx.answer)
    if not answer.strip():
        return _failed(ctx, ev.Error("empty", "The model sent an empty answer.", "Ask again, or try another model."))
    at = ctx.at
    return ev.RunFinished(
        run=ctx.run,
        at=at,
        method=outcome.method,
        answer=answer,
        usage=ctx.usage,
        cost=ctx.cost,
        seconds=at,
        planned=outcome.planned,
        survived=outcome.survived,
        degraded=outcome.degraded,
        dissent=outcome.dissent,
    )


def _too_long(timeout: float) -> ev.Error:
    return ev.Error(
        "timeout",
        f"The run took longer than its limit of {timeout:g} seconds.",
        "Raise timeouts.run in the settings, or use a quicker model.",
    )


def _failed(ctx: RunContext, error: ev.Error) -> ev.RunFailed:
    at, partial = ctx.at, "".join(ctx.answer)
    return ev.RunFailed(run=ctx.run, at=at, error=error, usage=ctx.usage, cost=ctx.cost, seconds=at, partial=partial)


def _cancelled(ctx: RunContext) -> ev.RunCancelled:
    at, partial, reason = ctx.at, "".join(ctx.answer), ctx.cancel_reason
    return ev.RunCancelled(
        run=ctx.run, at=at, reason=reason, usage=ctx.usage, cost=ctx.cost, seconds=at, partial=partial
    )
