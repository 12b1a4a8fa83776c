"""Instant: one streamed call."""

from chatmodes import events as ev
from chatmodes.modes.agent import LARGER, Agent, Request
from chatmodes.modes.costs import Planned, bound
from chatmodes.modes.run import Outcome, RunContext
from chatmodes.providers.calls import ModelInfo, ProviderError


def plan(ctx: RunContext) -> ev.Plan:
    """What the mode is about to do. Raises `ProviderError` for a model that cannot be called."""
    return _plan(ctx, ctx.models.describe(ctx.model))


def _plan(ctx: RunContext, info: ModelInfo | None) -> ev.Plan:
    limit = ctx.settings.instant.max_tokens
    tokens, cost = None, None
    if info:
        # Only a model that reasons can use its cap up without a word of text, and be asked again.
        tokens, cost = bound([Planned(info, ctx.messages, limit * (1 + LARGER) if info.reasons else limit)])
    slot = ev.Slot("answer", "answer", ctx.model, temperature=info.temperature if info else None)
    return ev.Plan((slot,), max_tokens=tokens, max_cost=cost, seed=ctx.seed, reason=ctx.chosen_because)


async def instant(ctx: RunContext) -> Outcome:
    """Ask the model once and stream what it says. Raises `ProviderError` when the call fails."""
    try:
        info = ctx.models.describe(ctx.model)
    except ProviderError:
        ctx.begin("instant", _plan(ctx, None))
        raise
    told = _plan(ctx, info)
    ctx.begin("instant", told)
    limit = ctx.settings.instant.max_tokens
    draft = await Agent(ctx, told.slots[0], Request(ctx.messages, limit, reason=False if info.reasons else None)).run()
    if draft.error:
        raise ProviderError(draft.error, draft.usage)
    return Outcome("single", degraded=draft.cut)
