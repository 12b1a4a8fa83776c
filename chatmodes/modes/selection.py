"""Which answer of a split vote to take.

Measured on a 0.5B model, the right answer is among five drafts 20 points more often than the vote finds it. Each
selector here is one way to close that distance, behind one signature, so that they can be measured against each other:
`count` takes the heaviest cluster; `confidence` is the same with votes weighted by token probabilities (after DeepConf,
arXiv 2508.15260); `verify` lets the model check the leading candidates against the question; `tournament` lets it
compare them in pairs, each pair in both orders, since judges favour a position.
"""

import math
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, pairwise
from typing import Any

import anyio

from chatmodes import events as ev
from chatmodes.modes import prompts
from chatmodes.modes.agent import Agent, Draft, Request
from chatmodes.modes.fencing import fenced, room_for, secret_names
from chatmodes.modes.run import RunContext
from chatmodes.providers.calls import ModelInfo

JUDGE_TOKENS = 1024
CANDIDATES = 3
"""Clusters that a judge looks at; with five drafts a fourth has one vote at most."""
WINDOW = 64
"""Tokens over which confidence is averaged: one doubtful step sinks a chain, and a mean over all of it hides that."""
CHECKED = 2.0
"""What a cluster's weight is multiplied by when the check of its draft says that it is correct."""


@dataclass
class Ballot:
    """What a selector chooses from."""

    ctx: RunContext
    judge: ModelInfo
    drafts: Sequence[Draft]
    """The complete ones."""
    clusters: tuple[ev.Cluster, ...]
    """Heaviest first."""
    judged: int = 0
    """Judges asked so far, which gives the next one its name."""

    def standing_for(self, cluster: ev.Cluster) -> Draft:
        """The cluster's shortest draft: it says the same with the least to go wrong."""
        return min((d for d in self.drafts if d.slot.agent in cluster.agents), key=lambda d: len(d.text))

    async def ask(self, prompt: str, drafts: Sequence[Draft], *, shuffle: bool = True) -> tuple[str, dict[str, str]]:
        """Let a judge look at drafts: its reply, empty when it failed, and who stood behind each label."""
        self.judged += 1
        ctx, name = self.ctx, f"judge{self.judged}"
        hide = secret_names({d.slot.model for d in self.drafts} | {self.judge.model}, ctx.messages)
        room = room_for(self.judge, ctx.messages, JUDGE_TOKENS)
        shown = fenced(drafts, seed=ctx.seed, purpose=name, room=room, hide=hide, shuffle=shuffle)
        return await self._send(name, prompts.fill(prompt, drafts=shown.text)), shown.labels

    async def _send(self, name: str, instruction: str) -> str:
        slot = ev.Slot(name, "judge", self.judge.model)
        request = Request(prompts.appended(self.ctx.messages, instruction), JUDGE_TOKENS)
        verdict = await Agent(self.ctx, slot, request).run()
        return "" if verdict.error else verdict.text


Selector = Callable[[Ballot], Awaitable[ev.Cluster]]


async def count(ballot: Ballot) -> ev.Cluster:
    """The heaviest cluster; of equal weight the one whose first draft landed first."""
    return ballot.clusters[0]


async def verify(ballot: Ballot) -> ev.Cluster:
    """The heaviest after every leading candidate's draft was checked by the model."""
    leading = ballot.clusters[:CANDIDATES]
    weights = [cluster.weight for cluster in leading]

    async def check(index: int) -> None:
        reply, _ = await ballot.ask("verify", [ballot.standing_for(leading[index])])
        if _verdict(reply, "CORRECT") == "YES":
            weights[index] *= CHECKED

    await _all(partial(check, index) for index in range(len(leading)))
    return leading[max(range(len(leading)), key=lambda i: weights[i])]


async def tournament(ballot: Ballot) -> ev.Cluster:
    """The one that wins most comparisons among the leading candidates; a pair that differs by order counts for none."""
    leading = ballot.clusters[:CANDIDATES]
    wins: Counter[int] = Counter()

    async def compare(a: int, b: int) -> None:
        first, second = ballot.standing_for(leading[a]), ballot.standing_for(leading[b])
        winners: list[str | None] = []
        for pair in ((first, second), (second, first)):
            reply, labels = await ballot.ask("select", pair, shuffle=False)
            winners.append(labels.get(_verdict(reply, "BEST")))
        if winners[0] and winners[0] == winners[1]:
            wins[a if winners[0] == first.slot.agent else b] += 1

    await _all(partial(compare, a, b) for a, b in combinations(range(len(leading)), 2))
    return leading[max(range(len(leading)), key=lambda i: (wins[i], leading[i].weight))]


SELECTORS: dict[str, Selector] = {"count": count, "confidence": count, "verify": verify, "tournament": tournament}
ASKING = ("verify", "tournament")
"""Selectors that make calls, and therefore look at leads that a count takes for settled."""


def calls(selection: str) -> int:
    """How many judges a selector asks at most."""
    return {"verify": CANDIDATES, "tournament": CANDIDATES * (CANDIDATES - 1)}.get(selection, 0)


def confidence(draft: Draft) -> float:
    """A draft's weight from its token probabilities: that of its most doubtful stretch, from 0 to 1; 1 without any."""
    probabilities = draft.logprobs
    if not probabilities:
        return 1.0
    size = min(WINDOW, len(probabilities))
    total = lowest = sum(probabilities[:size])
    for at in range(size, len(probabilities)):
        total += probabilities[at] - probabilities[at - size]
        lowest = min(lowest, total)
    return math.exp(min(0.0, lowest / size))


async def best_of(ballot: Ballot, drafts: Sequence[Draft]) -> Draft | None:
    """The draft that one judge finds best of all; None where its verdict names none."""
    reply, labels = await ballot.ask("select", drafts)
    agent = labels.get(_verdict(reply, "BEST"))
    return next((draft for draft in drafts if draft.slot.agent == agent), None)


def most_central(drafts: Sequence[Draft]) -> Draft:
    """The draft that has most in common with the others, by shared word pairs; no call is made."""
    pairs = [set(pairwise(words)) for words in (re.findall(r"\w+", d.text.lower()) for d in drafts)]

    def closeness(at: int) -> float:
        mine = pairs[at]
        return sum(len(mine & other) / max(1, len(mine | other)) for i, other in enumerate(pairs) if i != at)

    return drafts[max(range(len(drafts)), key=closeness)]


def _verdict(reply: str, word: str) -> str:
    found = re.findall(rf"{word}\W{{1,6}}(?:DRAFT\s+)?([A-Z]+)", reply.upper())
    return found[-1] if found else ""


async def _all(jobs: Iterable[Callable[[], Coroutine[Any, Any, None]]]) -> None:
    async with anyio.create_task_group() as group:
        for job in jobs:
            group.start_soon(job)
