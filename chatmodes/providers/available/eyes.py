"""Which models see: a picture is not sent to one that does not, and whoever chose it is told which do."""

from chatmodes.providers.available.catalog import Catalog
from chatmodes.providers.calls import Models, ProviderError

NAMED = 4
"""Models that see which are named to whoever chose one that does not."""


def is_blind(models: Models, model: str) -> bool:
    """Whether a model is known to take no pictures. What is wrong with a model otherwise, its run says."""
    try:
        return models.describe(model).images is False
    except ProviderError:
        return False


def refusal(model: str, catalog: Catalog | None) -> tuple[str, str]:
    """That a model takes no pictures, and models that do and can be called as things are."""
    shelves = catalog.offline() if catalog else []
    seeing = [info.model for shelf in shelves if shelf.usable for info in shelf.models if info.images]
    hint = f"These do: {', '.join(seeing[:NAMED])}." if seeing else "Set the key of a provider whose models do."
    return f"{model} takes no pictures.", hint


def left_behind(model: str, count: int) -> str:
    """What becomes of the pictures of a conversation that goes on with a model without eyes."""
    what = "the picture of this conversation stays" if count == 1 else f"the {count} pictures of this conversation stay"
    return f"{model} takes no pictures: {what} behind as a line of text."
