"""The environment for programs that are started from here: an editor, above all, has no use for anybody's keys."""

import os
from collections.abc import Mapping

from chatmodes.providers.known.profiles import load_profiles
from chatmodes.settings import ConfigError

_OURS = ("CHATMODES_API_KEY", "CHATMODES_SERVE_KEY")


def without_keys(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment less every variable that holds a provider's key, by its name or by what is in it.

    A key is also one that ends in `_API_KEY`, whoever's it is, and a copy of a key under another name is one too.
    """
    named = {*_OURS, *_variables(), *(name for name in environ if name.upper().endswith("_API_KEY"))}
    keys = {environ[name] for name in named if environ.get(name)}
    return {name: value for name, value in environ.items() if name not in named and value not in keys}


def _variables() -> set[str]:
    try:
        return {variable for profile in load_profiles().values() for variable in profile.key_variables}
    except ConfigError:  # a broken providers.toml is told where a model is called
        return set()
