"""What can be set: one typed section for each table of `config/settings.toml`, and the bounds of its numbers."""

import math
from typing import Any, Literal

import msgspec

from chatmodes.settings.errors import ConfigError

Reconcile = Literal["auto", "vote", "select", "synthesize"]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Instant(_Section, frozen=True, kw_only=True):
    model: str = ""
    max_tokens: int = 8192


class Thinking(_Section, frozen=True, kw_only=True):
    model: str = ""
    effort: str = ""
    max_tokens: int = 16384


class Member(_Section, frozen=True, kw_only=True):
    """A model of a panel, with what its drafts are asked for where that differs from its profile."""

    model: str
    temperature: float | None = None
    effort: str = ""


class Contemplating(_Section, frozen=True, kw_only=True):
    agents: int = 5
    panel: tuple[str | Member, ...] = ()
    reconciler: str = ""
    quorum: int = 0
    reconcile: Reconcile = "auto"
    rounds: int = 1
    grace: float = 30.0
    max_tokens: int = 8192


class Auto(_Section, frozen=True, kw_only=True):
    classifier: str = ""


class Timeouts(_Section, frozen=True, kw_only=True):
    """Seconds; 0 means no limit."""

    connect: float = 10.0
    first_token: float = 120.0
    idle: float = 60.0
    run: float = 300.0


class Local(_Section, frozen=True, kw_only=True):
    gguf: str = ""
    context: int = 0
    slots: int = 5
    threads: int = 0


class Compare(_Section, frozen=True, kw_only=True):
    modes: tuple[str, ...] = ("instant", "thinking", "contemplating")
    cost_limit: float = 0.10


class Store(_Section, frozen=True, kw_only=True):
    private: bool = False
    titles: bool = True


class Tui(_Section, frozen=True, kw_only=True):
    theme: str = "chatmodes"
    sidebar: bool = True
    reduced_motion: bool = False
    bell: bool = True
    notify_after: float = 10.0


class Settings(_Section, frozen=True, kw_only=True):
    """Everything a user can set, with the defaults of `config/settings.toml`."""

    mode: str = "instant"
    """A mode's name; whether there is one is known when it is used (`modes.base`)."""
    model: str = ""
    system: str = ""
    instant: Instant = Instant()
    thinking: Thinking = Thinking()
    contemplating: Contemplating = Contemplating()
    auto: Auto = Auto()
    timeouts: Timeouts = Timeouts()
    local: Local = Local()
    compare: Compare = Compare()
    store: Store = Store()
    tui: Tui = Tui()
    keys: dict[str, str] = {}
    modes: dict[str, dict[str, Any]] = {}
    """The sections of modes that come with other packages, `[modes.NAME]`; each mode checks its own."""

    def model_for(self, mode: str) -> str:
        """The model a mode answers with: its own, else the general one; empty when neither is set."""
        section = {"instant": self.instant, "thinking": self.thinking}.get(mode)
        own = section.model if section else self.modes.get(mode, {}).get("model")
        return own if own and isinstance(own, str) else self.model


_AT_LEAST = {
    "instant.max_tokens": 1,
    "thinking.max_tokens": 1,
    "contemplating.agents": 1,
    "contemplating.quorum": 0,
    "contemplating.rounds": 1,
    "contemplating.grace": 0,
    "contemplating.max_tokens": 1,
    "timeouts.connect": 0,
    "timeouts.first_token": 0,
    "timeouts.idle": 0,
    "timeouts.run": 0,
    "local.context": 0,
    "local.slots": 1,
    "local.threads": 0,
    "compare.cost_limit": 0,
    "tui.notify_after": 0,
}
"""The bounds of numbers: beyond them a run failed long after, in words about something else."""
_AT_MOST = {"contemplating.agents": 64}


def checked(table: dict[str, Any], where: str) -> Settings:
    """A table as settings. Raises `ConfigError`, which begins with `where` the table comes from."""
    try:
        settings = msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}.", "config/settings.toml shows every setting with its default.") from error
    for name, least in _AT_LEAST.items():
        value, most = _number(settings, name), _AT_MOST.get(name, math.inf)
        if not least <= value <= most:  # in this form nan is refused too
            bound = f"at least {least}" if most == math.inf else f"from {least} to {most}"
            hint = f"The default is {_number(Settings(), name)}."
            raise ConfigError(f"{where}: {name} is {value}; it must be {bound}.", hint)
    if not settings.compare.modes:
        raise ConfigError(f"{where}: compare.modes is empty.", "Name one or more modes.")
    return settings


def _number(settings: Settings, name: str) -> float:
    section, _, field = name.partition(".")
    return getattr(getattr(settings, section), field)
