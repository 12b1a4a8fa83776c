"""One run's way through the steps: rounds of drafts, then a vote, a choice or a reconciled answer; and what is told of
how it came about."""

import math
from statistics import median

import anyio

from chatmodes import events as ev
from chatmodes.modes.contemplating.agree import level, majority, place, plurality, rivals
from chatmodes.modes.contemplating.calling import common_calls
from chatmodes.modes.contemplating.explore import HURRY, LATE, Exploration
from chatmodes.modes.contemplating.ladder import best_of_cut, failure_of
from chatmodes.modes.contemplating.plan import Panel
from chatmodes.modes.contemplating.reconcile import Judge, overruled
from chatmodes.modes.contemplating.select import best_of, most_central, standing_for
from chatmodes.modes.contemplating.weigh import Evidence
from chatmodes.modes.context import Outcome, RunContext
from chatmodes.modes.draft import Draft
from chatmodes.modes.stopping import Stop
from chatmodes.providers.calls import ProviderError

RESERVE = 0.05
"""The share of the run's time kept for falling back when the reconciler does not end in time."""
SLACK = 1.5
"""How much longer than half of the drafts the reconciled answer may take."""
LEAST = 0.25
"""The share of the time left that comparing the drafts must have, to be begun."""
GUARD = 15.0
"""Seconds that algebra has at most to tell whether the answer overrules the drafts: the text is out by then."""


class Contemplation:
    """A run of Contemplating."""

    def __init__(self, ctx: RunContext, panel: Panel) -> None:
        self.ctx, self.panel = ctx, panel
        self.section = ctx.settings.contemplating
        self.landed: list[Draft] = []
        """The last round's drafts, failed ones included."""
        self.exploring: Exploration | None = None
        """The latest round, also while it is under way."""
        self.weight = 0.0
        """Of the complete drafts, those without a short answer too."""
        self.evidence: dict[str, Evidence] = {}
        self.planned = 0
        self.survived = 0
        self.clusters: tuple[ev.Cluster, ...] = ()
        self.notes: list[str] = []
        """What makes the result less than planned, a sentence each."""

    @property
    def drafts(self) -> list[Draft]:
        """Those of the last round that may stand as an answer, in the panel's order: who was first decides nothing."""
        complete = [draft for draft in self.landed if draft.complete]
        return sorted(complete, key=lambda draft: place(draft.slot.agent))

    async def run(self) -> Outcome:
        """Go through the steps. Raises `ProviderError` when no draft can stand."""
        try:
            return await self._steps()
        except BaseException:  # a cancellation, in whichever form it comes
            if self.ctx.overdue and not self.ctx.answer:
                self._keep_partial()
            raise

    async def _steps(self) -> Outcome:
        workspace = ""
        for number in range(1, self.section.rounds + 1):
            await self._explore(number, workspace)
            if number == self.section.rounds or not self.drafts or self._winner():
                break
            with Stop(LATE, seconds=(self.ctx.deadline - anyio.current_time()) * HURRY):
                workspace = ""
                workspace = await Judge(self.ctx, self.panel.reconciler, self.drafts).distil(f"distil{number}")
            if not workspace:
                self.notes.append("The drafts could not be compared, so there was no further round.")
                break
        if calling := common_calls(self.landed):
            return self._hand_over(calling)
        if not self.drafts:
            return self._cut_or_failed()
        return await self._settle()

    async def _explore(self, number: int, workspace: str) -> None:
        self.exploring = exploration = Exploration(self.ctx, self.panel.stopping, replaceable=bool(self.drafts))
        await exploration.run(self.panel.drafting(self.ctx, number, workspace))
        self.planned += exploration.started
        if exploration.complete or not self.drafts:  # a later round that failed leaves the one before standing
            self.landed, self.clusters = exploration.drafts, exploration.tally.clusters
            self.weight, self.evidence = exploration.landed, exploration.evidence
        self.survived += len(exploration.complete)
        self._note_losses(exploration.drafts)

    def _keep_partial(self) -> None:
        """The run's time is over and no draft is complete: of what the agents had written, the best is kept."""
        exploring = self.exploring
        written = [*exploring.drafts, *exploring.unended] if exploring else []
        if begun := [draft for draft in written if draft.text.strip()]:
            self.ctx.emit(
                ev.AnswerDelta(run=self.ctx.run, at=self.ctx.at, text=best_of_cut(begun, self.ctx.prompt).text)
            )

    def _hand_over(self, draft: Draft) -> Outcome:
        """Most drafts want the caller's tools: what most of them call is called."""
        self.ctx.hand_over(draft.slot.agent, draft.calls)
        self.survived = sum(bool(each.calls) or each.complete for each in self.landed)
        return self._outcome("vote", ())

    def _note_losses(self, drafts: list[Draft]) -> None:
        total = len(self.panel.slots)
        if failed := [draft for draft in drafts if draft.error]:
            self.notes.append(f"{_of(len(failed), total, 'agent')} failed: {_message(failed[0])}")
        if cut := [draft for draft in drafts if not draft.error and draft.finish == "length"]:
            self.notes.append(f"{_of(len(cut), total, 'draft')} reached the token limit and did not count.")
        if refused := [draft for draft in drafts if not draft.error and draft.finish == "filtered"]:
            verb = "was" if len(refused) == 1 else "were"
            self.notes.append(
                f"{_of(len(refused), total, 'draft')} {verb} withheld by a content filter and did not count."
            )

    def _winner(self) -> ev.Cluster | None:
        """The cluster that settles the answer without a further call; None where it is split or open-ended."""
        if self.section.reconcile == "synthesize" or not self.clusters:
            return None
        if self.section.reconcile == "vote":
            return self.clusters[0]
        found = majority(self.clusters, self.weight)
        if found is None or self.panel.reconciler.small:
            return found
        # Where heads and evidence disagree, someone who can should read the drafts.
        others = (each for each in self.clusters if each is not found)
        return found if all(self._heads(each) < self._heads(found) for each in others) else None

    def _heads(self, cluster: ev.Cluster) -> float:
        """What a cluster's drafts weigh before any evidence."""
        standings = self.panel.stopping.standings
        return sum(standings.get(self.evidence[agent].model, 1.0) for agent in cluster.agents)

    async def _settle(self) -> Outcome:
        winner = self._winner()
        if len(self.panel.slots) == 1:
            return self._verbatim(self.drafts[0], "single")
        if winner:
            return self._vote()
        weak = self.panel.reconciler.small
        if self.section.reconcile in ("vote", "select") or (self.section.reconcile == "auto" and weak):
            return await self._select()
        if len(self.drafts) == 1 and self.section.reconcile == "auto":
            return self._verbatim(self.drafts[0], "select")
        return await self._synthesize()

    def _vote(self) -> Outcome:
        """The heaviest cluster; a tie and answers that stand alone are told as that."""
        first, *_ = leading = level(self.clusters)
        if len(leading) > 1:  # nothing speaks for one of them: the draft that has most in common with all
            drafts = [standing_for(cluster, self.drafts, self.evidence) for cluster in leading]
            draft = most_central(self.drafts, drafts)
            first = leading[drafts.index(draft)]
        else:
            draft = standing_for(first, self.drafts, self.evidence)
        if len(first.agents) == 1:
            if any(len(cluster.agents) > 1 for cluster in self.clusters):
                self.notes.insert(0, "This draft stands alone; those that agree have worse evidence.")
            elif len(self.drafts) > 1:
                self.notes.insert(0, "No two drafts gave the same answer; this is the one with the best evidence.")
            return self._verbatim(draft, "select", first)
        heads = {agent: self.panel.stopping.standings.get(shown.model, 1.0) for agent, shown in self.evidence.items()}
        ordered = (first, *(each for each in self.clusters if each is not first))
        if tied := rivals(ordered, heads):
            others = " and ".join(each.answer for each in tied)
            by = "its drafts are closest to the others" if len(leading) > 1 else "it has the better evidence"
            self.notes.insert(0, f"The drafts are divided evenly between {first.answer} and {others}; {by}.")
            return self._verbatim(draft, "select", first)
        return self._verbatim(draft, "vote", first)

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
        voted = sum(len(cluster.agents) for cluster in self.clusters)
        if chosen is None and (voted * 2 > len(self.drafts) or plurality(self.clusters)):
            return self._vote()
        return self._verbatim(chosen or most_central(self.drafts), "select")

    async def _synthesize(self) -> Outcome:
        ctx = self.ctx
        judge = Judge(ctx, self.panel.reconciler, self.drafts)
        final: Draft | None = None
        until = math.inf
        if ctx.deadline != math.inf:
            until = ctx.deadline - (ctx.deadline - anyio.current_time()) * RESERVE
        with Stop(LATE, seconds=until - anyio.current_time()):
            workspace = await self._compare(judge, until)
            final = await judge.reconcile(workspace)
        if final is None or not final.complete:
            return self._fall_back(final)
        seconds = min(GUARD, max(0.0, (until - anyio.current_time()) / 2))
        dissent = await overruled(final.text, self.clusters, seconds, question=self.ctx.prompt)
        return self._outcome("synthesis", dissent)

    async def _compare(self, judge: Judge, until: float) -> str:
        """The workspace; empty where there is none, which is noted. The answer's time is kept from it: the reconciler
        will write about as long as the drafts took."""
        left = until - anyio.current_time()
        seconds = left
        if left != math.inf:
            written = SLACK * median(draft.seconds for draft in self.drafts)
            seconds = min(left / 2, left - written)
            if seconds < left * LEAST:
                self.notes.append("There was no time to compare the drafts before they were reconciled.")
                return ""
        workspace = ""
        with Stop(LATE, seconds=seconds):
            workspace = await judge.distil("distil")
        if not workspace:
            self.notes.append("The drafts could not be compared before they were reconciled.")
        return workspace

    def _fall_back(self, final: Draft | None) -> Outcome:
        """The reconciler brought nothing whole: the largest cluster, or the most central draft."""
        if final is None:
            why = "The reconciler was not ready in time"
        elif final.error:
            why = f"The reconciler failed ({_message(final).rstrip('.')})"
        elif final.finish == "length":
            why = "The reconciler reached its token limit"
        else:
            why = "The reconciler's answer was withheld by a content filter"
        cluster = plurality(self.clusters)
        what = "a draft with the most common answer" if cluster else "the draft that has most in common with the others"
        if len(self.drafts) == 1:
            what = "the one complete draft"
        note = f"{why}; this is {what}."
        self.notes.insert(0, note)
        draft = standing_for(cluster, self.drafts, self.evidence) if cluster else most_central(self.drafts)
        self.ctx.emit(ev.AnswerRestarted(run=self.ctx.run, at=self.ctx.at, reason=note))
        return self._verbatim(draft, "fallback", cluster)

    def _cut_or_failed(self) -> Outcome:
        """No draft is complete: one that was cut at the token limit must do; of streams that failed, what had come is
        kept with the error."""
        ctx = self.ctx
        cut = [draft for draft in self.landed if not draft.error and draft.finish == "length" and draft.text.strip()]
        if not cut:
            broken = [draft for draft in self.landed if draft.error and draft.text.strip()]
            if broken:
                ctx.emit(ev.AnswerDelta(run=ctx.run, at=ctx.at, text=best_of_cut(broken, ctx.prompt).text))
            raise ProviderError(failure_of(self.landed))
        note = "No draft was completed; this is one that was cut at the token limit."
        self.notes.insert(0, note)
        ctx.emit(ev.AnswerRestarted(run=ctx.run, at=ctx.at, reason=note))
        return self._verbatim(best_of_cut(cut, ctx.prompt), "fallback")

    def _cluster_of(self, draft: Draft) -> ev.Cluster | None:
        return next((c for c in self.clusters if draft.slot.agent in c.agents), None)

    def _verbatim(self, draft: Draft, method: ev.Method, taken: ev.Cluster | None = None) -> Outcome:
        """A draft as it is, with no further call."""
        self.ctx.emit(ev.AnswerDelta(run=self.ctx.run, at=self.ctx.at, text=draft.text))
        taken = taken or self._cluster_of(draft)
        heads = len(taken.agents) if taken else 0
        clear = plurality(self.clusters)
        dissent = tuple(
            ev.Dissent(cluster.answer, cluster.agents, self._why(cluster, cluster is clear, heads))
            for cluster in self.clusters
            if cluster is not taken
        )
        return self._outcome(method, dissent)

    def _why(self, cluster: ev.Cluster, clear: bool, heads: int) -> str:
        if clear:
            return "overruled: most drafts said this"
        if len(cluster.agents) > heads:
            return "overruled: more drafts said this, with worse evidence"
        return "as many drafts said this" if len(cluster.agents) == heads else "a minority of the drafts"

    def _outcome(self, method: ev.Method, dissent: tuple[ev.Dissent, ...]) -> Outcome:
        return Outcome(method, self.planned, self.survived, " ".join(self.notes) or None, dissent)


def _of(some: int, total: int, what: str) -> str:
    return f"{some} of {total} {what}{'s' if total != 1 else ''}"


def _message(draft: Draft) -> str:
    return draft.error.message if draft.error else ""
