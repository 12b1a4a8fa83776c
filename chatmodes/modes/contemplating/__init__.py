"""Contemplating: agents draft in parallel, and their drafts become one answer.

Five steps: plan, explore, agree, settle or reconcile, guard. What settles a question with a short answer is the vote
(most of what debates gain is the vote, arXiv 2508.17536); open questions and split votes are merged by a model able to
judge. A model too weak for that keeps the vote. Below each step is a ladder: the reconciled answer, the largest
cluster, the most central draft, one that was cut at the token limit, and only then an error.
"""

from chatmodes import events as ev
from chatmodes.modes.base import SHIPPED, ModelOf
from chatmodes.modes.contemplating.plan import assemble
from chatmodes.modes.contemplating.settle import Contemplation
from chatmodes.modes.context import Outcome, RunContext
from chatmodes.settings import Settings


class Contemplating:
    """Draft, agree, settle."""

    name = "contemplating"
    purpose, mark = SHIPPED[name].purpose, SHIPPED[name].mark
    section = None

    def models(self, settings: Settings, model: str, model_of: ModelOf | None) -> set[str]:
        """The panel, the reconciler, and the answering model, which stands in for either."""
        section = settings.contemplating
        members = (each if isinstance(each, str) else each.model for each in section.panel)
        return {model, section.reconciler, *members} - {""}

    def plan(self, ctx: RunContext) -> ev.Plan:
        """Every draft and what may follow them. Raises `ProviderError` for a panel that cannot be called."""
        return assemble(ctx).plan

    async def answer(self, ctx: RunContext, plan: ev.Plan) -> Outcome:
        """Go through the steps. Raises `ProviderError` when every agent failed."""
        return await Contemplation(ctx, assemble(ctx)).run()
