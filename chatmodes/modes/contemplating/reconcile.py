"""From drafts that differ to one answer: a workspace first, then one streamed call that writes the answer.

The judge sees the whole conversation, the workspace and the drafts, and is told to judge by reasoning. What it makes of
a clear plurality is checked afterwards (`overruled`): a majority can be wrong, but it is never overruled in silence.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, cast

import anyio
import msgspec

from chatmodes import events as ev
from chatmodes.modes import prompts, sampling
from chatmodes.modes.agent import Agent
from chatmodes.modes.answers import algebra
from chatmodes.modes.answers.extract import short_answer
from chatmodes.modes.answers.short import ShortAnswer, read, same
from chatmodes.modes.answers.terms import terms_of
from chatmodes.modes.contemplating.agree import plurality
from chatmodes.modes.contemplating.fence import fenced, fenced_notes, room_for, secret_names
from chatmodes.modes.contemplating.plan import DISTIL_TOKENS, cap
from chatmodes.modes.context import RunContext
from chatmodes.modes.draft import Draft, Request
from chatmodes.providers.calls import ModelInfo

LISTS = ("consensus", "contradictions", "unique", "blind_spots")
_MOST_ITEMS = 8
_LONGEST_ITEM = 600


class Judge:
    """The model that reconciles, at work on one set of drafts."""

    def __init__(self, ctx: RunContext, info: ModelInfo, drafts: Sequence[Draft]) -> None:
        self.ctx, self.info, self.drafts = ctx, info, drafts

    async def distil(self, name: str) -> str:
        """Boil the drafts down: the workspace as text, empty when the call failed. Tells it as `distilled`."""
        ctx = self.ctx
        slot = ev.Slot(name, "distil", self.info.model)
        messages = prompts.appended(ctx.messages, prompts.fill("distil", drafts=self._drafts(name)))
        request = Request(messages, DISTIL_TOKENS, reason=False if self.info.reasons else None)
        found = await Agent(ctx, slot, request).run()
        if found.error:
            return ""
        lists = parse_workspace(found.text)
        ctx.emit(
            ev.Distilled(
                run=ctx.run,
                at=ctx.at,
                consensus=lists["consensus"],
                contradictions=lists["contradictions"],
                unique=lists["unique"],
                blind_spots=lists["blind_spots"],
            )
        )
        return workspace_text(lists)

    async def reconcile(self, workspace: str) -> Draft:
        """Write the answer, streamed."""
        ctx = self.ctx
        asked = ctx.settings.sampling
        slot = ev.Slot(
            "reconcile",
            "reconcile",
            self.info.model,
            temperature=asked.temperature if self.info.sampling else None,
            effort=sampling.effort(asked.effort, self.info),
        )
        notes = fenced_notes(workspace, seed=ctx.seed, purpose="reconcile", hide=self._names)
        instruction = prompts.fill("reconcile", drafts=self._drafts("reconcile"), workspace=notes)
        request = Request(
            prompts.appended(ctx.messages, instruction),
            cap(ctx, self.info),
            reason=True if self.info.reasons else None,
        )
        return await Agent(ctx, slot, request).run()

    @property
    def _names(self) -> tuple[str, ...]:
        return secret_names({d.slot.model for d in self.drafts} | {self.info.model}, self.ctx.messages)

    def _drafts(self, purpose: str) -> str:
        ctx = self.ctx
        room = room_for(self.info, ctx.messages, cap(ctx, self.info))
        return fenced(self.drafts, seed=ctx.seed, purpose=purpose, room=room, hide=self._names).text


def parse_workspace(text: str) -> dict[str, tuple[str, ...]]:
    """The four lists in a reply that should be one JSON object. A reply of another shape is kept as consensus."""
    start, end = text.find("{"), text.rfind("}")
    found: dict[str, Any] = {}
    if 0 <= start < end:
        with suppress(msgspec.DecodeError, RecursionError):  # a small model may open brackets without an end
            decoded = msgspec.json.decode(text[start : end + 1])
            found = cast("dict[str, Any]", decoded) if isinstance(decoded, dict) else {}
    lists: dict[str, tuple[str, ...]] = {}
    with suppress(RecursionError):  # decoded, and yet too deep to be written again
        lists = {name: _items(found.get(name)) for name in LISTS}
    lists = {name: lists.get(name, ()) for name in LISTS}
    if not any(lists.values()) and text.strip():
        lists["consensus"] = (text.strip()[: _LONGEST_ITEM * 4],)
    return lists


def _items(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return ()
    items = [
        item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in cast("list[Any]", value)
    ]
    return tuple(item[:_LONGEST_ITEM] for item in items[:_MOST_ITEMS] if item.strip())


def workspace_text(lists: dict[str, tuple[str, ...]]) -> str:
    """The lists as a judge and a later draft read them."""
    titles = {"consensus": "Agreed", "contradictions": "Disputed", "unique": "Said once", "blind_spots": "Missed"}
    return "\n".join(
        f"{titles[name]}:\n" + "\n".join(f"- {item}" for item in lists[name]) for name in LISTS if lists[name]
    )


async def overruled(
    answer: str, clusters: tuple[ev.Cluster, ...], seconds: float, *, question: str = ""
) -> tuple[ev.Dissent, ...]:
    """The answers among the drafts that a written answer did not take; a clear plurality among them is flagged.

    Algebra is asked, for `seconds` at most, where only it can tell: `(x+1)^2` does not overrule `x^2+2x+1`. The answer
    is read on the terms of the `question`, as the drafts were.
    """
    final = short_answer(answer, terms=terms_of(question), question=question)
    given = {cluster.answer: read(cluster.answer) for cluster in clusters}
    equal = await _proved(final, [each for each in given.values() if each], seconds)
    clear = plurality(clusters)
    dissent: list[ev.Dissent] = []
    for cluster in clusters:
        said = given[cluster.answer]
        if final is not None and said is not None and (same(final, said) or said.display in equal):
            continue
        reason = "a minority of the drafts"
        if cluster is clear:
            reason = (
                "overruled: most drafts said this, the reconciled answer differs"
                if final is not None
                else "most drafts said this, and the reconciled answer names no short answer to compare"
            )
        dissent.append(ev.Dissent(cluster.answer, cluster.agents, reason))
    return tuple(dissent)


async def _proved(final: ShortAnswer | None, given: Sequence[ShortAnswer], seconds: float) -> set[str]:
    """The displays of those answers that algebra finds equal to the final one."""
    if final is None:
        return set()
    pairs = [pair for each in given for pair in algebra.undecided((final, each))]
    with anyio.move_on_after(seconds):
        return {text for pair in await algebra.equal_pairs(pairs) for text in pair} - {final.display}
    return set()
