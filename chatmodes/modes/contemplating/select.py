"""Which draft to take word for word, where no vote settles it.

The right answer is among five drafts 20 points more often than the vote finds it (benchmarks/gsm8k). Four ways to close
that distance were measured there: votes weighted by token probabilities, a greedy draft among the five, the model
checking each draft, and its comparisons in both orders. None beat the plain count, so the count is what there is.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from chatmodes import events as ev
from chatmodes.modes import prompts
from chatmodes.modes.agent import Agent, Draft, Request
from chatmodes.modes.contemplating.fence import fenced, room_for, secret_names
from chatmodes.modes.context import RunContext
from chatmodes.providers.calls import ModelInfo

JUDGE_TOKENS = 1024
_VERDICT = re.compile(r"BEST\W{1,6}(?:DRAFT\s+)?([A-Z]+)")


def standing_for(cluster: ev.Cluster, drafts: Sequence[Draft]) -> Draft:
    """The cluster's shortest draft: it says the same with the least to go wrong."""
    return min((d for d in drafts if d.slot.agent in cluster.agents), key=lambda d: len(d.text))


async def best_of(ctx: RunContext, judge: ModelInfo, drafts: Sequence[Draft]) -> Draft | None:
    """The draft that a judge finds best of all; None where its verdict names none, or its call fails."""
    hide = secret_names({d.slot.model for d in drafts} | {judge.model}, ctx.messages)
    room = room_for(judge, ctx.messages, JUDGE_TOKENS)
    shown = fenced(drafts, seed=ctx.seed, purpose="judge", room=room, hide=hide)
    request = Request(prompts.appended(ctx.messages, prompts.fill("select", drafts=shown.text)), JUDGE_TOKENS)
    reply = await Agent(ctx, ev.Slot("judge", "judge", judge.model), request).run()
    found = [] if reply.error else _VERDICT.findall(reply.text.upper())
    agent = shown.labels.get(found[-1]) if found else None
    return next((draft for draft in drafts if draft.slot.agent == agent), None)


def most_central(drafts: Sequence[Draft]) -> Draft:
    """The draft that has most in common with the others, by shared word pairs; no call is made."""
    pairs = [set(pairwise(words)) for words in (re.findall(r"\w+", d.text.lower()) for d in drafts)]

    def closeness(at: int) -> float:
        mine = pairs[at]
        return sum(len(mine & other) / max(1, len(mine | other)) for i, other in enumerate(pairs) if i != at)

    return drafts[max(range(len(drafts)), key=closeness)]
