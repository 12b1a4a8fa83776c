"""What a client is told at a run's end: finish reason, usage, and the tool calls it is to run."""

from collections.abc import Callable
from typing import Any

from chatmodes import events as ev
from chatmodes.folding import RunView
from chatmodes.messages import ToolCall

_FINISH = {"length": "length", "filtered": "content_filter"}


def finish_of(view: RunView, calls: list[ToolCall]) -> str:
    """Why the answer ended, in OpenAI's words."""
    return "tool_calls" if calls else _FINISH.get(_stopped(view) or "", "stop")


def spent(view: RunView) -> bool:
    """Whether there is no answer since all that wrote one used up their tokens on reasoning: that is no failure to a
    client, which gave the limit and is told that it was reached."""
    if not isinstance(view.end, ev.RunFailed) or view.end.error.kind != "empty":
        return False
    writing = [agent.finish for agent in view.agents.values() if agent.role in ("answer", "draft")]
    return bool(writing) and all(finish == "length" for finish in writing)


def refused(view: RunView) -> bool:
    """Whether the text that came is a refusal, as the provider itself says."""
    return any(agent.refused for agent in view.agents.values() if agent.role == "answer")


def _stopped(view: RunView) -> ev.Finish | None:
    """Why the model stopped whose text the answer is. A draft that stands for it is found by its text: it was taken
    as it is, and the agent that was to reconcile it may have ended otherwise."""
    if spent(view):
        return "length"
    if isinstance(view.end, ev.RunFinished) and view.end.method not in ("single", "synthesis"):
        answer = view.end.answer.strip()
        taken: set[ev.Finish | None] = {draft.finish for draft in view.drafts if "".join(draft.text).strip() == answer}
        return taken.pop() if len(taken) == 1 else None
    answering = [agent for agent in view.agents.values() if agent.role in ("answer", "reconcile")]
    return answering[-1].finish if answering else None


def usage_of(view: RunView) -> ev.Usage:
    """What the whole run used, its agents summed. One of which nothing is known, such as an agent that was stopped
    before its first word, is left out: the form has no word for unknown, and what is known is better than 0."""
    told = view.end.usage if view.end else ev.Usage()
    used = [agent.usage for agent in view.agents.values() if agent.usage]

    def count(of: Callable[[ev.Usage], int | None]) -> int | None:
        return sum(of(each) or 0 for each in used) if of(told) is None else of(told)

    return ev.Usage(
        count(lambda usage: usage.input_tokens),
        count(lambda usage: usage.output_tokens),
        count(lambda usage: usage.reasoning_tokens),
        count(lambda usage: usage.cached_tokens),
    )


def chat_usage(usage: ev.Usage) -> dict[str, Any]:
    """Usage as chat completions tell it. The form knows no unknown count: one that nobody told is 0."""
    read, written = usage.input_tokens or 0, usage.output_tokens or 0
    return {
        "prompt_tokens": read,
        "completion_tokens": written,
        "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens or 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
    }


def responses_usage(usage: ev.Usage) -> dict[str, Any]:
    """Usage as Responses tell it."""
    read, written = usage.input_tokens or 0, usage.output_tokens or 0
    return {
        "input_tokens": read,
        "output_tokens": written,
        "total_tokens": read + written,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens or 0},
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens or 0},
    }


def summed(views: list[RunView]) -> ev.Usage:
    """The usage of several runs that answered one request."""
    return sum((usage_of(view) for view in views), ev.NO_USAGE)
