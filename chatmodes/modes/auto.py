"""Auto: the mode that fits the prompt, chosen by a rule that can be explained in one sentence.

A rule first, since it is free and instant, and its reason can be shown beside the answer. Where the settings name a
classifier, one short call decides instead, and the rule stands in for it when that fails.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import msgspec

from chatmodes import events as ev
from chatmodes.modes import prompts
from chatmodes.modes.agent import Agent, Request
from chatmodes.modes.costs import Planned, bound
from chatmodes.modes.run import Outcome, RunContext, Sink
from chatmodes.providers.calls import ProviderError
from chatmodes.settings import ModeName

CLASSIFIER_TOKENS = 256
LONG = 600
"""Characters from which a prompt is a task and no remark."""


class Choice(NamedTuple):
    """A mode, and the sentence that says why."""

    mode: ModeName
    reason: str


_DEMANDING = re.compile(
    r"\b(prove|proof|rigorous(?:ly)?|think (?:very )?hard|contemplate|be (?:very )?careful|double.?check|consider all|"
    r"trade-?offs?|pros and cons|high.stakes|second opinions?|beweise|démontre[rz]?|demuestra)\b",
    re.I,
)
_STEPS = re.compile(
    r"\b(why|how many|how much|how long|calculate|compute|solve|derive|explain|compare|analy[sz]e|plan|design|debug|"
    r"optimi[sz]e|implement|refactor|step by step|algorithm|equation|probability|percent(?:age)?|puzzle|logic|"
    r"berechne|warum|wie viele?|erkläre|pourquoi|combien|calcule[rz]?|por qué|cuánt[oa]s?)\b",
    re.I,
)
_MATHS = re.compile(r"\d\s*[-+*/^×÷=<>]\s*\d|\\(?:frac|sqrt|int|sum)|[∫∑√≤≥]|\b[a-z]\s*\^\s*\d|\b\d+\s*%")
_CODE = re.compile(r"```|\bTraceback\b|^\s*(?:def|class|import|function|SELECT|#include)\b", re.M)


def rule(prompt: str) -> Choice:
    """The mode for a prompt, from what it looks like."""
    if found := _DEMANDING.search(prompt):
        return Choice("contemplating", f"the prompt asks for special care (“{found[0]}”)")
    numbers = len(re.findall(r"\d+", prompt))
    if found := _MATHS.search(prompt):
        return Choice("thinking", f"the prompt has something to work out (“{found[0].strip()}”)")
    if _CODE.search(prompt):
        return Choice("thinking", "the prompt has code in it")
    if found := _STEPS.search(prompt):
        return Choice("thinking", f"the prompt asks for several steps (“{found[0]}”)")
    if numbers >= 3:
        return Choice("thinking", f"the prompt has {numbers} numbers in it")
    if len(prompt) > LONG:
        return Choice("thinking", f"the prompt is long ({len(prompt):,} characters)")
    return Choice("instant", "the prompt is short and asks for nothing that takes steps")


async def auto(ctx: RunContext) -> Outcome:
    """Choose, then run the chosen mode, whose plan carries the reason.

    `run_started` comes first in every run and names the mode, so what the classifier does is held back until that is
    known, and told right behind it.
    """
    choice = rule(ctx.prompt)
    told: list[ev.AnyEvent] = []
    sink, ctx.sink = ctx.sink, told.append
    try:
        if ctx.settings.auto.classifier:
            choice = await _classified(ctx, choice)
        if ctx.model_of:
            ctx.model = ctx.model_of(choice.mode)
    except BaseException:
        # Cancelled, or a prompt file that cannot serve: whatever it is, the run has begun before it ends.
        ctx.sink = _after_start(sink, told)
        ctx.begin(choice.mode, ev.Plan((), seed=ctx.seed, reason=_sentence(choice)))
        raise
    ctx.chosen_because = _sentence(choice)
    ctx.sink = _after_start(sink, told)
    from chatmodes.modes import named  # a mode is imported when it is first asked for

    return await named(choice.mode)(ctx)


def plan(ctx: RunContext) -> ev.Plan:
    """The bounds of the dearest mode it may choose, the classifier's call included. Raises `ProviderError`."""
    from chatmodes.modes.ceiling import planned

    modes: tuple[ModeName, ...] = ("instant", "thinking", "contemplating")
    models = {mode: ctx.model_of(mode) if ctx.model_of else ctx.model for mode in modes}
    plans = [planned(replace(ctx, model=model), mode) for mode, model in models.items()]
    tokens = [each.max_tokens for each in plans]
    costs = [each.max_cost for each in plans]
    if model := ctx.settings.auto.classifier:
        call = Planned(ctx.models.describe(model), ctx.path[-1:], CLASSIFIER_TOKENS)
        extra, price = bound([call])
    else:
        extra, price = 0, 0.0
    return ev.Plan((), max_tokens=_most(tokens, extra), max_cost=_most(costs, price), seed=ctx.seed)


def _most(values: Sequence[float | None], extra: float | None) -> Any:
    known = [value for value in values if value is not None]
    return max(known) + extra if extra is not None and len(known) == len(values) else None


def _after_start(sink: Sink, told: list[ev.AnyEvent]) -> Sink:
    def send(event: ev.AnyEvent) -> None:
        sink(event)
        if isinstance(event, ev.RunStarted):
            for held in told:
                sink(msgspec.structs.replace(held, at=event.at))

    return send


def _sentence(choice: Choice) -> str:
    return f"{choice.mode.capitalize()}, since {choice.reason}."


async def _classified(ctx: RunContext, fallback: Choice) -> Choice:
    """What the classifier says; the rule's choice where it fails or says something else."""
    model = ctx.settings.auto.classifier
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
    mode: ModeName = words[0]
    return Choice(mode, f"{model} finds that the prompt calls for it")
