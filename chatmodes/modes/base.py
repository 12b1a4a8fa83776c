"""What a mode is, and where modes are found: the shipped ones by dotted path, others by the entry points of packages.

A package brings a mode of its own with a class behind `Mode` and an entry point in the group `chatmodes.modes`:

    [project.entry-points."chatmodes.modes"]
    debate = "my_package.debate:Debate"

It is then a mode like the others: `ask -m debate`, `/debate`, a column of a comparison, an arm of an evaluation, with
its settings under `[modes.debate]`.

Nothing is loaded before it is asked for, since `ask` is measured from the process's start to its first token; and the
installed packages are looked through only for a name that is none of the shipped ones.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar, runtime_checkable

import msgspec

from chatmodes.plugins import Plugins
from chatmodes.settings import ConfigError, Settings

if TYPE_CHECKING:
    from chatmodes import events as ev
    from chatmodes.modes.context import Outcome, RunContext

ModelOf = Callable[[str], str]
"""Tells the model that a mode answers with, where nobody named one for the run."""

_Section = TypeVar("_Section", bound=msgspec.Struct)


@runtime_checkable
class Mode(Protocol):
    """A way of answering.

    The four properties may be plain class attributes. One instance serves every run of the program, several at a time:
    what belongs to a run lives in its `RunContext` and in what `answer` holds, never on the mode.
    """

    @property
    def name(self) -> str:
        """What people type, and what stands in settings and in the store: lower-case letters, digits, `-` and `_`. The
        entry point has the same name."""
        ...

    @property
    def purpose(self) -> str:
        """What it is for, in a few words without a full stop: the help and the palette show it."""
        ...

    @property
    def mark(self) -> str:
        """One glyph, a single cell wide, that the screen shows beside the name."""
        ...

    @property
    def section(self) -> type[msgspec.Struct] | None:
        """The type of its settings, the table `[modes.NAME]`; None where there is nothing to set.

        Every field has a default, and `model`, where there is one, is the model that the mode answers with. A run reads
        them with `section_of`.
        """
        ...

    def models(self, settings: Settings, model: str, model_of: ModelOf | None) -> set[str]:
        """Every model that a run may call, as `provider/model`.

        Their keys are looked for before the run is planned. `model` is the answering one; `model_of` is given where
        nobody named it for this run, and only a mode that hands over to others has a use for it.
        """
        ...

    def plan(self, ctx: RunContext) -> ev.Plan:
        """What a run is about to do, with an upper bound of its tokens and its cost where they can be known.

        Nothing is called and nothing emitted, and it returns at once: a plan is also made to foresee the cost of a run
        that is never begun. Seed and reason are filled in by who asks. Raises `ProviderError` for a model that cannot
        be called and `ConfigError` for settings or a prompt file that cannot serve; the run then fails with that.
        """
        ...

    async def answer(self, ctx: RunContext, plan: ev.Plan) -> Outcome:
        """Answer `ctx.messages` as planned, and tell how it came about.

        `run_started` is out already, with the plan. The answer goes out as `answer_delta` events: the run's text is
        what they say, joined. Calls are made with `agent.Agent`, which tells its own events and counts its tokens, or
        with `ctx.models.stream`, in which case the mode emits the agent's events and counts with `ctx.spend`. The one
        terminal event is never the mode's: it follows from what this returns or raises.

        Raises `ProviderError` when there is no answer. Any other exception ends the run as a mistake in the mode, and
        neither another run nor the program. A cancellation passes through.
        """
        ...


@runtime_checkable
class Chooser(Protocol):
    """What a mode has besides, where it hands each run over to another mode: Auto."""

    async def choose(self, ctx: RunContext) -> Mode:
        """The mode for this run, whose name and plan `run_started` then tells.

        May set `ctx.model` and `ctx.chosen_because`, and prepares the models that it asks itself. Agents that it asks
        are told right behind `run_started`. What it raises ends the run, as in `Mode.answer`.
        """
        ...


class Shipped(NamedTuple):
    """What is known of a shipped mode before it is loaded."""

    path: str
    """`module:Class`."""
    purpose: str
    mark: str


SHIPPED = {
    "instant": Shipped("chatmodes.modes.instant:Instant", "one call, the quickest answer", "▷"),
    "thinking": Shipped("chatmodes.modes.thinking:Thinking", "a chain of thought first, shown apart", "◇"),
    "contemplating": Shipped(
        "chatmodes.modes.contemplating:Contemplating", "several agents at once, then reconciled", "◈"
    ),
    "auto": Shipped("chatmodes.modes.auto:Auto", "choose the mode by the prompt", "◌"),
}


_PARTS = ("name", "purpose", "mark", "section", "models", "plan", "answer")
_MODES = Plugins("mode", {name: mode.path for name, mode in SHIPPED.items()}, Mode, _PARTS)


def names() -> tuple[str, ...]:
    """All modes there are, the shipped ones first. Looks through the installed packages: 20 ms the first time."""
    return _MODES.names()


def exists(name: str) -> bool:
    """Whether there is a mode of this name; it need not be one that can be loaded."""
    return _MODES.exists(name)


def unknown(name: str) -> ConfigError:
    """The error for a name that is no mode's; it says which there are."""
    return _MODES.unknown(name)


@cache
def get(name: str) -> Mode:
    """The mode of that name, loaded when it is first asked for.

    Raises `ConfigError` for a name that is none, and for a package's mode that cannot be loaded or is no mode: one
    sentence that names the package.
    """
    return _MODES.load(name)


def maker_of(name: str) -> str:
    """Who made a mode: "chatmodes", or the package that brings it."""
    return _MODES.maker(name)


def forget() -> None:
    """Look through the installed packages again when next asked: one was installed meanwhile."""
    get.cache_clear()
    _MODES.forget()


def mark_of(name: str) -> str:
    """The glyph of a mode, also of one that is not here any more: a stored answer keeps its mode's name."""
    if name in SHIPPED:
        return SHIPPED[name].mark
    try:
        return get(name).mark if exists(name) else "·"
    except ConfigError:
        return "·"


def section_of(settings: Settings, name: str, section: type[_Section]) -> _Section:
    """A mode's settings: the table `[modes.NAME]` as the mode's own type. Raises `ConfigError` for one that is not."""
    try:
        return msgspec.convert(settings.modes.get(name, {}), section)
    except msgspec.ValidationError as error:
        known = ", ".join(field.encode_name for field in msgspec.structs.fields(section))
        raise ConfigError(f"[modes.{name}]: {error}.", f"The mode {name} knows {known or 'no setting'}.") from error


def check(settings: Settings, name: str) -> Mode:
    """The mode of that name, its settings looked at. Raises `ConfigError` as `get` and `section_of` do."""
    mode = get(name)
    if name not in SHIPPED and mode.section is not None:
        section_of(settings, name, mode.section)
    return mode
