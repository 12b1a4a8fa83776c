"""Auto: the mode that fits the prompt, chosen by a rule that can be explained in one sentence.

A rule first, since it is free and instant, and its reason can be shown beside the answer. Where the settings name a
classifier, one short call decides instead, and the rule stands in for it when that fails. Where they ask for the
cascade, what would be thought through is drafted twice, quickly, and contemplated where the drafts differ.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from chatmodes import events as ev
from chatmodes.modes import prompts
from chatmodes.modes.agent import Agent
from chatmodes.modes.base import SHIPPED, Mode, ModelOf, get
from chatmodes.modes.cascade import Cascade, with_quick
from chatmodes.modes.context import Outcome, RunContext
from chatmodes.modes.costs import Planned, bound
from chatmodes.modes.draft import Request
from chatmodes.modes.rule import Choice, rule
from chatmodes.providers.calls import ProviderError
from chatmodes.settings import Settings

CHOICES = ("instant", "thinking", "contemplating")
CLASSIFIER_TOKENS = 256


class Auto:
    """Choose, then let the chosen mode answer; its plan carries the reason."""

    name = "auto"
    purpose, mark = SHIPPED[name].purpose, SHIPPED[name].mark
    section = None

    def models(self, settings: Settings, model: str, model_of: ModelOf | None) -> set[str]:
        """Those of every mode that it may choose, and the classifier."""
        found = {settings.auto.classifier} - {""}
        for mode in CHOICES:
            found |= get(mode).models(settings, model_of(mode) if model_of else model, model_of)
        return found

    def plan(self, ctx: RunContext) -> ev.Plan:
        """The bounds of the dearest mode it may choose, the classifier's call included. Raises `ProviderError`."""
        models = {mode: ctx.model_of(mode) if ctx.model_of else ctx.model for mode in CHOICES}
        plans = [get(mode).plan(replace(ctx, model=model)) for mode, model in models.items()]
        extra: float | None = 0
        price: float | None = 0.0
        if model := ctx.settings.auto.classifier:
            extra, price = bound([Planned(ctx.models.describe(model), ctx.path[-1:], CLASSIFIER_TOKENS)])
        if ctx.settings.auto.cascade:
            plans.append(with_quick(plans[CHOICES.index("contemplating")], ctx, models["instant"]))
        tokens = _most([each.max_tokens for each in plans], extra)
        cost = _most([each.max_cost for each in plans], price)
        return ev.Plan((), max_tokens=None if tokens is None else int(tokens), max_cost=cost)

    async def choose(self, ctx: RunContext) -> Mode:
        """The mode that fits the prompt. Raises `ConfigError` for a prompt file that cannot serve."""
        choice = rule(ctx.prompt)
        try:
            if ctx.settings.auto.classifier:
                choice = await _classified(ctx, choice)
        finally:
            cascades = ctx.settings.auto.cascade and choice.mode == "thinking"
            ctx.chosen_because = _cascading(choice) if cascades else _sentence(choice)
        mode = Cascade(ctx.model_of("instant") if ctx.model_of else ctx.model) if cascades else get(choice.mode)
        if ctx.model_of:
            ctx.model = ctx.model_of(mode.name)
        return mode

    async def answer(self, ctx: RunContext, plan: ev.Plan) -> Outcome:
        """Answer in the mode chosen, for who runs Auto as any other mode; a run that is conducted has chosen before."""
        mode = await self.choose(ctx)
        return await mode.answer(ctx, mode.plan(ctx))


def _most(values: Sequence[float | None], extra: float | None) -> float | None:
    known = [value for value in values if value is not None]
    return max(known) + extra if extra is not None and len(known) == len(values) else None


def _cascading(choice: Choice) -> str:
    return f"Two quick drafts, and Contemplating where they differ, since {choice.reason}."


def _sentence(choice: Choice) -> str:
    return f"{choice.mode.capitalize()}, since {choice.reason}."


async def _classified(ctx: RunContext, fallback: Choice) -> Choice:
    """What the classifier says; the rule's choice where it fails or says something else."""
    model = ctx.settings.auto.classifier
    await ctx.models.prepare({model})
    try:
        info = ctx.models.describe(model)
    except ProviderError as error:
        return Choice(fallback.mode, f"{fallback.reason} (the classifier cannot be asked: {error.error.message})")
    slot = ev.Slot("classify", "classify", model)
    messages = prompts.appended(ctx.path[-1:], prompts.fill("classify"))
    request = Request(messages, CLASSIFIER_TOKENS, reason=False if info.reasons else None)
    reply = await Agent(ctx, slot, request).run()
    words = re.findall(r"instant|thinking|contemplating", reply.text.lower())
    if reply.error or len(set(words)) != 1:
        return Choice(fallback.mode, f"{fallback.reason} (the classifier gave no usable reply)")
    return Choice(words[0], f"{model} finds that the prompt calls for it")
