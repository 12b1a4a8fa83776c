"""Instant: one streamed call."""

from chatmodes import events as ev
from chatmodes.modes.agent import LARGER, Agent, Request
from chatmodes.modes.costs import Planned, bound
from chatmodes.modes.run import Outcome, RunContext
from chatmodes.providers.calls import ProviderError


async def instant(ctx: RunContext) -> Outcome:
    """Ask the model once and stream what it says. Raises `ProviderError` when the call fails."""
    limit = ctx.settings.instant.max_tokens
    slot = ev.Slot("answer", "answer", ctx.model)
    plan = ev.Plan((slot,), seed=ctx.seed, reason=ctx.chosen_because)
    try:
        info = ctx.models.describe(ctx.model)
    except ProviderError:
        ctx.emit(ev.RunStarted(run=ctx.run, at=ctx.at, mode="instant", prompt=ctx.prompt, plan=plan))
        raise
    # Only a model that reasons can use its cap up without a word of text, and be asked again.
    tokens, cost = bound([Planned(info, ctx.messages, limit * (1 + LARGER) if info.reasons else limit)])
    plan = ev.Plan((slot,), max_tokens=tokens, max_cost=cost, seed=ctx.seed, reason=ctx.chosen_because)
    ctx.emit(ev.RunStarted(run=ctx.run, at=ctx.at, mode="instant", prompt=ctx.prompt, plan=plan))
    draft = await Agent(ctx, slot, Request(ctx.messages, limit, reason=False if info.reasons else None)).run()
    if draft.error:
        raise ProviderError(draft.error, draft.usage)
    return Outcome("single", degraded="The answer was cut at the token limit." if draft.finish == "length" else None)
