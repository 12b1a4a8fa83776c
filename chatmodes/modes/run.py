"""Conducting a run: its first event, its time, and the promise of exactly one terminal event.

A mode emits its agents' events and returns an `Outcome`, or raises `ProviderError`. What comes first and last is told
here, whatever happens, so that no reader of a run is ever left waiting.
"""

import math
from contextlib import suppress

from chatmodes import events as ev
from chatmodes.modes.base import Chooser, Mode, maker_of
from chatmodes.modes.context import Outcome, RunContext
from chatmodes.modes.unexpected import described
from chatmodes.providers.calls import ProviderError
from chatmodes.settings import ConfigError, Timeouts


async def conduct(mode: Mode, ctx: RunContext) -> ev.Terminal:
    """Run a mode to its one terminal event, which is emitted and returned.

    `run_started` comes first and has the plan; where the run ends before there is one, the plan is empty. Fails only by
    emitting `run_failed`; a cancellation from outside is passed on after `run_cancelled` was emitted.
    """
    timeout = ctx.settings.timeouts.run or math.inf
    terminal: ev.Terminal | None = None
    try:
        with ctx.stop, ctx.limited(timeout) as limit:
            terminal = await _terminal_of(mode, ctx)
        if terminal is None and limit.cancelled_caught:
            terminal = _failed(ctx, _too_long(ctx.allowed))
    except Exception as error:  # noqa: BLE001 - the edge of a run: a bug in one must not end the others and the screen
        terminal = _failed(ctx, described(error, maker_of(mode.name)))
    finally:
        if terminal is None:
            terminal = _cancelled(ctx)
        ctx.emit(terminal)
    return terminal


async def _terminal_of(mode: Mode, ctx: RunContext) -> ev.Terminal:
    try:
        outcome = await _outcome_of(mode, ctx)
    except ProviderError as error:
        return _failed(ctx, error.error)
    except ConfigError as error:  # settings, or a prompt file of the user's own, that cannot serve
        return _failed(ctx, ev.Error("bad_request", str(error), error.hint))
    answer = "".join(ctx.answer)
    if not answer.strip() and not ctx.handed_over:
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
        degraded=" ".join(filter(None, [outcome.degraded, *ctx.remarks])) or None,
        dissent=outcome.dissent,
    )


async def _outcome_of(mode: Mode, ctx: RunContext) -> Outcome:
    """Choose, plan, begin, answer. The keys are looked for first: a missing one is said before anything is spent, and a
    keyring that takes seconds is waited for where the run can be cancelled."""
    try:
        if isinstance(mode, Chooser):
            await ctx.models.prepare(())
            ctx.start_clock()
            mode = await mode.choose(ctx)
        models = mode.models(ctx.settings, ctx.model, ctx.model_of)
        await ctx.models.prepare(models)
        if not ctx.told:
            ctx.start_clock()
        plan = mode.plan(ctx)
        ctx.allow(_more_time(ctx, plan, models))
    except BaseException:  # a cancellation too: whatever it is, the run has begun before it ends
        ctx.begin(mode.name, ev.Plan(()))
        raise
    ctx.begin(mode.name, plan)
    return await mode.answer(ctx, plan)


def _more_time(ctx: RunContext, plan: ev.Plan, models: set[str]) -> float:
    """Seconds beyond `timeouts.run`, where a model may take longer to its first piece than that was made to hold.

    A slow model's own limit could never act otherwise. Each of the plan's steps may take as long.
    """
    slowest = ctx.settings.timeouts.first_token
    for model in models:
        with suppress(ProviderError):  # one that the plan has no use for
            slowest = max(slowest, ctx.models.describe(model).first_token or 0.0)
    steps = 2 if plan.reconcile else 1
    return steps * max(0.0, slowest - Timeouts().first_token)


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
    at, partial, reason = ctx.at, "".join(ctx.answer), ctx.stop.reason
    return ev.RunCancelled(
        run=ctx.run, at=at, reason=reason, usage=ctx.usage, cost=ctx.cost, seconds=at, partial=partial
    )
