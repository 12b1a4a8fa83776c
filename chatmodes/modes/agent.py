"""One agent: a call inside a run, told as events from its start to its one end."""

import time
from dataclasses import dataclass, field

import anyio

from chatmodes import events as ev
from chatmodes.messages import Message
from chatmodes.modes.run import RunContext
from chatmodes.providers.calls import Call, Finished, ProviderError, ReasoningChunk, Retrying, TextChunk, Waiting

ANSWERING: tuple[ev.AgentRole, ...] = ("answer", "reconcile")
"""The roles whose text is the run's answer."""


@dataclass
class Draft:
    """What an agent brought home. With `error` set it failed, and `text` is what came before that."""

    slot: ev.Slot
    text: str = ""
    reasoning: str = ""
    finish: ev.Finish = "unknown"
    usage: ev.Usage | None = None
    cost: float | None = None
    seconds: float = 0.0
    answer: str | None = None
    logprobs: tuple[float, ...] = ()
    error: ev.Error | None = None


@dataclass
class Progress:
    """What has come so far, kept outside the loop so that a cancel finds it."""

    began: float = field(default_factory=time.monotonic)
    first: float | None = None
    reasoned_from: float | None = None
    reasoned_to: float | None = None
    text: list[str] = field(default_factory=list[str])
    reasoning: list[str] = field(default_factory=list[str])
    logprobs: list[float] = field(default_factory=list[float])
    finished: Finished | None = None

    @property
    def seconds(self) -> float:
        """Since the agent started."""
        return time.monotonic() - self.began

    @property
    def reasoning_seconds(self) -> float | None:
        """From the first reasoning to the first text, or to the end; None where nothing was reasoned."""
        if self.reasoned_from is None:
            return None
        return (self.reasoned_to or self.seconds) - self.reasoned_from

    def add_text(self, text: str) -> None:
        """Note a piece of text, and that reasoning is over."""
        if self.first is None:
            self.first = self.seconds
        if self.reasoned_from is not None and self.reasoned_to is None:
            self.reasoned_to = self.seconds
        self.text.append(text)

    def add_reasoning(self, text: str) -> None:
        """Note a piece of reasoning."""
        if self.first is None:
            self.first = self.seconds
        if self.reasoned_from is None:
            self.reasoned_from = self.seconds
        self.reasoning.append(text)


async def run_agent(
    ctx: RunContext, slot: ev.Slot, messages: tuple[Message, ...], *, max_tokens: int | None = None
) -> Draft:
    """Make one call for `slot` and tell it as events.

    Text goes out as `answer_delta` for the roles that write the answer, as `text_delta` for the others. A failure is
    an `agent_failed` event and a `Draft` with its error, never an exception; a cancel is told and passed on.
    """
    ctx.emit(ev.AgentStarted(run=ctx.run, at=ctx.at, agent=slot.agent, role=slot.role, model=slot.model))
    call = Call(
        model=slot.model, messages=messages, max_tokens=max_tokens, temperature=slot.temperature, effort=slot.effort
    )
    progress = Progress()
    try:
        await _consume(ctx, slot, call, progress)
    except ProviderError as failure:
        return _failed(ctx, slot, progress, failure)
    except anyio.get_cancelled_exc_class():
        ctx.spend(ev.Usage(), None)
        seconds, reason = progress.seconds, ctx.cancel_reason
        ctx.emit(ev.AgentCancelled(run=ctx.run, at=ctx.at, agent=slot.agent, reason=reason, seconds=seconds))
        raise
    return _finished(ctx, slot, progress)


async def _consume(ctx: RunContext, slot: ev.Slot, call: Call, progress: Progress) -> None:
    run, agent = ctx.run, slot.agent
    async with ctx.models.stream(call) as chunks:
        async for chunk in chunks:
            match chunk:
                case TextChunk(text=text):
                    progress.add_text(text)
                    progress.logprobs.extend(chunk.logprobs)
                    if slot.role in ANSWERING:
                        ctx.emit(ev.AnswerDelta(run=run, at=ctx.at, text=text))
                    else:
                        ctx.emit(ev.TextDelta(run=run, at=ctx.at, agent=agent, text=text))
                case ReasoningChunk(text=text):
                    progress.add_reasoning(text)
                    ctx.emit(ev.ReasoningDelta(run=run, at=ctx.at, agent=agent, text=text))
                case Waiting(cause=cause):
                    ctx.emit(ev.AgentWaiting(run=run, at=ctx.at, agent=agent, cause=cause))
                case Retrying(attempt=attempt, wait=wait, cause=error):
                    ctx.emit(ev.AgentRetrying(run=run, at=ctx.at, agent=agent, attempt=attempt, wait=wait, cause=error))
                case Finished():
                    progress.finished = chunk


def _draft(slot: ev.Slot, progress: Progress) -> Draft:
    text, reasoning = "".join(progress.text), "".join(progress.reasoning)
    return Draft(slot, text, reasoning, seconds=progress.seconds, logprobs=tuple(progress.logprobs))


def _failed(ctx: RunContext, slot: ev.Slot, progress: Progress, failure: ProviderError) -> Draft:
    draft = _draft(slot, progress)
    draft.error, draft.usage = failure.error, failure.usage
    ctx.spend(failure.usage, 0.0 if failure.usage == ev.NO_USAGE else None)
    ctx.emit(
        ev.AgentFailed(
            run=ctx.run,
            at=ctx.at,
            agent=slot.agent,
            error=failure.error,
            usage=failure.usage,
            seconds=draft.seconds,
        )
    )
    return draft


def _finished(ctx: RunContext, slot: ev.Slot, progress: Progress) -> Draft:
    draft = _draft(slot, progress)
    done = progress.finished or Finished("unknown", ev.Usage())
    draft.finish, draft.usage, draft.cost = done.finish, done.usage, done.cost
    ctx.spend(done.usage, done.cost)
    ctx.emit(
        ev.AgentFinished(
            run=ctx.run,
            at=ctx.at,
            agent=slot.agent,
            usage=done.usage,
            finish=done.finish,
            ttft=progress.first,
            seconds=draft.seconds,
            cost=done.cost,
            reasoning_seconds=progress.reasoning_seconds,
        )
    )
    return draft
