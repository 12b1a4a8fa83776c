"""Strategies of answering: each turns a conversation and a panel of models into a run's events.

A mode is one file here with one function of the same name; `named` imports it when it is first asked for, so that
Instant's first token does not wait for Contemplating's imports.
"""

from importlib import import_module

from chatmodes.modes.run import Mode
from chatmodes.settings import MODES, ConfigError


def named(name: str) -> Mode:
    """The mode of that name. Raises `ConfigError` for a name that is none."""
    if name not in MODES:
        raise ConfigError(f"There is no mode {name!r}.", f"The modes are {', '.join(MODES)}.")
    mode: Mode = getattr(import_module(f"chatmodes.modes.{name}"), name)
    return mode
