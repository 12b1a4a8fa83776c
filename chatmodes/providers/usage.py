"""Token counts and finish reasons in the program's own terms, whatever a server calls them."""

from typing import Any

from chatmodes.events import Finish, Usage
from chatmodes.providers.shapes import table

_FINISHES: dict[Finish, str] = {
    "stop": "stop end_turn eos eos_token eos_found stop_sequence complete completed done tool_calls tool_use "
    "function_call",
    "length": "length max_tokens max_output_tokens model_length token_limit context_length",
    "filtered": "content_filter content_filtered refusal safety recitation blocklist prohibited_content spii sensitive "
    "image_safety guardrail language",
    "failed": "error network_error failed malformed_response",
}
_FINISH: dict[str, Finish] = {name: finish for finish, names in _FINISHES.items() for name in names.split()}


def finish_of(reason: object) -> Finish:
    """The reason in the program's words; a name nobody knows is `unknown`, and no error."""
    return _FINISH.get(str(reason).lower(), "unknown")


def usage_of(raw: dict[str, Any], *, additive: bool = False) -> Usage:
    """The counts in a usage object.

    `additive`: the provider's completion tokens leave the reasoning out, as xAI's do. Where it is not said, a total
    that only comes out with the reasoning added says the same.
    """
    prompt = _count(raw, "prompt_tokens", "input_tokens")
    output = _count(raw, "completion_tokens", "output_tokens")
    details = _table(raw, "completion_tokens_details", "output_tokens_details")
    reasoning = _first(_count(details, "reasoning_tokens"), _count(raw, "reasoning_tokens"))
    cached = _first(
        _count(_table(raw, "prompt_tokens_details", "input_tokens_details"), "cached_tokens"),
        _count(raw, "prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens"),
    )
    total = _count(raw, "total_tokens")
    if output is not None and reasoning:
        parts = None if prompt is None or total is None else total - prompt - output
        if additive or parts == reasoning:
            output += reasoning
    return Usage(prompt, output, reasoning, cached)


def cost_in(raw: dict[str, Any]) -> float | None:
    """What the provider itself says the call cost, US dollars; OpenRouter does."""
    cost = raw.get("cost")
    return float(cost) if isinstance(cost, int | float) and not isinstance(cost, bool) and cost >= 0 else None


def _count(raw: dict[str, Any], *names: str) -> int | None:
    for name in names:
        value = raw.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15:
            return int(value)
    return None


def _table(raw: dict[str, Any], *names: str) -> dict[str, Any]:
    for name in names:
        if found := table(raw.get(name)):
            return found
    return {}


def _first(*counts: int | None) -> int | None:
    return next((count for count in counts if count is not None), None)
