"""Contemplating's plan: who drafts, with what variation, who reconciles, and what it can cost at most."""

import re
from dataclasses import dataclass

import msgspec

from chatmodes import events as ev
from chatmodes.messages import Message
from chatmodes.modes import prompts
from chatmodes.modes.contemplating.explore import Stopping
from chatmodes.modes.contemplating.fence import ROOM, fenced_notes, secret_names
from chatmodes.modes.contemplating.select import JUDGE_TOKENS
from chatmodes.modes.contemplating.weigh import standing
from chatmodes.modes.context import RunContext
from chatmodes.modes.costs import Planned, attempts, bound, rounds, turns
from chatmodes.modes.draft import Request
from chatmodes.providers.calls import ModelInfo, ProviderError
from chatmodes.settings import Member

QUORUM = 3
"""Drafts of one model that may settle the answer: the first three finishers beat the full vote (arXiv 2505.17813)."""
DISTIL_TOKENS = 2048
MOST = 64
MANY, WARM = 9, 0.7
"""A cool panel wins up to seven drafts, a warmer one from nine on: at 0.3 a 0.5B model's vote of 16 has 32.9% of GSM8K
right, at 0.7 34.8%, and of five 30.6 against 28.4 (benchmarks/gsm8k)."""


@dataclass(frozen=True)
class Panel:
    """Everything decided before the first call."""

    slots: tuple[ev.Slot, ...]
    infos: dict[str, ModelInfo]
    reconciler: ModelInfo
    stopping: Stopping
    plan: ev.Plan

    def drafting(self, ctx: RunContext, round_number: int, workspace: str) -> list[tuple[ev.Slot, Request]]:
        """What each agent is asked in a round. From the second on, `workspace` has the notes of the one before."""
        sure = _vote_is_likely(ctx)
        work: list[tuple[ev.Slot, Request]] = []
        for slot in self.slots:
            info = self.infos[slot.model]
            # A small model is asked as it is: any word about the form of the answer costs it the working.
            instruction = "" if info.small else prompts.fill("draft", hint=slot.hint or "")
            if round_number > 1:
                hide = secret_names(self.infos, ctx.messages)
                notes = fenced_notes(workspace, seed=ctx.seed, purpose=f"round{round_number}", hide=hide)
                instruction = f"{prompts.fill('round', workspace=notes)}\n\n{instruction}".strip()
                slot = msgspec.structs.replace(slot, agent=f"r{round_number}{slot.agent}")
            request = Request(
                prompts.appended(ctx.messages, instruction) if instruction else ctx.messages,
                cap(ctx, info),
                reason=True if info.reasons else None,
                logprobs=sure and info.logprobs,
            )
            work.append((slot, request))
        return work


_COUNTS = re.compile(r"\d|(?:^|\s)\(?A[).:]\s", re.MULTILINE)


def _vote_is_likely(ctx: RunContext) -> bool:
    """Whether token probabilities may serve: drafts are voted on, and the question has numbers or options."""
    section = ctx.settings.contemplating
    return (
        section.weigh and section.agents > 1 and section.reconcile != "synthesize" and bool(_COUNTS.search(ctx.prompt))
    )


def cap(ctx: RunContext, info: ModelInfo) -> int:
    """The most tokens of a draft or of the answer. A model that reasons has what Thinking has for the same."""
    own = ctx.settings.contemplating.max_tokens
    return max(own, ctx.settings.thinking.max_tokens) if info.reasons else own


def assemble(ctx: RunContext) -> Panel:
    """The panel that the settings describe. Raises `ProviderError` for a model that cannot be called, so that this is
    said before anything is spent, and for a number of agents outside 1 to 64."""
    section = ctx.settings.contemplating
    if not 1 <= section.agents <= MOST:
        raise ProviderError(
            ev.Error("bad_request", f"Contemplating with {section.agents} agents is not possible.", "Take 1 to 64.")
        )
    panel = [ctx.settings.member(each) for each in section.panel or (ctx.model,)]
    members = [panel[i % len(panel)] for i in range(section.agents)]
    models = [member.model for member in members]
    judge = section.reconciler or ctx.model
    infos = {model: ctx.models.describe(model) for model in dict.fromkeys([*models, judge])}
    hints = prompts.lines("hints")
    slots = tuple(
        _slot(at, each, infos[each.model], hints, models.count(each.model)) for at, each in enumerate(members)
    )
    stopping = _stopping(ctx, slots, infos)
    tokens, cost = bound(_calls(ctx, models, infos, infos[judge]))
    plan = ev.Plan(
        slots,
        quorum=stopping.quorum,
        reconcile=section.reconcile,
        max_tokens=tokens,
        max_cost=cost,
        seed=ctx.seed,
        reason=ctx.chosen_because,
    )
    return Panel(slots, infos, infos[judge], stopping, plan)


def _slot(at: int, member: Member, info: ModelInfo, hints: list[str], drafts: int) -> ev.Slot:
    """Drafts differ by sampling, or where that is not accepted by a hint; the first goes without. `drafts` are those
    of the same model."""
    temperature = _temperature(info, drafts) if member.temperature is None else member.temperature
    return ev.Slot(
        f"a{at + 1}",
        "draft",
        info.model,
        temperature=temperature if info.sampling else None,
        effort=member.effort if member.effort in info.efforts else None,
        hint=hints[(at - 1) % len(hints)] if at and hints and not info.sampling else None,
    )


def _temperature(info: ModelInfo, drafts: int) -> float | None:
    """The profile's for drafts, and from `MANY` drafts on no cooler than `WARM`."""
    if info.draft_temperature is None or drafts < MANY:
        return info.draft_temperature
    return max(info.draft_temperature, WARM)


def _stopping(ctx: RunContext, slots: tuple[ev.Slot, ...], infos: dict[str, ModelInfo]) -> Stopping:
    section, models = ctx.settings.contemplating, [slot.model for slot in slots]
    homogeneous = len({(slot.model, slot.effort) for slot in slots}) == 1
    # A mixed panel waits for all, but once more than half are in no longer than the time of grace.
    return Stopping(
        quorum=min(section.quorum or (QUORUM if homogeneous else len(slots)), len(slots)),
        homogeneous=homogeneous,
        grace=section.grace,
        asked=bool(section.quorum),
        votes=section.reconcile != "synthesize",
        plurality=section.reconcile == "vote",
        early=section.early_stop,
        waves=section.spend == "tokens",
        standings=standing(models),
        weighs=section.weigh,
        marking=frozenset(model for model in models if not infos[model].small),
    )


def _calls(ctx: RunContext, models: list[str], infos: dict[str, ModelInfo], judge: ModelInfo) -> list[Planned]:
    """Every call that may be made, second attempts included."""
    section = ctx.settings.contemplating
    messages: tuple[Message, ...] = ctx.messages
    room = ROOM // 3
    writing = [
        *(Planned(infos[model], messages, cap(ctx, infos[model])) for model in models * section.rounds),
        Planned(judge, messages, cap(ctx, judge), room + DISTIL_TOKENS),
    ]
    calls = [
        *(turn for call in writing for turn in turns(call, rounds(ctx, call.info))),
        *[Planned(judge, messages, DISTIL_TOKENS, room)] * section.rounds,
        Planned(judge, messages, JUDGE_TOKENS, room),
    ]
    return [attempt for call in calls for attempt in attempts(call)]
