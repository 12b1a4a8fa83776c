"""Which draft to take word for word, where no vote settles it."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from chatmodes import events as ev
from chatmodes.modes import prompts
from chatmodes.modes.agent import Agent
from chatmodes.modes.contemplating.fence import fenced, room_for, secret_names
from chatmodes.modes.contemplating.weigh import Evidence
from chatmodes.modes.context import RunContext
from chatmodes.modes.draft import Draft, Request
from chatmodes.providers.calls import ModelInfo

JUDGE_TOKENS = 1024
LONGEST = 20_000
"""Characters of a draft that are compared with the others."""
_VERDICT = re.compile(
    r"\bbest(?:[ \t]+(?:draft|answer|one))?[*_`\s]*(?:[:：=]|\bis\b[: \t]*)[\s*_`\"'(\[{$]*(?:\\\w+\{)*"
    r"(?:(?:the|draft|answer|label|option)[\s*_`\"'(\[]+){0,3}"
    r"(?P<label>[A-Za-z]{1,2})(?![\w'])(?P<behind>[ \t]+[a-z]+)?",
    re.IGNORECASE,
)
"""`BEST: B` as it is asked for, and as models write it: "**Best:** draft (b)", "The best draft is B."."""
_ONLY = re.compile(r"\W*(?:draft\s+)?(?P<label>[A-Z]{1,2})\W*", re.IGNORECASE)
_REASONS = frozenset("because since as is for with by due given it its and though while".split())
_WIDE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Letters of languages that put no spaces between words, or that hold a syllable each."""


def standing_for(cluster: ev.Cluster, drafts: Sequence[Draft], evidence: Mapping[str, Evidence]) -> Draft:
    """The shortest draft of the cluster: it says the same with the least to go wrong. One whose arithmetic is false
    only where there is no other."""

    def flawed(draft: Draft) -> bool:
        shown = evidence.get(draft.slot.agent)
        return shown is not None and shown.sound is False

    return min((d for d in drafts if d.slot.agent in cluster.agents), key=lambda d: (flawed(d), len(d.text)))


async def best_of(ctx: RunContext, judge: ModelInfo, drafts: Sequence[Draft]) -> Draft | None:
    """The draft that a judge finds best of all; None where its verdict names none, or its call fails."""
    hide = secret_names({d.slot.model for d in drafts} | {judge.model}, ctx.messages)
    room = room_for(judge, ctx.messages, JUDGE_TOKENS)
    shown = fenced(drafts, seed=ctx.seed, purpose="judge", room=room, hide=hide)
    request = Request(prompts.appended(ctx.messages, prompts.fill("select", drafts=shown.text)), JUDGE_TOKENS)
    reply = await Agent(ctx, ev.Slot("judge", "judge", judge.model), request).run()
    label = None if reply.error else verdict(reply.text, shown.labels)
    return next((draft for draft in drafts if label and draft.slot.agent == shown.labels[label]), None)


def verdict(reply: str, labels: Mapping[str, str]) -> str | None:
    """The label that a judge's reply ends with; None where it names none of `labels`."""
    if (only := _ONLY.fullmatch(reply)) and (label := only["label"].upper()) in labels:
        return label
    named: str | None = None
    for found in _VERDICT.finditer(reply):
        label, behind = found["label"].upper(), (found["behind"] or "").strip()
        article = label == "A" and behind and behind.lower() not in _REASONS  # "the best is a careful one"
        if label in labels and not article and not (found["label"].islower() and behind):
            named = label
    return named


def most_central(drafts: Sequence[Draft], among: Sequence[Draft] | None = None) -> Draft:
    """The draft that has most in common with the others: the medoid, as minimum Bayes risk decoding takes it
    (Kumar and Byrne 2004). Of `among`, where that is given. No call is made.

    Texts are compared by their runs of characters, since not every language puts spaces between its words.
    """
    candidates = list(drafts if among is None else among)
    shown = {id(draft): _grams(draft.text) for draft in (*drafts, *candidates)}

    def closeness(draft: Draft) -> float:
        mine = shown[id(draft)]
        others = [shown[id(other)] for other in drafts if other is not draft]
        return sum(2 * len(mine & other) / max(1, len(mine) + len(other)) for other in others)

    return max(candidates, key=closeness)


def _grams(text: str) -> set[str]:
    """Runs of four characters, white space and punctuation as one; pairs where a character is a syllable or a word."""
    plain = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text[:LONGEST]).casefold())
    size = 2 if len(_WIDE.findall(plain)) * 3 > len(plain) else 4
    return {plain[at : at + size] for at in range(max(1, len(plain) - size + 1))} - {" " * size}
