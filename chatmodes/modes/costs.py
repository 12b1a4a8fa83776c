"""What a run can cost at most, told in its plan before anything is spent."""

from collections.abc import Sequence
from typing import NamedTuple

from chatmodes.messages import Message
from chatmodes.modes.agent import LARGER
from chatmodes.modes.context import RunContext
from chatmodes.modes.tooling import RESULTS
from chatmodes.providers.calls import ModelInfo
from chatmodes.providers.known.windows import estimate_messages, picture_rule

MARGIN = 1.5
"""Prompts are counted from their text, and the estimate is at most a third too low on what was tried (code, tables)."""


CHARACTERS = 4
"""Of a token, in what tools bring."""


class Planned(NamedTuple):
    """A call that may be made."""

    info: ModelInfo
    messages: tuple[Message, ...]
    max_tokens: int | None
    """The most it can generate."""
    extra_input: int = 0
    """Tokens that its prompt will hold besides `messages`: drafts that are not written yet."""


def rounds(ctx: RunContext, info: ModelInfo) -> int:
    """How often a model may be asked again because it called tools."""
    offered = ctx.settings.tools.use or ctx.open_tools is not None
    return ctx.settings.tools.rounds if offered and info.tools is not False else 0


def turns(call: Planned, rounds: int) -> list[Planned]:
    """A call, and those that answer its tools' results: each reads all that was said and brought before it."""
    said = call.max_tokens or 0
    read = RESULTS // CHARACTERS
    return [call, *(call._replace(extra_input=call.extra_input + at * said + read) for at in range(1, rounds + 1))]


def attempts(call: Planned) -> list[Planned]:
    """A call, and the one that is made again where reasoning used up its whole cap. Only a model that reasons may do
    so without a word of text."""
    if call.max_tokens is None or not call.info.reasons:
        return [call]
    return [call, call._replace(max_tokens=call.max_tokens * LARGER)]


def bound(calls: Sequence[Planned]) -> tuple[int | None, float | None]:
    """The most tokens the calls can generate, and the most US dollars they can cost; None where that is unknown."""
    tokens = 0
    cost: float | None = 0.0
    for call in calls:
        if call.max_tokens is None:
            return None, None
        tokens += call.max_tokens
        info = call.info
        if cost is None or info.input_price is None or info.output_price is None:
            cost = None
            continue
        read = (estimate_messages(call.messages, picture_rule(info)) + call.extra_input) * MARGIN
        cost += (read * info.input_price + call.max_tokens * info.output_price) / 1e6
    return tokens, cost
