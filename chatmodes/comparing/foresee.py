"""What a comparison may cost at most, known before it is sent."""

from collections.abc import Sequence

from chatmodes.chat import Chat
from chatmodes.messages import user
from chatmodes.modes.ceiling import ceiling
from chatmodes.providers.calls import ProviderError


def foreseen(chat: Chat, columns: Sequence[tuple[str, str | None]], prompts: Sequence[str]) -> float | None:
    """Upper bound in US dollars, from the token caps and the prices; None where a price is unknown.

    A model that cannot be called costs nothing: its column says so instead of answering.
    """
    total = 0.0
    for mode, model in columns:
        for prompt in prompts:
            try:
                bound = ceiling(chat.models, chat.settings, mode, model or chat.model_for(mode), (user(prompt),))
            except ProviderError:
                continue
            if bound.cost is None:
                return None
            total += bound.cost
    return total
