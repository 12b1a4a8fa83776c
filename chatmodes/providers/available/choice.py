"""Which model answers where nobody named one for this run: decided here, for every face, and nowhere else.

An endpoint given by hand (`--base-url`, CHATMODES_BASE_URL) comes first, whatever the files say: a prompt that is meant
for one's own server must not go to the paid host that a settings file names. Then the settings, then what can answer
on this machine as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from chatmodes.providers.known.ids import ENDPOINT

if TYPE_CHECKING:
    from chatmodes.providers.available.discover import Found
    from chatmodes.settings import Settings

AT_ENDPOINT = f"{ENDPOINT}/"
"""The endpoint's model where none is named: the gateway asks the server which it serves."""


def at_endpoint(settings: Settings) -> Settings:
    """The settings of a run at an endpoint given by hand: no model that the files name at another provider is left in
    them, be it a mode's, a panel's or a helper's. Models of the endpoint stay, and so does a panel that names one: it
    was written to mix the endpoint with others.
    """

    def kept(model: str) -> str:
        return model if model.startswith(AT_ENDPOINT) else ""

    section = settings.contemplating
    if not any(kept(each if isinstance(each, str) else each.model) for each in section.panel):
        section = replace(section, panel=(), reconciler=kept(section.reconciler))
    modes = {name: {**table, "model": ""} if "model" in table else table for name, table in settings.modes.items()}
    return replace(
        settings,
        model=kept(settings.model) or AT_ENDPOINT,
        instant=replace(settings.instant, model=kept(settings.instant.model)),
        thinking=replace(settings.thinking, model=kept(settings.thinking.model)),
        contemplating=section,
        auto=replace(settings.auto, classifier=kept(settings.auto.classifier)),
        modes=modes,
    )


def wanted(settings: Settings, base_url: str | None) -> Settings:
    """The settings that hold where an endpoint may have been given by hand."""
    return at_endpoint(settings) if base_url else settings


def named(model: str | None, *, by_hand: bool) -> dict[str, Any]:
    """What a model named for one call means, in the shape of a settings file; nothing where none is named.

    It is meant for every mode, whatever the files say of single ones. At an endpoint given by hand the name is sent as
    it is.
    """
    if not model:
        return {}
    return {
        "model": AT_ENDPOINT + model if by_hand else model,
        "instant": {"model": ""},
        "thinking": {"model": ""},
        "contemplating": {"panel": [], "reconciler": ""},
    }


def default_model(settings: Settings, mode: str, found: Callable[[], Iterable[Found]], *, by_hand: bool) -> str:
    """The model for a mode, `provider/model`; empty where nothing can answer.

    `found` tells what can answer in the order of preference; it is asked only where nothing is named. `by_hand` says
    that an endpoint was given by hand.
    """
    if by_hand:
        return at_endpoint(settings).model_for(mode)
    return settings.model_for(mode) or first(found(), mode)


def first(found: Iterable[Found], mode: str) -> str:
    """The first model among what was found; empty where there is none."""
    for each in found:
        model = each.fast if mode == "instant" else each.reasoning
        if model and not each.problem:
            return model
    return ""
