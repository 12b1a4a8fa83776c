"""What a call costs and what a model's window is, from genai-prices' data, offline.

A room of its own because that library takes 0.4 to 0.6 s to import on a small machine, most of it pydantic models of
2330 prices: nothing may import it on the way to a first token. Callers warm it in a thread once the first token is
there. A price that is not known is None, and never a neighbour's.
"""

import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol

import msgspec

from chatmodes.events import Usage

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo as PricedModel
    from genai_prices.types import Provider as PricedProvider
    from genai_prices.types import TieredPrices


class Billed(Protocol):
    """What prices need to know of a provider's profile."""

    @property
    def prices(self) -> str:
        """The provider's id in genai-prices; empty where it has none."""
        ...

    @property
    def free(self) -> bool:
        """Runs on the user's own machine, where a call costs nothing."""
        ...


class Listed(msgspec.Struct, frozen=True):
    """What the price list says of a model; `None` where it says nothing."""

    context_window: int | None = None
    """Tokens."""
    input_price: float | None = None
    """US dollars a million tokens, without the surcharges for long prompts. The same for the next."""
    output_price: float | None = None


def warm() -> None:
    """Load the price list. Takes 0.4 to 0.6 s of one core the first time: call it from a thread."""
    from genai_prices.data_snapshot import get_snapshot

    get_snapshot()


def is_warm() -> bool:
    """Whether a look-up is cheap (about 0.3 ms) because the list is loaded."""
    return "genai_prices.data" in sys.modules


def cost_of(profile: Billed, model: str, usage: Usage) -> float | None:
    """US dollars for a call's usage: 0.0 on one's own machine, None where price or usage is unknown.

    `model` is the name without its provider. `usage` counts reasoning as output and cached tokens as input, as
    `Usage` says; tokens read from and written to a cache are charged at the cache's prices, and all at the full one
    where the server does not tell how many there were.
    """
    if profile.free:
        return 0.0
    if usage.input_tokens is None or usage.output_tokens is None:
        return None
    if not usage.input_tokens and not usage.output_tokens:
        return 0.0
    found = _find(profile, model)
    if found is None:
        return None
    from genai_prices import Usage as PricedUsage

    provider, priced = found
    at = datetime.now(UTC)
    price = priced.get_prices(at)
    if price.input_mtok is None or price.output_mtok is None:
        return None
    counts = PricedUsage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=min(usage.cached_tokens or 0, usage.input_tokens),
        cache_write_tokens=min(usage.cache_write_tokens or 0, usage.input_tokens),
        output_reasoning_tokens=min(usage.reasoning_tokens or 0, usage.output_tokens),
    )
    try:
        return float(priced.calc_price(counts, provider, genai_request_timestamp=at).total_price)
    except ValueError:  # counts that contradict each other
        return None


def look_up(profile: Billed, model: str) -> Listed:
    """What the list says of a model; all None for one it does not have."""
    found = _find(profile, model)
    if found is None:
        return Listed()
    _, priced = found
    price = priced.get_prices(datetime.now(UTC))
    return Listed(priced.context_window, _base(price.input_mtok), _base(price.output_mtok))


def known_models(profile: Billed) -> list[str]:
    """The ids of the provider's models in the list, those it is about to retire left out."""
    if not profile.prices:
        return []
    from genai_prices.data_snapshot import find_provider_by_id, get_snapshot

    provider = find_provider_by_id(get_snapshot().providers, profile.prices)
    return [model.id for model in provider.models if not model.deprecated] if provider else []


def _find(profile: Billed, model: str) -> "tuple[PricedProvider, PricedModel] | None":
    if not profile.prices or not model:
        return None
    from genai_prices.data_snapshot import get_snapshot

    try:
        return get_snapshot().find_provider_model(model, None, profile.prices, None)
    except LookupError:
        return None


def _base(price: "Decimal | TieredPrices | None") -> float | None:
    if price is None:
        return None
    return float(price if isinstance(price, Decimal) else price.base)
