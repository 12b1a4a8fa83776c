"""Drafts written in parallel, counted as they land, and stopped as soon as more of them cannot matter.

Stopping early is where the time and the tokens are: up to 7.9 times fewer samples at under 0.1% loss
(Adaptive-Consistency, arXiv 2305.11860). A vote is stopped only once it is decided: more than half of the first three
is easily reached, and gave two of the five points away that a vote is worth (benchmarks/gsm8k). Open drafts of one
model are enough at a quorum (arXiv 2505.17813). In a mixed panel the stragglers are often the strongest, so those get a
time of grace instead.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import anyio

from chatmodes import events as ev
from chatmodes.modes.agent import Agent
from chatmodes.modes.answers import algebra
from chatmodes.modes.answers.voting import Ballot, ballot, counted
from chatmodes.modes.contemplating.agree import Tally, Vote, decided, majority
from chatmodes.modes.contemplating.weigh import Evidence, sound, weights
from chatmodes.modes.context import RunContext
from chatmodes.modes.draft import Draft, Request
from chatmodes.modes.stopping import Stop

DECIDED = "the others already decide the vote"
ENOUGH = "enough drafts are in"
OVERDUE = "its time of grace was over"
LATE = "the run's time was nearly over"

HURRY = 0.9
"""The share of the run's time after which drafts that landed must do; the rest is for the answer made from them."""
FIRST, MORE = 3, 2
"""Drafts of the first wave and of those that follow, where tokens matter more than time."""

Work = Sequence[tuple[ev.Slot, Request]]


@dataclass(frozen=True)
class Stopping:
    """When drafts still out are no longer waited for."""

    quorum: int
    """Complete drafts that may settle the answer."""
    homogeneous: bool
    """One model at one effort writes all drafts, so that who is late knows no better."""
    grace: float
    """Seconds that a mixed panel's stragglers have, once more than half of what can still come is complete."""
    asked: bool = False
    """The user set the quorum: it is waited for in a mixed panel too, and a majority in it settles a vote."""
    votes: bool = True
    """A vote may settle it; False where the drafts are merged in any case."""
    plurality: bool = False
    """The heaviest cluster wins; else it needs more than half of the drafts that landed."""
    early: bool = True
    """Drafts that cannot matter are stopped; False lets every one end."""
    waves: bool = False
    """Three drafts first, and two more as long as nothing is decided; else all at once."""
    standings: Mapping[str, float] = field(default_factory=dict[str, float])
    """What a draft of each model weighs before any evidence."""
    weighs: bool = True
    """Votes are weighed by their evidence; else heads are counted."""
    marking: frozenset[str] = frozenset()
    """The models that were asked to mark their short answer."""

    def enough(self, possible: int, planned: int) -> int:
        """Complete drafts that may settle the answer, where `possible` of those planned are in or can still come."""
        if self.asked or possible == planned:
            return min(self.quorum, possible)
        return min(self.quorum, possible // 2 + 1)

    def grace_from(self, possible: int, planned: int) -> int:
        """Complete drafts from which on the time of grace runs."""
        return self.enough(possible, planned) if self.asked else possible // 2 + 1


@dataclass
class Exploration:
    """The drafts of one round."""

    ctx: RunContext
    stopping: Stopping
    replaceable: bool = False
    """An earlier round's drafts stand where none of these is in when time runs short."""
    drafts: list[Draft] = field(default_factory=list[Draft])
    """Those that landed, failed ones included, in the order in which they did."""
    unended: list[Draft] = field(default_factory=list[Draft])
    """What those had written that were ended on the way."""
    tally: Tally = field(default_factory=Tally)
    landed: float = 0.0
    """The complete drafts' weight, those that give no short answer too."""
    started: int = 0
    """Drafts that were begun: all, unless a first wave decided it."""
    evidence: dict[str, Evidence] = field(default_factory=dict[str, Evidence])
    """What each complete draft shows, by its agent."""

    def __post_init__(self) -> None:
        self._agents = Stop()
        self._quorate = anyio.Event()
        self._hurried = self._stopped = False
        self._asked: set[algebra.Pair] = set()
        self._ballots: dict[str, Ballot] = {}  # of the complete drafts, by agent
        self._out: dict[str, str] = {}  # the agents under way, with their models
        self._next: list[str] = []  # the models of the next wave
        self._later = 0  # agents that are not started yet

    @property
    def complete(self) -> list[Draft]:
        """The drafts that may stand as an answer."""
        return [draft for draft in self.drafts if draft.complete]

    async def run(self, work: Work) -> None:
        """Let the agents draft; return when all have ended or the rest was stopped."""
        async with anyio.create_task_group() as watchers:
            watchers.start_soon(self._hurry)
            waves = list(self._waves(work))
            for at, wave in enumerate(waves):
                self._next = [slot.model for slot, _ in waves[at + 1]] if at + 1 < len(waves) else []
                self._later = sum(map(len, waves[at + 1 :]))
                await self._together(wave)
                if self._stopped:
                    break
            watchers.cancel_scope.cancel()
        # What algebra could still join weighs less than the lead; asking would only keep a settled answer waiting.
        if not self._stopped and majority(self.tally.clusters, self.landed) is None:
            await self._prove()

    def _waves(self, work: Work) -> Iterator[Work]:
        first = FIRST if self.stopping.waves else len(work)
        yield work[:first]
        for at in range(first, len(work), MORE):
            yield work[at : at + MORE]

    async def _together(self, wave: Work) -> None:
        self.started += len(wave)
        self._out = {slot.agent: slot.model for slot, _ in wave}
        self._quorate = anyio.Event()
        async with anyio.create_task_group() as watchers:
            watchers.start_soon(self._give_grace)
            with Stop() as self._agents:
                async with anyio.create_task_group() as agents:
                    for slot, request in wave:
                        agents.start_soon(self._draft, slot, request)
            watchers.cancel_scope.cancel()
        self._out.clear()

    async def _draft(self, slot: ev.Slot, request: Request) -> None:
        read: dict[str, Ballot] = {}  # reading takes milliseconds, so that each text is read once

        def short(text: str) -> str | None:
            read[text] = found = ballot(self.ctx.prompt, text, asked=slot.model in self.stopping.marking)
            return found.answer.display if found.answer else None

        agent = Agent(self.ctx, slot, replace(request, short=short))
        try:
            draft = await agent.run()
        except BaseException:  # a cancellation, in whichever form it comes; the agent has told its end
            self.unended.append(agent.so_far())
            raise
        del self._out[slot.agent]
        self.drafts.append(draft)
        if draft.complete:
            self._ballots[slot.agent] = found = read[draft.text]
            evidence = Evidence(slot.model)
            if self.stopping.weighs:
                evidence = Evidence(slot.model, sound(draft.text, found.answer), draft.logprob)
            self.evidence[slot.agent] = evidence
            self._count()
        self._tell()
        if not self._settled() and self._out and await self._prove():
            self._settled()

    def _count(self) -> None:
        """Count all complete drafts anew: what one weighs depends on the others."""
        weighed = weights(list(self.evidence.values()), self.stopping.standings)
        answers = counted(list(self._ballots.values()))
        self.landed = sum(weighed)
        self.tally.votes = [
            Vote(agent, answer, weight)
            for agent, answer, weight in zip(self._ballots, answers, weighed, strict=True)
            if answer
        ]

    def _stays_a_vote(self) -> bool:
        """Whether there is a vote even if nothing that still comes marks an answer."""
        coming = [Ballot(None, model in self.stopping.marking, False) for model in (*self._out.values(), *self._next)]
        return any(counted([*self._ballots.values(), *coming]))

    async def _prove(self) -> bool:
        """Let algebra join clusters; whether it did."""
        pairs = algebra.undecided(vote.answer for vote in self.tally.votes)
        open_pairs = [pair for pair in pairs if pair not in self._asked]
        equal = await algebra.equal_pairs(open_pairs)
        self._asked.update(open_pairs)
        if equal:
            self.tally.proved |= equal
            self._tell()
        return bool(equal)

    def _tell(self) -> None:
        ctx = self.ctx
        outstanding = len(self._out) + self._later
        ctx.emit(ev.Agreement(run=ctx.run, at=ctx.at, clusters=self.tally.clusters, outstanding=outstanding))

    @property
    def _coming(self) -> float:
        """What the drafts that can still come may weigh: each as much as the surest so far, and at least its own."""
        standings = self.stopping.standings
        surest = max((vote.weight / self._standing(vote.agent) for vote in self.tally.votes), default=1.0)
        return sum(standings.get(model, 1.0) for model in (*self._out.values(), *self._next)) * max(1.0, surest)

    def _standing(self, agent: str) -> float:
        return self.stopping.standings.get(self.evidence[agent].model, 1.0)

    def _settled(self) -> bool:
        """Stop the others where nothing they say can matter; whether they were stopped."""
        rule, complete = self.stopping, len(self.complete)
        if not complete:
            return False
        clusters, coming = self.tally.clusters, self._coming
        if not coming:  # at most a look by algebra is under way, which a majority need not wait for
            return majority(clusters, self.landed) is not None and self._stop(DECIDED)
        if self._hurried:
            return self._stop(LATE)
        if not rule.early:
            return False
        wins = rule.plurality or majority(clusters, self.landed + coming) is not None
        if rule.votes and wins and decided(clusters, coming) and self._stays_a_vote():
            return self._stop(DECIDED)
        possible, planned = complete + len(self._out) + self._later, self.started + self._later
        if complete >= rule.grace_from(possible, planned):
            self._quorate.set()
        if complete < rule.enough(possible, planned) or not rule.homogeneous:
            return False
        open_ended = len(self.tally.votes) * 2 <= complete
        settled = rule.asked and majority(clusters, self.landed) is not None
        return (not rule.votes or open_ended or settled) and self._stop(ENOUGH)

    def _stop(self, reason: str) -> bool:
        self._stopped = True
        self._cut(reason)
        return True

    def _cut(self, reason: str) -> None:
        self._agents.cancel(reason)

    async def _give_grace(self) -> None:
        if self.stopping.homogeneous:
            return
        await self._quorate.wait()
        await anyio.sleep(self.stopping.grace)
        self._cut(OVERDUE)

    async def _hurry(self) -> None:
        ctx = self.ctx
        if ctx.deadline == math.inf:
            return
        left = ctx.deadline - anyio.current_time()
        await anyio.sleep(max(0.0, left * HURRY))
        self._hurried = True
        if self.complete or self.replaceable:
            self._stop(LATE)
