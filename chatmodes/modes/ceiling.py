"""The most a run can generate and cost, from the token caps and the prices, before anything is spent.

Each mode's own plan says it: a second table of which calls a mode makes would fall behind the first.
"""

from chatmodes import events as ev
from chatmodes.messages import Message
from chatmodes.modes.base import ModelOf, get
from chatmodes.modes.context import RunContext
from chatmodes.providers.calls import Models
from chatmodes.settings import Settings


def ceiling(
    models: Models,
    settings: Settings,
    mode: str,
    model: str,
    path: tuple[Message, ...],
    model_of: ModelOf | None = None,
) -> ev.Plan:
    """The plan of a run over `path`, with its bounds; nothing is called. Raises `ProviderError` for a model that cannot
    be, and `ConfigError` for a prompt file that cannot serve. `model_of` is given where nobody named the model."""
    ctx = RunContext(
        run="", models=models, settings=settings, model=model, path=path, system=settings.system, sink=_nowhere, seed=0,
        model_of=model_of,
    )  # fmt: skip
    return get(mode).plan(ctx)


def _nowhere(event: ev.AnyEvent) -> None:
    """A plan tells nobody anything."""
