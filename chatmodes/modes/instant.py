"""Instant: one streamed call."""

from chatmodes import events as ev
from chatmodes.modes.agent import run_agent
from chatmodes.modes.run import Outcome, RunContext
from chatmodes.providers.calls import ProviderError


async def instant(ctx: RunContext) -> Outcome:
    """Ask the model once and stream what it says. Raises `ProviderError` when the call fails."""
    limit = ctx.settings.instant.max_tokens
    slot = ev.Slot("answer", "answer", ctx.model)
    plan = ev.Plan((slot,), max_tokens=limit, seed=ctx.seed)
    ctx.emit(ev.RunStarted(run=ctx.run, at=ctx.at, mode="instant", prompt=ctx.prompt, plan=plan))
    ctx.models.describe(ctx.model)
    draft = await run_agent(ctx, slot, ctx.messages, max_tokens=limit)
    if draft.error:
        raise ProviderError(draft.error, draft.usage)
    degraded = "The answer was cut at the token limit." if draft.finish == "length" else None
    return Outcome("single", degraded=degraded)
