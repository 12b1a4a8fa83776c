"""Contemplating: agents draft in parallel, and their drafts become one answer.

Five steps: plan, explore, agree, settle or reconcile, guard. What settles a question with a short answer is the vote
(most of what debates gain is the vote, arXiv 2508.17536); open questions and split votes are merged by a model able to
judge. A model too weak for that keeps the vote. Below each step is a ladder: the reconciled answer, the largest
cluster, the first complete draft, and only then an error.
"""

import math

import anyio

from chatmodes import events as ev
from chatmodes.modes.agent import Draft
from chatmodes.modes.base import SHIPPED, ModelOf
from chatmodes.modes.contemplating.agree import majority, plurality
from chatmodes.modes.contemplating.explore import LATE, Exploration
from chatmodes.modes.contemplating.plan import Panel, assemble
from chatmodes.modes.contemplating.reconcile import Judge, overruled
from chatmodes.modes.contemplating.select import best_of, most_central, standing_for
from chatmodes.modes.context import Outcome, RunContext
from chatmodes.providers.calls import ProviderError
from chatmodes.settings import Settings

RESERVE = 0.05
"""The share of the run's time kept for falling back when the reconciler does not end in time."""


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
        return await _Contemplation(ctx, assemble(ctx)).run()


class _Contemplation:
    """One run's way through the steps."""

    def __init__(self, ctx: RunContext, panel: Panel) -> None:
        self.ctx, self.panel = ctx, panel
        self.section = ctx.settings.contemplating
        self.landed: list[Draft] = []
        """The last round's drafts, failed ones included."""
        self.weight = 0.0
        """Of the complete drafts, those without a short answer too."""
        self.planned = 0
        self.survived = 0
        self.clusters: tuple[ev.Cluster, ...] = ()
        self.notes: list[str] = []
        """What makes the result less than planned, a sentence each."""

    @property
    def drafts(self) -> list[Draft]:
        return [draft for draft in self.landed if draft.complete]

    async def run(self) -> Outcome:
        workspace = ""
        for number in range(1, self.section.rounds + 1):
            await self._explore(number, workspace)
            if number == self.section.rounds or not self.drafts or self._winner():
                break
            workspace = await Judge(self.ctx, self.panel.reconciler, self.drafts).distil(f"distil{number}")
        if not self.drafts:
            return self._cut_or_failed()
        return await self._settle()

    async def _explore(self, number: int, workspace: str) -> None:
        exploration = Exploration(self.ctx, self.panel.stopping)
        work = self.panel.drafting(self.ctx, number, workspace)
        self.planned += len(work)
        await exploration.run(work)
        if exploration.complete or not self.drafts:  # a later round that failed leaves the one before standing
            self.landed, self.clusters = exploration.drafts, exploration.tally.clusters
            self.weight = exploration.landed
        self.survived += len(exploration.complete)
        self._note_losses(exploration.drafts)

    def _note_losses(self, drafts: list[Draft]) -> None:
        total = len(self.panel.slots)
        if failed := [draft for draft in drafts if draft.error]:
            self.notes.append(f"{_of(len(failed), total, 'agent')} failed: {_message(failed[0])}")
        if cut := [draft for draft in drafts if not draft.error and draft.finish == "length"]:
            self.notes.append(f"{_of(len(cut), total, 'draft')} reached the token limit and did not count.")
        if refused := [draft for draft in drafts if not draft.error and draft.finish == "filtered"]:
            self.notes.append(
                f"{_of(len(refused), total, 'draft')} was withheld by a content filter and did not count."
            )

    def _winner(self) -> ev.Cluster | None:
        """The cluster that settles the answer without a further call; None where it is split or open-ended."""
        if self.section.reconcile == "synthesize" or not self.clusters:
            return None
        if self.section.reconcile == "vote":
            return self.clusters[0]
        return majority(self.clusters, self.weight)

    async def _settle(self) -> Outcome:
        winner = self._winner()
        if len(self.panel.slots) == 1:
            return self._verbatim(self.drafts[0], "single")
        if winner:
            return self._verbatim(standing_for(winner, self.drafts), "vote", winner)
        weak = self.panel.reconciler.small
        if self.section.reconcile in ("vote", "select") or (self.section.reconcile == "auto" and weak):
            return await self._select()
        if len(self.drafts) == 1 and self.section.reconcile == "auto":
            return self._verbatim(self.drafts[0], "select")
        return await self._synthesize()

    async def _select(self) -> Outcome:
        """Choose among the drafts, word for word."""
        chosen: Draft | None = None
        # A weak judge's word is better than none among open drafts only where there is no count to go by.
        if (
            self.section.reconcile == "select"
            and len(self.drafts) > 1
            and (self.clusters or not self.panel.reconciler.small)
        ):
            chosen = await best_of(self.ctx, self.panel.reconciler, self.drafts)
        if chosen is None and self.clusters:
            return self._verbatim(standing_for(self.clusters[0], self.drafts), "vote", self.clusters[0])
        return self._verbatim(chosen or most_central(self.drafts), "select")

    async def _synthesize(self) -> Outcome:
        ctx = self.ctx
        judge = Judge(ctx, self.panel.reconciler, self.drafts)
        final: Draft | None = None
        until = math.inf
        if ctx.deadline != math.inf:
            until = ctx.deadline - (ctx.deadline - anyio.current_time()) * RESERVE
        ctx.stop_reason = LATE
        with anyio.move_on_after(until - anyio.current_time() if until != math.inf else None):
            workspace = await judge.distil("distil")
            if not workspace:
                self.notes.append("The drafts could not be compared before they were reconciled.")
            final = await judge.reconcile(workspace)
        ctx.stop_reason = ""
        if final is None or not final.complete:
            return self._fall_back(final)
        return self._outcome("synthesis", overruled(final.text, self.clusters))

    def _fall_back(self, final: Draft | None) -> Outcome:
        """The reconciler brought nothing whole: the largest cluster, or the first complete draft."""
        if final is None:
            why = "The reconciler was not ready in time"
        elif final.error:
            why = f"The reconciler failed ({_message(final).rstrip('.')})"
        elif final.finish == "length":
            why = "The reconciler reached its token limit"
        else:
            why = "The reconciler's answer was withheld by a content filter"
        cluster = plurality(self.clusters) or (self.clusters[0] if self.clusters else None)
        what = "this is a draft with the most common answer" if cluster else "this is the first complete draft"
        note = f"{why}; {what}."
        self.notes.insert(0, note)
        draft = standing_for(cluster, self.drafts) if cluster else self.drafts[0]
        self.ctx.emit(ev.AnswerRestarted(run=self.ctx.run, at=self.ctx.at, reason=note))
        return self._verbatim(draft, "fallback", cluster)

    def _cut_or_failed(self) -> Outcome:
        """No draft is complete: the longest of those that were cut, else the error."""
        texts = [draft for draft in self.landed if draft.text.strip() and draft.finish != "filtered"]
        if not texts:
            raise ProviderError(self._all_failed())
        note = "No draft was completed; this is the longest of those that broke off."
        self.notes.insert(0, note)
        self.ctx.emit(ev.AnswerRestarted(run=self.ctx.run, at=self.ctx.at, reason=note))
        return self._verbatim(max(texts, key=lambda draft: len(draft.text)), "fallback")

    def _all_failed(self) -> ev.Error:
        errors = [draft.error for draft in self.landed if draft.error]
        if not errors:
            return ev.Error(
                "filtered", "Every draft was withheld by a content filter.", "Put the question differently."
            )
        kinds = [error.kind for error in errors]
        error = next(e for e in errors if e.kind == max(kinds, key=kinds.count))
        if len(self.landed) == 1:
            return error
        message = f"All {len(self.landed)} agents failed. {error.message}"
        return ev.Error(error.kind, message, error.hint, error.status, error.provider)

    def _cluster_of(self, draft: Draft) -> ev.Cluster | None:
        return next((c for c in self.clusters if draft.slot.agent in c.agents), None)

    def _verbatim(self, draft: Draft, method: ev.Method, taken: ev.Cluster | None = None) -> Outcome:
        """A draft as it is, with no further call."""
        self.ctx.emit(ev.AnswerDelta(run=self.ctx.run, at=self.ctx.at, text=draft.text))
        taken = taken or self._cluster_of(draft)
        clear = plurality(self.clusters)
        dissent = tuple(
            ev.Dissent(
                cluster.answer,
                cluster.agents,
                "overruled: most drafts said this" if cluster is clear else "a minority of the drafts",
            )
            for cluster in self.clusters
            if cluster is not taken
        )
        return self._outcome(method, dissent)

    def _outcome(self, method: ev.Method, dissent: tuple[ev.Dissent, ...]) -> Outcome:
        return Outcome(method, self.planned, self.survived, " ".join(self.notes) or None, dissent)


def _of(some: int, total: int, what: str) -> str:
    return f"{some} of {total} {what}{'s' if total != 1 else ''}"


def _message(draft: Draft) -> str:
    return draft.error.message if draft.error else ""
