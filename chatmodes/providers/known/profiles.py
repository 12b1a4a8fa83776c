"""What is peculiar about each provider and model, as typed data read from `config/providers.toml`.

Everything that differs from one API to the next lives in that file, so that talking to a new provider is a table and
not a branch. The user's own `providers.toml` adds tables and overrides single fields. A project's file never does: a
key would follow an address that came with somebody else's repository.
"""

import os
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from chatmodes.providers.known.ids import ENDPOINT
from chatmodes.providers.known.traits import Traits
from chatmodes.settings import ConfigError, home, read_shipped, read_toml, shipped

_T = TypeVar("_T")


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a provider lives and what holds for all its models."""

    id: str
    """The part of a model id before the first slash."""
    name: str
    """As people write it."""
    base_url: str = ""
    """Empty where the address comes from the environment alone. `{NAME}` in it stands for a variable of the
    environment, `{NAME|OTHER}` for the first of two that is set, `{NAME=value}` for one with a default."""
    url_variable: str = ""
    """An environment variable with the address, which wins over `base_url`."""
    url_suffix: str = ""
    """Appended to the address from the variable, unless it ends so already."""
    key_variables: tuple[str, ...] = ()
    """Environment variables that may hold the key, in the order they are tried."""
    key_command: tuple[str, ...] = ()
    """A program and its arguments that print the key, for tokens that expire. Asked where no key is anywhere else, run
    without a shell, and again when the provider no longer accepts what it printed."""
    key_needed: bool = True
    """Calls without a key are refused here already. For a provider of the user's own it is true where the table names
    a variable or a command for the key, unless it says otherwise."""
    key_page: str = ""
    """Where a person gets a key."""
    own: bool = False
    """The user's file brought it, not this program's. Set by `load_profiles`."""
    local: bool = False
    """Runs on the user's own machine: looked for at its usual port, no price, long timeouts."""
    relay: bool = False
    """A local server that passes calls on to others, so that what they cost is unknown and not nothing."""
    fast: str = ""
    """The model Instant takes when none is named; empty where it must be asked for or typed."""
    reasoning: str = ""
    """The same for Thinking and Contemplating; `fast` where empty."""
    models_public: bool = False
    """The list of models needs no key."""
    models_headers: dict[str, str] = {}
    """How the list of models is asked for where that differs from a bearer token; `{key}` stands for the key."""
    prices: str = ""
    """The provider's id in genai-prices; empty where nothing is billed or the price unknown."""

    requires_finish_reason: bool = True
    """A stream that ends without one was cut. False for servers known to leave it out."""
    reasoning_additive: bool = False
    """`completion_tokens` leaves the reasoning out, so that the two must be added."""
    connect: float | None = None
    """Seconds; None takes the user's setting. The same for the next two."""
    first_token: float | None = None
    idle: float | None = None
    concurrency: int | None = None
    """Calls under way at once; lowered and raised again by what the server answers. None is five for one person, and
    as many as there are requests for `serve`."""
    headers: dict[str, str] = {}
    """Sent with every request."""
    source: str = ""
    """Where address, variable and models were read, and when: `PLACE (YYYY-MM)`."""

    defaults: Traits = Traits()
    models: dict[str, dict[str, Any]] = {}
    """Fields of `Traits` that differ, by a glob over the model's name; a later match wins over an earlier one."""

    def traits(self, model: str) -> Traits:
        """How `model` (its name without the provider) wants to be asked."""
        changes: dict[str, Any] = {}
        for pattern, fields in self.models.items():
            if fnmatchcase(model, pattern):
                changes.update(fields)
        return (
            _convert({**msgspec.structs.asdict(self.defaults), **changes}, Traits, self.id)
            if changes
            else self.defaults
        )

    def knows(self, model: str, field: str) -> bool:
        """Whether `field` is said of models with such a name, and not only of the provider's models in general."""
        return any(field in fields for pattern, fields in self.models.items() if fnmatchcase(model, pattern))

    @property
    def free(self) -> bool:
        """A call costs nothing, since the model runs on the user's own machine."""
        return self.local and not self.relay

    @property
    def names_none(self) -> bool:
        """A model's name may be left out: the first that the server lists is meant."""
        return self.id == ENDPOINT or (self.own and not self.key_needed)

    def address(self) -> str:
        """The base URL as configured, unchecked; empty where only the environment could say it and does not."""
        found = os.environ.get(self.url_variable, "").strip() if self.url_variable else ""
        if not found:
            return _PLACE.sub(_from_environment, self.base_url) if not self.missing_variables() else ""
        if "://" not in found and self.local:
            found = f"http://{found}"  # OLLAMA_HOST is usually written as host:port
        found = found.rstrip("/")
        return found if found.endswith(self.url_suffix) else found + self.url_suffix

    def missing_variables(self) -> list[str]:
        """The variables that `base_url` names and the environment does not have, or has with what no address holds."""
        return [place[1] for place in _PLACE.finditer(self.base_url) if not _from_environment(place)]

    def address_hint(self) -> str:
        """What to set where `address` is empty."""
        if self.id == ENDPOINT:
            return "Give --base-url URL, or set CHATMODES_BASE_URL."
        missing = self.missing_variables() or ([self.url_variable] if self.url_variable else [])
        names = " and ".join(name.replace("|", " or ") for name in missing)
        return f"Set {names}, or base_url in providers.toml." if names else "Give it a base_url in providers.toml."


_PLACE = re.compile(r"\{([A-Z][A-Z0-9_|]*)(?:=([\w.-]+))?\}")


def _from_environment(place: re.Match[str]) -> str:
    """What a place in an address stands for; empty where there is nothing, or something that would change the host."""
    named = (os.environ.get(name, "").strip() for name in place[1].split("|"))
    value = next((value for value in named if value), place[2] or "")
    return value if re.fullmatch(r"[\w.-]+", value, re.ASCII) else ""


def split(model: str) -> tuple[str, str]:
    """`provider/model` as its two parts; the second is empty where there is no slash."""
    provider, _, name = model.partition("/")
    return provider, name


def load_shipped() -> dict[str, Profile]:
    """The providers that come with the program, as they come. Raises `ConfigError`."""
    path = shipped("providers.toml")
    return {name: _profile(name, fields, path) for name, fields in read_shipped(path.name).items()}


def load_profiles() -> dict[str, Profile]:
    """All providers by id: the shipped ones in their order, then the user's. Raises `ConfigError` naming the file."""
    path = shipped("providers.toml")
    table = read_shipped(path.name)
    _check(table, path)
    mine = home("config") / "providers.toml"
    if mine.is_file():
        added = read_toml(mine)
        _check_own(added, table, mine)
        for name in added.keys() - table.keys():
            _adopt(added[name])
        _merge(table, added)
        _check(table, mine)
    return {name: _profile(name, fields, mine) for name, fields in table.items()}


def _adopt(fields: dict[str, Any]) -> None:
    """Complete the table of a provider that only the user's file has."""
    fields.setdefault("key_needed", bool(fields.get("key_variables") or fields.get("key_command")))
    fields["own"] = True


def endpoint_profile(profiles: dict[str, Profile], base_url: str) -> Profile:
    """The profile of an address given by hand."""
    return msgspec.structs.replace(
        profiles[ENDPOINT], base_url=base_url, name=urlsplit(base_url).netloc.rpartition("@")[2]
    )


def _check(table: dict[str, Any], path: Path) -> None:
    for name, fields in table.items():
        profile = _profile(name, fields, path)
        for pattern in profile.models:
            _convert(profile.models[pattern], Traits, f'{path}, [{name}.models."{pattern}"]')


def _check_own(added: dict[str, Any], table: dict[str, Any], path: Path) -> None:
    for name, fields in added.items():
        if not isinstance(fields, dict):
            raise ConfigError(f"{path}: {name} stands outside a provider's table.", f"Put it below a line [{name}].")
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
            raise ConfigError(f'{path}: "{name}" is no name for a provider.', "Use lower-case letters, digits and -.")
        if name not in table and not (fields.get("base_url") or fields.get("url_variable")):
            raise ConfigError(f"{path}: [{name}] has no base_url.", 'Add one, such as base_url = "https://host/v1".')


def _profile(name: str, fields: dict[str, Any], path: Path) -> Profile:
    return _convert({"name": name, **fields, "id": name}, Profile, f"{path}, [{name}]")


def _convert(fields: dict[str, Any], kind: type[_T], where: str) -> _T:
    try:
        return msgspec.convert(fields, kind)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where}: {error}.", "docs/providers.md names every field.") from error


def _merge(base: dict[str, Any], over: dict[str, Any]) -> None:
    """Tables join, except `on` and `off`, which are one value each: half of a request body makes no sense."""
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict) and key not in ("on", "off"):
            _merge(base[key], value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            base[key] = value
