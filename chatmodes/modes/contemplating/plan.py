"""Contemplating's plan: who drafts, with what variation, who reconciles, and what it can cost at most."""

from dataclasses import dataclass
from functools import partial

from chatmodes import events as ev
from chatmodes.messages import Message
from chatmodes.modes import prompts
from chatmodes.modes.agent import LARGER, Request
from chatmodes.modes.answers.voting import answer_to
from chatmodes.modes.contemplating.explore import Stopping
from chatmodes.modes.contemplating.fence import ROOM, fenced_notes, secret_names
from chatmodes.modes.contemplating.select import JUDGE_TOKENS
from chatmodes.modes.context import RunContext
from chatmodes.modes.costs import Planned, bound
from chatmodes.providers.calls import ModelInfo, ProviderError
from chatmodes.settings import Member

QUORUM = 3
"""Drafts of one model that may settle the answer: the first three finishers beat the full vote (arXiv 2505.17813)."""
DISTIL_TOKENS = 2048
MOST = 64


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
        work: list[tuple[ev.Slot, Request]] = []
        for slot in self.slots:
            info = self.infos[slot.model]
            # A small model is asked as it is: any word about the form of the answer costs it the working.
            instruction = "" if info.small else prompts.fill("draft", hint=slot.hint or "")
            if round_number > 1:
                hide = secret_names(self.infos, ctx.messages)
                notes = fenced_notes(workspace, seed=ctx.seed, purpose=f"round{round_number}", hide=hide)
                instruction = f"{prompts.fill('round', workspace=notes)}\n\n{instruction}".strip()
                slot = ev.Slot(
                    f"r{round_number}{slot.agent}", slot.role, slot.model, slot.temperature, slot.effort, slot.hint
                )
            request = Request(
                prompts.appended(ctx.messages, instruction) if instruction else ctx.messages,
                ctx.settings.contemplating.max_tokens,
                reason=True if info.reasons else None,
                short=partial(_shown, ctx.prompt),
            )
            work.append((slot, request))
        return work


def _shown(question: str, text: str) -> str | None:
    answer = answer_to(question, text)
    return answer.display if answer else None


def assemble(ctx: RunContext) -> Panel:
    """The panel that the settings describe. Raises `ProviderError` for a model that cannot be called, so that this is
    said before anything is spent, and for a number of agents outside 1 to 64."""
    section = ctx.settings.contemplating
    if not 1 <= section.agents <= MOST:
        raise ProviderError(
            ev.Error("bad_request", f"Contemplating with {section.agents} agents is not possible.", "Take 1 to 64.")
        )
    panel = [Member(model=each) if isinstance(each, str) else each for each in section.panel or (ctx.model,)]
    members = [panel[i % len(panel)] for i in range(section.agents)]
    models = [member.model for member in members]
    judge = section.reconciler or ctx.model
    infos = {model: ctx.models.describe(model) for model in dict.fromkeys([*models, judge])}
    hints = prompts.lines("hints")
    slots = tuple(_slot(at, each, infos[each.model], hints) for at, each in enumerate(members))
    stopping = _stopping(ctx, models)
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


def _slot(at: int, member: Member, info: ModelInfo, hints: list[str]) -> ev.Slot:
    """Drafts differ by sampling, or where that is not accepted by a hint; the first goes without."""
    temperature = info.draft_temperature if member.temperature is None else member.temperature
    return ev.Slot(
        f"a{at + 1}",
        "draft",
        info.model,
        temperature=temperature if info.sampling else None,
        effort=member.effort if member.effort in info.efforts else None,
        hint=hints[(at - 1) % len(hints)] if at and hints and not info.sampling else None,
    )


def _stopping(ctx: RunContext, models: list[str]) -> Stopping:
    section, agents = ctx.settings.contemplating, len(models)
    homogeneous = len(set(models)) == 1
    # A mixed panel waits for all, but once more than half are in no longer than the time of grace.
    quorum = min(section.quorum or (QUORUM if homogeneous else agents), agents)
    return Stopping(
        quorum=quorum,
        homogeneous=homogeneous,
        grace=section.grace,
        grace_from=min(quorum, agents // 2 + 1) if not section.quorum else quorum,
        votes=section.reconcile != "synthesize",
        plurality=section.reconcile == "vote",
    )


def _calls(ctx: RunContext, models: list[str], infos: dict[str, ModelInfo], judge: ModelInfo) -> list[Planned]:
    """Every call that may be made, second attempts included."""
    section = ctx.settings.contemplating
    messages: tuple[Message, ...] = ctx.messages
    attempts = 1 + LARGER
    drafts = [Planned(infos[model], messages, section.max_tokens * attempts) for model in models * section.rounds]
    room = ROOM // 3
    helpers = [Planned(judge, messages, DISTIL_TOKENS * attempts, room)] * section.rounds
    final = Planned(judge, messages, section.max_tokens * attempts, room + DISTIL_TOKENS)
    choice = Planned(judge, messages, JUDGE_TOKENS * attempts, room)
    return [*drafts, *helpers, final, choice]
