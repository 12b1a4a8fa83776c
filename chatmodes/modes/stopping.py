"""Stopping agents for a reason: a cancel scope that knows why, and agents that read it when they are told to end.

Several stops lie around an agent: the run's, the run's time, a round's, a reconciler's time. The outermost that was
pulled is why the agent ends. Each agent reads its own, so that two that are stopped at once each tell their reason.
"""

import math
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Self

import anyio

_around: ContextVar[tuple["Stop", ...]] = ContextVar("the stops around a task, the outermost first", default=())

FROM_OUTSIDE = "cancelled"
"""Why an agent ends that nothing here has stopped: whoever started the run was cancelled."""


class Stop:
    """A cancel scope with its reason: `with Stop() as stop: …`, and `stop.cancel("why")` from anywhere.

    What is inside, tasks started there included, ends and tells the reason.
    """

    def __init__(self, reason: str = FROM_OUTSIDE, *, seconds: float = math.inf) -> None:
        self.reason = reason
        """Why, where it is pulled by its time or was already."""
        self._seconds = seconds
        self._scope = anyio.CancelScope()
        self._token: Token[tuple[Stop, ...]] | None = None

    def cancel(self, reason: str) -> None:
        """End what is inside. The first reason counts."""
        if not self._scope.cancel_called:
            self.reason = reason
        self._scope.cancel()

    @property
    def deadline(self) -> float:
        """When it is pulled by itself, on the clock of `anyio.current_time`."""
        return self._scope.deadline

    @deadline.setter
    def deadline(self, deadline: float) -> None:
        self._scope.deadline = deadline

    @property
    def pulled(self) -> bool:
        """Whether it was cancelled, or its time was over."""
        return self._scope.cancel_called

    @property
    def cancelled_caught(self) -> bool:
        """Whether what was inside ended by it."""
        return self._scope.cancelled_caught

    def __enter__(self) -> Self:
        if self._seconds != math.inf:
            self._scope.deadline = anyio.current_time() + self._seconds
        self._token = _around.set((*_around.get(), self))
        self._scope.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        assert self._token is not None, "left without having been entered"
        _around.reset(self._token)
        return bool(self._scope.__exit__(kind, error, trace))


def why() -> str:
    """Why the task that asks is being cancelled."""
    return next((stop.reason for stop in _around.get() if stop.pulled), FROM_OUTSIDE)
