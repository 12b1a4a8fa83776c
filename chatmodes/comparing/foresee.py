"""What a comparison may cost at most, known before it is sent."""

from collections.abc import Sequence

from chatmodes.chat import Chat
from chatmodes.messages import Message, user
from chatmodes.modes.ceiling import ceiling
from chatmodes.modes.costs import Planned, bound
from chatmodes.providers.calls import ProviderError


def foreseen(
    chat: Chat,
    columns: Sequence[tuple[str, str | None]],
    prompts: Sequence[str],
    before: Sequence[Message] = (),
) -> float | None:
    """Upper bound in US dollars, from the token caps and the prices; None where a price is unknown.

    `before` is the conversation that each prompt follows. A model that cannot be called costs nothing: its column says
    so instead of answering.
    """
    cost = 0.0
    for mode, model in columns:
        for prompt in prompts:
            path = (*before, user(prompt))
            try:
                plan = ceiling(
                    chat.models,
                    chat.settings,
                    mode,
                    model or chat.model_for(mode),
                    path,
                    None if model else chat.model_for,
                )
            except ProviderError:
                continue
            if plan.max_cost is None:
                return None
            cost += plan.max_cost
    return cost


def call_bound(chat: Chat, model: str, messages: Sequence[Message], cap: int) -> float | None:
    """The same bound for one call of at most `cap` tokens. Raises `ProviderError` for a model that cannot be called."""
    return bound([Planned(chat.models.describe(model), tuple(messages), cap)])[1]
