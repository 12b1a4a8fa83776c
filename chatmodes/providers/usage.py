"""Token counts and finish reasons in the program's own terms, whatever a server calls them."""

import math
import re
from typing import Any

from chatmodes.events import Finish, Usage
from chatmodes.providers.shapes import table

_FINISHES: dict[Finish, str] = {
    "stop": "stop end end_turn eos eos_token eos_found stop_sequence stop_str complete completed done finished finish "
    "success message_end im_end",
    "tool_calls": "tool_calls tool_call tool_use function_call tool_calls_end",
    "length": "length max_tokens max_output_tokens max_completion_tokens max_new_tokens max_length model_length "
    "token_limit length_limit context_length model_context_window_exceeded incomplete",
    "filtered": "content_filter content_filtered content_policy contentfilter refusal safety recitation blocklist "
    "prohibited_content spii sensitive image_safety image_prohibited_content guardrail guardrail_intervened language "
    "moderation risk blocked",
    "failed": "error network_error failed malformed_response server_error",
}
_FINISH: dict[str, Finish] = {name: finish for finish, names in _FINISHES.items() for name in names.split()}
_NONE = ("", "null", "none", "undefined", "nil", "finish_reason_unspecified", "unspecified")
_PREFIX = re.compile(r"^(?:.*\.|finish_?reason_)")
"""`FinishReason.STOP`, `FINISH_REASON_MAX_TOKENS`: names of an enumeration that were sent as they are."""


def finish_of(reason: object) -> Finish | None:
    """The reason in the program's words; a name nobody knows is `unknown`, and no error. None where it says that there
    is none yet: empty, or the word null."""
    if reason is None or isinstance(reason, bool):
        return None
    said = str(reason).strip().lower()
    if said in _NONE:
        return None
    name = said.partition(":")[0].strip().replace(" ", "_").replace("-", "_")
    return _FINISH.get(name) or _FINISH.get(_PREFIX.sub("", name), "unknown")


def usage_of(raw: dict[str, Any], *, additive: bool = False) -> Usage:
    """The counts in a usage object.

    `additive`: the provider's completion tokens leave the reasoning out, as xAI's do. Where it is not said, a total
    that only comes out with the reasoning added says the same.
    """
    prompt = _count(raw, "prompt_tokens", "input_tokens", "prompt_eval_count")
    output = _count(raw, "completion_tokens", "output_tokens", "eval_count")
    details = _table(raw, "completion_tokens_details", "output_tokens_details")
    reasoning = _first(_count(details, "reasoning_tokens", "thinking_tokens"), _count(raw, "reasoning_tokens"))
    inputs = _table(raw, "prompt_tokens_details", "input_tokens_details")
    cached = _first(
        _count(inputs, "cached_tokens"),
        _count(raw, "prompt_cache_hit_tokens", "cached_tokens", "cache_read_input_tokens"),
    )
    written = _first(
        _count(inputs, "cache_write_tokens", "cache_creation_tokens"), _count(raw, "cache_creation_input_tokens")
    )
    total = _count(raw, "total_tokens")
    if output is not None and reasoning:
        parts = None if prompt is None or total is None else total - prompt - output
        if additive or parts == reasoning:
            output += reasoning
    return Usage(prompt, output, reasoning, cached, cache_write_tokens=written)


def merged(known: Usage, told: Usage) -> Usage:
    """The counts after another usage object has come: what it leaves out or says to be 0 wipes nothing."""
    return Usage(
        told.input_tokens or _first(known.input_tokens, told.input_tokens),
        told.output_tokens or _first(known.output_tokens, told.output_tokens),
        told.reasoning_tokens or _first(known.reasoning_tokens, told.reasoning_tokens),
        told.cached_tokens or _first(known.cached_tokens, told.cached_tokens),
        cache_write_tokens=told.cache_write_tokens or _first(known.cache_write_tokens, told.cache_write_tokens),
    )


def cost_in(raw: dict[str, Any]) -> float | None:
    """What the provider itself says the call cost, US dollars: OpenRouter's `cost`, Perplexity's table of costs,
    xAI's ticks of 1e-10."""
    cost: object = raw.get("cost")
    dollars = _amount(table(cost).get("total_cost", cost))
    if dollars is not None:
        return dollars
    ticks = _amount(raw.get("cost_in_usd_ticks"))
    return None if ticks is None else ticks / 1e10


def _amount(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None


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
