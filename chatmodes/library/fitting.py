"""Whether the model that answers takes what goes to it: a program sees no screen on which a run would say so."""

import warnings
from collections.abc import Sequence

from chatmodes.messages import File, Image, Text
from chatmodes.providers.available.eyes import is_blind, refusal
from chatmodes.providers.calls import Models, ProviderError
from chatmodes.providers.gateway import Gateway
from chatmodes.settings import ConfigError, Settings
from chatmodes.settings.schema import SEARCH


def check_fit(models: Models, model: str, parts: Sequence[Text | File | Image], tools: bool) -> None:
    """Raise `ConfigError` where a picture would go to a model that is known to take none, and warn where tools are
    offered to one that takes none: it answers without them."""
    if any(isinstance(part, Image) for part in parts) and is_blind(models, model):
        raise ConfigError(*refusal(model, models.catalog if isinstance(models, Gateway) else None))
    if tools and _without_tools(models, model):
        warnings.warn(f"{model} takes no tools and answers without them.", stacklevel=2)


def offers_tools(settings: Settings, own: Sequence[object]) -> bool:
    """Whether a model is offered tools; the provider's own search is none of them."""
    return bool(own) or any(name != SEARCH for name in settings.tools.use)


def _without_tools(models: Models, model: str) -> bool:
    try:
        return models.describe(model).tools is False
    except ProviderError:  # what is wrong with a model otherwise, its run says
        return False
