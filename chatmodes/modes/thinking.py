"""Thinking: a chain of thought, shown apart from the answer.

A model that reasons by itself does so, at the effort the settings name. Any other is asked to think between tags first
(`config/prompts/think.txt`), which is worth tens of points on problems of several steps.
"""

from chatmodes import events as ev
from chatmodes.messages import Message, assistant, user
from chatmodes.modes import prompts
from chatmodes.modes.agent import LARGER, Agent, Request
from chatmodes.modes.costs import Planned, bound
from chatmodes.modes.run import Outcome, RunContext
from chatmodes.providers.calls import ProviderError

REMEMBERED = 24_000
"""Characters of the reasoning's end that go along when the answer alone is asked for: 6,000 tokens, a bounded price."""


async def thinking(ctx: RunContext) -> Outcome:
    """Let the model reason, then answer. Raises `ProviderError` when the call fails, `ConfigError` for a bad prompt."""
    section = ctx.settings.thinking
    try:
        info = ctx.models.describe(ctx.model)
    except ProviderError:
        _begin(ctx, ev.Plan((ev.Slot("answer", "answer", ctx.model),), seed=ctx.seed, reason=ctx.chosen_because))
        raise
    effort = _effort(section.effort, info.efforts) if info.reasons else None
    slot = ev.Slot("answer", "answer", ctx.model, effort=effort)
    # A small model thinks aloud by itself, and guesses when it is told how: its text is the reasoning, and the answer
    # is asked for afterwards.
    asked = not info.reasons and not info.small
    messages = prompts.appended(ctx.messages, prompts.fill("think")) if asked else ctx.messages
    request = Request(
        messages,
        section.max_tokens,
        reason=True if info.reasons else None,
        splits=not info.reasons,
        follow_up=lambda reasoning: _ask_for_answer(ctx.messages, reasoning),
    )
    tokens, cost = bound([Planned(info, messages, section.max_tokens * (1 + LARGER))])
    _begin(ctx, ev.Plan((slot,), max_tokens=tokens, max_cost=cost, seed=ctx.seed, reason=ctx.chosen_because))
    draft = await Agent(ctx, slot, request).run()
    if draft.error:
        raise ProviderError(draft.error, draft.usage)
    return Outcome("single", degraded=CUT if draft.finish == "length" else None)


CUT = "The answer was cut at the token limit."


def _begin(ctx: RunContext, plan: ev.Plan) -> None:
    ctx.emit(ev.RunStarted(run=ctx.run, at=ctx.at, mode="thinking", prompt=ctx.prompt, plan=plan))


def _effort(wanted: str, known: tuple[str, ...]) -> str | None:
    """The effort of the settings where the model knows it; anything else is left to its profile."""
    return wanted if wanted in known else None


def _ask_for_answer(messages: tuple[Message, ...], reasoning: str) -> tuple[Message, ...]:
    return (*messages, assistant(reasoning[-REMEMBERED:]), user(prompts.fill("answer")))
