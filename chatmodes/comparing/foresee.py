"""What a prompt or a comparison may cost at most, known before it is sent."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial

from chatmodes import events as ev
from chatmodes.chat import Chat
from chatmodes.messages import Message, user
from chatmodes.modes.ceiling import ceiling
from chatmodes.modes.costs import MARGIN, Planned, bound
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.known.windows import estimate_messages
from chatmodes.running import Running
from chatmodes.settings import Settings

Columns = Sequence[tuple[str, str | None]]
"""Modes, and the model of each; a model of None is the mode's own."""

PRICEY = 100.0
"""US dollars a million tokens, above what all but a handful of models cost. The price list takes half a second to load,
which is spared where the limit could not be reached at this price."""


def foreseen(
    chat: Chat,
    columns: Columns,
    prompts: Sequence[str | Message],
    before: Sequence[Message] = (),
    *,
    settings: Settings | None = None,
) -> float | None:
    """Upper bound in US dollars, from the token caps and the prices; None where a price is unknown.

    `before` is the conversation that each prompt follows; `settings` are what it is asked with, the chat's where None.
    A model that cannot be called costs nothing: its column says so instead of answering. Raises `ConfigError` for a
    mode or a prompt file that cannot serve.
    """
    return _sum(chat.running, columns, _paths(before, prompts), settings)


async def above_limit(
    chat: Chat,
    columns: Columns,
    prompts: Sequence[str | Message],
    before: Sequence[Message] = (),
    *,
    settings: Settings | None = None,
    limit: float,
    warm: Callable[[], Awaitable[None]],
) -> float | None:
    """The bound of `foreseen` where it is above `limit` US dollars; None where it is not, and where nobody knows.

    `warm` loads the price list; it is called only where the limit may be reached.
    """
    paths = _paths(before, prompts)
    return await paths_above_limit(chat.running, columns, paths, settings=settings, limit=limit, warm=warm)


async def paths_above_limit(
    runs: Running,
    columns: Columns,
    paths: Sequence[tuple[Message, ...]],
    *,
    settings: Settings | None = None,
    limit: float,
    warm: Callable[[], Awaitable[None]],
) -> float | None:
    """The same for whole conversations to be answered, where no chat is kept."""
    bound = _sum(runs, columns, paths, settings)
    if bound is None:
        tokens = sum((plan.max_tokens or 0) + read for plan, read in _plans(runs, columns, paths, settings))
        if tokens * PRICEY / 1e6 > limit:
            await warm()
            bound = _sum(runs, columns, paths, settings)
    return bound if bound is not None and bound > limit else None


def _paths(before: Sequence[Message], prompts: Sequence[str | Message]) -> list[tuple[Message, ...]]:
    return [(*before, user(prompt) if isinstance(prompt, str) else prompt) for prompt in prompts]


def _sum(
    runs: Running, columns: Columns, paths: Sequence[tuple[Message, ...]], settings: Settings | None
) -> float | None:
    costs = [plan.max_cost for plan, _ in _plans(runs, columns, paths, settings)]
    known = [cost for cost in costs if cost is not None]
    return sum(known) if len(known) == len(costs) else None


def _plans(
    runs: Running, columns: Columns, paths: Sequence[tuple[Message, ...]], settings: Settings | None
) -> Iterator[tuple[ev.Plan, float]]:
    """Each run's plan, and about how many tokens its calls read."""
    asked = settings or runs.settings
    model_for = partial(runs.model_for, settings=asked)
    for mode, model in columns:
        for path in paths:
            model_of = None if model else model_for
            try:
                plan = ceiling(runs.models, asked, mode, model or model_for(mode), path, model_of)
            except ProviderError:
                continue
            yield plan, estimate_messages(path) * MARGIN * (len(plan.slots) + 1)


def call_bound(chat: Chat, model: str, messages: Sequence[Message], cap: int) -> float | None:
    """The same bound for one call of at most `cap` tokens. Raises `ProviderError` for a model that cannot be called."""
    return bound([Planned(chat.models.describe(model), tuple(messages), cap)])[1]
