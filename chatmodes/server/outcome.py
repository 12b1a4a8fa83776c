"""What a client is told at a run's end: finish reason, usage, and the tool calls it is to run."""

from typing import Any

from chatmodes import events as ev
from chatmodes.folding import RunView
from chatmodes.messages import ToolCall

_FINISH = {"length": "length", "filtered": "content_filter"}


def finish_of(view: RunView, calls: list[ToolCall]) -> str:
    """Why the answer ended, in OpenAI's words."""
    if calls:
        return "tool_calls"
    answering = [agent for agent in view.agents.values() if agent.role in ("answer", "reconcile")]
    last = answering[-1].finish if answering else None
    return _FINISH.get(last or "", "stop")


def usage_of(view: RunView) -> ev.Usage:
    """What the whole run used, its agents summed."""
    return view.end.usage if view.end else ev.Usage()


def chat_usage(usage: ev.Usage) -> dict[str, Any]:
    """Usage as chat completions tell it. The form knows no unknown count: one that no provider told is 0."""
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
    total = ev.NO_USAGE
    for view in views:
        total += usage_of(view)
    return total
