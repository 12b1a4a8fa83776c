"""Instant: one streamed call, without reasoning unless an effort is asked for."""

from chatmodes import events as ev
from chatmodes.modes import sampling
from chatmodes.modes.agent import Agent
from chatmodes.modes.base import SHIPPED, ModelOf
from chatmodes.modes.context import Outcome, RunContext
from chatmodes.modes.costs import Planned, attempts, bound, rounds, turns
from chatmodes.modes.draft import Request
from chatmodes.providers.calls import ProviderError
from chatmodes.settings import Settings


class Instant:
    """Ask the model once and stream what it says."""

    name = "instant"
    purpose, mark = SHIPPED[name].purpose, SHIPPED[name].mark
    section = None

    def models(self, settings: Settings, model: str, model_of: ModelOf | None) -> set[str]:
        """The answering model alone."""
        return {model}

    def plan(self, ctx: RunContext) -> ev.Plan:
        """One call. Raises `ProviderError` for a model that cannot be called."""
        info, limit = ctx.models.describe(ctx.model), ctx.settings.instant.max_tokens
        *called, last = turns(Planned(info, ctx.messages, limit), rounds(ctx, info))
        tokens, cost = bound([*called, *attempts(last)])
        effort = sampling.effort(ctx.settings.sampling.effort, info)
        slot = ev.Slot("answer", "answer", ctx.model, temperature=sampling.temperature(ctx, info), effort=effort)
        return ev.Plan((slot,), max_tokens=tokens, max_cost=cost)

    async def answer(self, ctx: RunContext, plan: ev.Plan) -> Outcome:
        """Make the call. Raises `ProviderError` when it fails."""
        info, limit = ctx.models.describe(ctx.model), ctx.settings.instant.max_tokens
        slot, wanted = plan.slots[0], ctx.settings.sampling.effort
        request = Request(ctx.messages, limit, reason=False if info.reasons and not slot.effort else None)
        draft = await Agent(ctx, slot, request).run()
        if draft.error:
            raise ProviderError(draft.error, draft.usage)
        return Outcome("single", degraded=draft.cut or sampling.unheard(ctx, wanted, info))
