"""Thinking: a chain of thought, shown apart from the answer.

A model that reasons by itself does so, at the effort the settings name. Any other is asked to work the question out
first (`config/prompts/think.txt`), which is worth tens of points on problems of several steps.
"""

from chatmodes import events as ev
from chatmodes.messages import Message, assistant, user
from chatmodes.modes import prompts, sampling
from chatmodes.modes.agent import LARGER, Agent
from chatmodes.modes.base import SHIPPED, ModelOf
from chatmodes.modes.context import Outcome, RunContext
from chatmodes.modes.costs import Planned, bound, rounds, turns
from chatmodes.modes.draft import Request
from chatmodes.providers.calls import ModelInfo, ProviderError
from chatmodes.settings import Settings

REMEMBERED = 24_000
"""Characters of the reasoning's end that go along when the answer alone is asked for, a bounded price."""
REMEMBERED_TOKENS = REMEMBERED // 4


class Thinking:
    """Let the model reason, then answer."""

    name = "thinking"
    purpose, mark = SHIPPED[name].purpose, SHIPPED[name].mark
    section = None

    def models(self, settings: Settings, model: str, model_of: ModelOf | None) -> set[str]:
        """The answering model alone."""
        return {model}

    def plan(self, ctx: RunContext) -> ev.Plan:
        """One call, and what may follow where it brings no answer: the one that asks for the answer alone or, of a
        model that reasons, the same with a larger cap. Raises `ProviderError` for a model that cannot be called,
        `ConfigError` for a prompt file that cannot serve."""
        info = ctx.models.describe(ctx.model)
        effort = sampling.effort(ctx.settings.thinking.effort, info) if info.reasons else None
        slot = ev.Slot("answer", "answer", ctx.model, temperature=sampling.temperature(ctx, info), effort=effort)
        cap = ctx.settings.thinking.max_tokens
        first = Planned(info, _messages(ctx, info), cap)
        follow_up = Planned(info, ctx.messages, cap * LARGER if info.reasons else cap, min(cap, REMEMBERED_TOKENS))
        tokens, cost = bound([*turns(first, rounds(ctx, info)), follow_up])
        return ev.Plan((slot,), max_tokens=tokens, max_cost=cost)

    async def answer(self, ctx: RunContext, plan: ev.Plan) -> Outcome:
        """Make the calls. Raises `ProviderError` when they fail, `ConfigError` for a bad prompt."""
        info = ctx.models.describe(ctx.model)
        request = Request(
            _messages(ctx, info),
            ctx.settings.thinking.max_tokens,
            reason=True if info.reasons else None,
            splits=not info.reasons,
            follow_up=lambda reasoning: _ask_for_answer(ctx.messages, reasoning),
        )
        draft = await Agent(ctx, plan.slots[0], request).run()
        if draft.error:
            raise ProviderError(draft.error, draft.usage)
        return Outcome("single", degraded=draft.cut or sampling.unheard(ctx, ctx.settings.thinking.effort, info))


def _messages(ctx: RunContext, info: ModelInfo) -> tuple[Message, ...]:
    """The conversation, with the request to think where a model does not do so by itself.

    A small model thinks aloud unasked, and guesses when it is told how: its text is the reasoning, and the answer is
    asked for afterwards.
    """
    if info.reasons or info.small:
        return ctx.messages
    return prompts.appended(ctx.messages, prompts.fill("think"))


def _ask_for_answer(messages: tuple[Message, ...], reasoning: str) -> tuple[Message, ...]:
    return (*messages, assistant(reasoning[-REMEMBERED:]), user(prompts.fill("answer")))
