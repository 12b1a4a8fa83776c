"""What an agent tells of itself: the events from its start to its one end.

Apart from `agent`, which calls and decides: what a reader of the run is shown, and in which words the answer's own text
differs from a draft's, is settled here for every agent alike.
"""

from chatmodes import events as ev
from chatmodes.modes.accounting import Progress
from chatmodes.modes.context import RunContext
from chatmodes.modes.draft import Draft
from chatmodes.modes.stopping import why

ANSWERING: tuple[ev.AgentRole, ...] = ("answer", "reconcile")
"""The roles whose text is the run's answer."""


class AgentEvents:
    """The events of the agent in one slot of a run."""

    def __init__(self, ctx: RunContext, slot: ev.Slot) -> None:
        self._ctx, self._slot = ctx, slot

    @property
    def answering(self) -> bool:
        """Whether the agent's text is the run's answer."""
        return self._slot.role in ANSWERING

    def started(self) -> None:
        """It begins."""
        ctx, slot = self._ctx, self._slot
        ctx.emit(ev.AgentStarted(run=ctx.run, at=ctx.at, agent=slot.agent, role=slot.role, model=slot.model))

    def waits(self, cause: str) -> None:
        """It is held up, or goes on with less, by something that is no failure."""
        ctx = self._ctx
        ctx.emit(ev.AgentWaiting(run=ctx.run, at=ctx.at, agent=self._slot.agent, cause=cause))

    def retries(self, attempt: int, cause: ev.Error, wait: float = 0.0) -> None:
        """It calls again; what was told of its text before is void."""
        ctx, agent = self._ctx, self._slot.agent
        ctx.emit(ev.AgentRetrying(run=ctx.run, at=ctx.at, agent=agent, attempt=attempt, wait=wait, cause=cause))

    def text(self, text: str) -> None:
        """A piece of its text: of the answer itself where it is the one that answers."""
        ctx = self._ctx
        if self.answering:
            ctx.emit(ev.AnswerDelta(run=ctx.run, at=ctx.at, text=text))
        else:
            ctx.emit(ev.TextDelta(run=ctx.run, at=ctx.at, agent=self._slot.agent, text=text))

    def reasoning(self, text: str) -> None:
        """A piece of its reasoning."""
        ctx = self._ctx
        ctx.emit(ev.ReasoningDelta(run=ctx.run, at=ctx.at, agent=self._slot.agent, text=text))

    def text_is_void(self, reason: str, attempt: int) -> None:
        """Its text so far no longer counts, for a reason that is no new call."""
        ctx = self._ctx
        if self.answering:
            ctx.emit(ev.AnswerRestarted(run=ctx.run, at=ctx.at, reason=reason))
        else:
            self.retries(attempt, ev.Error("bad_response", reason))

    def finished(self, draft: Draft, progress: Progress) -> None:
        """It has ended with this draft."""
        ctx = self._ctx
        ctx.emit(
            ev.AgentFinished(
                run=ctx.run,
                at=ctx.at,
                agent=self._slot.agent,
                usage=progress.usage,
                finish=draft.finish,
                ttft=progress.first,
                seconds=draft.seconds,
                answer=draft.answer,
                cost=progress.cost,
                reasoning_seconds=progress.reasoning_seconds,
                refused=progress.refused,
            )
        )

    def failed(self, error: ev.Error, usage: ev.Usage, seconds: float, finish: ev.Finish | None) -> None:
        """It has ended with an error."""
        ctx = self._ctx
        ctx.emit(
            ev.AgentFailed(
                run=ctx.run,
                at=ctx.at,
                agent=self._slot.agent,
                error=error,
                usage=usage,
                seconds=seconds,
                finish=finish,
            )
        )

    def cancelled(self, usage: ev.Usage, seconds: float) -> None:
        """It was stopped, for the reason that the stops around it have."""
        ctx, agent = self._ctx, self._slot.agent
        ctx.emit(ev.AgentCancelled(run=ctx.run, at=ctx.at, agent=agent, reason=why(), usage=usage, seconds=seconds))
