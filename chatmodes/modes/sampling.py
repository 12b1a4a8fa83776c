"""How a single answer is asked for: the settings' say where the model takes it, and a word where it does not."""

from chatmodes.modes.context import RunContext
from chatmodes.providers.calls import ModelInfo


def temperature(ctx: RunContext, info: ModelInfo) -> float | None:
    """What an answer is sampled at: as the settings say, else as the model's profile does."""
    asked = ctx.settings.sampling.temperature
    return info.temperature if asked is None or not info.sampling else asked


def effort(wanted: str, info: ModelInfo) -> str | None:
    """The effort of the settings where the model knows it; anything else is left to its profile."""
    return wanted if wanted in info.efforts else None


def unheard(ctx: RunContext, wanted: str, info: ModelInfo) -> str | None:
    """What to tell of an effort `wanted` or a temperature that the model does not take; None where there is nothing.

    A model without any effort is not blamed: that setting is for all models.
    """
    if wanted and info.efforts and wanted not in info.efforts:
        return f"{info.model} has no effort {wanted!r} ({', '.join(info.efforts)}); its profile's was used."
    if ctx.settings.sampling.temperature is not None and not info.sampling:
        return f"{info.model} takes no temperature; it was left out."
    return None
