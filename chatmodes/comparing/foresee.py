"""What a comparison may cost at most, known before it is sent."""

from collections.abc import Sequence

from chatmodes.chat import Chat
from chatmodes.messages import Message, system, user
from chatmodes.modes.ceiling import ceiling, total
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.context import estimate_messages


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
    told = [system(chat.settings.system)] if chat.settings.system else []
    for mode, model in columns:
        for prompt in prompts:
            path = (*told, *before, user(prompt))
            try:
                bound = ceiling(chat.models, chat.settings, mode, model or chat.model_for(mode), path)
            except ProviderError:
                continue
            if bound.cost is None:
                return None
            cost += bound.cost
    return cost


def call_bound(chat: Chat, model: str, messages: Sequence[Message], cap: int) -> float | None:
    """The same bound for one call of at most `cap` tokens. Raises `ProviderError` for a model that cannot be called."""
    return total(chat.models, [(model, estimate_messages(tuple(messages)), cap)]).cost
