"""Auto's cascade: two quick drafts first, and Contemplating only where they differ.

Whether draws of one model agree tells at little cost which questions are hard for it (arXiv 2310.03094). What both say
is the answer; where they differ, nothing tells which is right, and a panel settles it. Only short answers can be
compared, so that Auto goes this way where it would think, and leaves to Contemplating at once what is at stake.
"""

import anyio
import msgspec

from chatmodes import events as ev
from chatmodes.modes import prompts
from chatmodes.modes.agent import Agent
from chatmodes.modes.answers import algebra
from chatmodes.modes.answers.voting import ballot, counted
from chatmodes.modes.base import SHIPPED, Mode, ModelOf, get
from chatmodes.modes.contemplating.agree import Tally, Vote
from chatmodes.modes.contemplating.weigh import sound
from chatmodes.modes.context import Outcome, RunContext
from chatmodes.modes.costs import Planned, attempts, bound
from chatmodes.modes.draft import Draft, Request
from chatmodes.providers.calls import ModelInfo
from chatmodes.settings import Settings

DRAFTS = 2


class Cascade:
    """Two quick drafts by Instant's model, then Contemplating where they differ. To a reader it is Contemplating, whose
    panel may be two."""

    name = "contemplating"
    purpose, mark = SHIPPED[name].purpose, SHIPPED[name].mark
    section = None

    def __init__(self, quick: str) -> None:
        self.quick = quick
        """The model of the quick drafts."""

    @property
    def panel(self) -> Mode:
        """Whoever answers where the quick drafts differ."""
        return get(self.name)

    def models(self, settings: Settings, model: str, model_of: ModelOf | None) -> set[str]:
        """The quick drafts' model and Contemplating's."""
        return {self.quick, *self.panel.models(settings, model, model_of)}

    def plan(self, ctx: RunContext) -> ev.Plan:
        """Contemplating's plan with the quick drafts before it. Raises `ProviderError` for a model that cannot be
        called."""
        return with_quick(self.panel.plan(ctx), ctx, self.quick)

    async def answer(self, ctx: RunContext, plan: ev.Plan) -> Outcome:
        """Draft, compare, and leave it to Contemplating where that settles nothing. Raises `ProviderError` as that
        does."""
        drafts = await self._drafts(ctx, plan)
        outstanding = len(plan.slots) - DRAFTS
        tally = await _compared(ctx, drafts)
        if len(tally.votes) == DRAFTS and len(tally.clusters) == 1:
            outstanding = 0
        ctx.emit(ev.Agreement(run=ctx.run, at=ctx.at, clusters=tally.clusters, outstanding=outstanding))
        if not outstanding:
            shown = min(drafts, key=lambda draft: len(draft.text))
            ctx.emit(ev.AnswerDelta(run=ctx.run, at=ctx.at, text=shown.text))
            return Outcome("vote", planned=DRAFTS, survived=DRAFTS)
        outcome = await self.panel.answer(ctx, self.panel.plan(ctx))
        outcome.planned += DRAFTS
        outcome.survived += sum(draft.complete for draft in drafts)
        return outcome

    async def _drafts(self, ctx: RunContext, plan: ev.Plan) -> list[Draft]:
        info = ctx.models.describe(self.quick)
        drafts: list[Draft] = []

        def short(text: str) -> str | None:
            found = ballot(ctx.prompt, text, asked=not info.small).answer
            return found.display if found else None

        async def one(slot: ev.Slot) -> None:
            instruction = "" if info.small else prompts.fill("draft", hint=slot.hint or "")
            request = Request(
                prompts.appended(ctx.messages, instruction) if instruction else ctx.messages,
                ctx.settings.instant.max_tokens,
                reason=False if info.reasons else None,
                short=short,
            )
            drafts.append(await Agent(ctx, slot, request).run())

        async with anyio.create_task_group() as tasks:
            for slot in plan.slots[:DRAFTS]:
                tasks.start_soon(one, slot)
        return sorted(drafts, key=lambda draft: draft.slot.agent)


def with_quick(plan: ev.Plan, ctx: RunContext, quick: str) -> ev.Plan:
    """A plan with the two quick drafts before its own calls, and its bounds raised by theirs."""
    info = ctx.models.describe(quick)
    calls = attempts(Planned(info, ctx.messages, ctx.settings.instant.max_tokens)) * DRAFTS
    tokens, cost = bound(calls)
    return msgspec.structs.replace(
        plan,
        slots=(*_slots(ctx, info), *plan.slots),
        max_tokens=None if plan.max_tokens is None or tokens is None else plan.max_tokens + tokens,
        max_cost=None if plan.max_cost is None or cost is None else plan.max_cost + cost,
    )


def _slots(ctx: RunContext, info: ModelInfo) -> tuple[ev.Slot, ...]:
    """Drafts differ by sampling, or where that is not accepted by a hint for the second."""
    hint = next(iter(prompts.lines("hints")), None)
    asked = ctx.settings.sampling.temperature
    temperature = info.draft_temperature if asked is None else asked
    return tuple(
        ev.Slot(
            f"q{at + 1}",
            "draft",
            info.model,
            temperature=temperature if info.sampling else None,
            hint=hint if at and not info.sampling else None,
        )
        for at in range(DRAFTS)
    )


async def _compared(ctx: RunContext, drafts: list[Draft]) -> Tally:
    """The short answers of the drafts that may vote: complete, and with no false equation in them."""
    asked = {draft.slot.agent: not ctx.models.describe(draft.slot.model).small for draft in drafts}
    complete = [draft for draft in drafts if draft.complete]
    answers = counted([ballot(ctx.prompt, draft.text, asked=asked[draft.slot.agent]) for draft in complete])
    tally = Tally()
    for draft, answer in zip(complete, answers, strict=True):
        if answer and sound(draft.text, answer) is not False:
            tally.add(Vote(draft.slot.agent, answer))
    tally.proved |= await algebra.equal_pairs(algebra.undecided(vote.answer for vote in tally.votes))
    return tally
