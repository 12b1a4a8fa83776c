"""Drafts that call a caller's tools in place of answering: calls that most of them agree on are handed over.

Drafts with different calls cannot all be answered, since a conversation has one next turn. So equal calls are counted
like equal answers.
"""

from collections import Counter
from collections.abc import Sequence

import msgspec

from chatmodes.messages import ToolCall
from chatmodes.modes.draft import Draft


def common_calls(drafts: Sequence[Draft]) -> Draft | None:
    """The first draft with the commonest calls, where more than half of those that brought anything call tools."""
    calling = [draft for draft in drafts if draft.calls and draft.error is None]
    if 2 * len(calling) <= len(calling) + sum(draft.complete for draft in drafts if not draft.calls):
        return None
    wanted = Counter(_wanted(draft.calls) for draft in calling)
    (commonest, _), *_ = wanted.most_common(1)
    return next(draft for draft in calling if _wanted(draft.calls) == commonest)


def _wanted(calls: tuple[ToolCall, ...]) -> tuple[tuple[str, bytes], ...]:
    """Calls without what does not count: ids, the order of arguments, white space."""
    return tuple((call.name, _canonical(call.arguments)) for call in calls)


def _canonical(arguments: str) -> bytes:
    try:
        return msgspec.json.encode(msgspec.json.decode(arguments or "{}"), order="sorted")
    except (msgspec.DecodeError, RecursionError):
        return arguments.encode("utf-8", "replace")
