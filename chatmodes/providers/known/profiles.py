"""What is peculiar about each provider and model, as typed data read from `config/providers.toml`.

Everything that differs from one API to the next lives in that file, so that talking to a new provider is a table and
not a branch. The user's own `providers.toml` adds tables and overrides single fields. A project's file never does: a
key would follow an address that came with somebody else's repository.
"""

import os
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

import msgspec

from chatmodes.settings import ConfigError, home, read_toml, shipped

ENDPOINT = "endpoint"
"""The provider that `--base-url` makes: the safe defaults, at an address given by hand."""
LOCAL = "local"
"""The provider whose server is the embedded model."""

_T = TypeVar("_T")


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Traits(_Table, frozen=True, kw_only=True):
    """How one model wants to be asked. The defaults are what every known server accepts."""

    dialect: Literal["chat"] = "chat"
    """The API it is spoken to by."""
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    system_role: Literal["system", "developer"] = "system"
    usage_in_stream: bool = True
    """Send `stream_options.include_usage`."""
    sampling: bool = True
    """Temperature is accepted. It is sent only when asked for, in any case."""
    sampling_while_reasoning: bool = True
    """Temperature is accepted beside reasoning. Where it is not, reasoning wins."""
    stop: bool = True
    """Stop texts are accepted."""
    temperature: float | None = None
    """What single answers are sampled at; None leaves it to the server, for a small model to `SMALL_TEMPERATURE`."""
    draft_temperature: float | None = 0.7
    """What parallel drafts are sampled at; ignored where `sampling` is false."""
    image_input: Literal["url", "base64", "none"] = "url"
    logprobs: bool = False

    reasons: bool = False
    """The model has reasoning of its own."""
    always_reasons: bool = False
    """Its reasoning cannot be switched off, only made short."""
    efforts: tuple[str, ...] = ()
    """The levels it accepts, weakest first; empty where there is no such parameter."""
    effort: str = ""
    """The level sent when reasoning is asked for and no level named; empty leaves it to the provider."""
    off_effort: str = ""
    """The level sent when no reasoning is wanted; empty where `off` does it, or nothing can."""
    effort_field: str = ""
    """Where the level goes in the body, a dot descending into an object; empty for the dialect's own place."""
    on: dict[str, Any] = {}
    """Body fields that make it reason."""
    off: dict[str, Any] = {}
    """Body fields that make it not reason, or as little as it can."""
    echo_reasoning: bool = False
    """Earlier reasoning must be sent back with messages that hold tool calls, even where it is empty."""
    images: bool | None = None
    """Pictures are understood; None where nobody knows."""
    pdfs: bool | None = None
    """PDFs are taken as what they are; None where nobody knows."""
    tools: bool | None = None
    """Tools may be offered; None where nobody knows."""
    tool_choices: tuple[Literal["auto", "required", "none", "named"], ...] = ("auto", "required", "none", "named")
    """What may be asked of the choice among tools; `auto` is meant where something else is not among them."""
    call_id: str = "[A-Za-z0-9_-]{1,40}"
    """A regular expression of the ids of tool calls that it takes back. Others are replaced for it."""
    search: dict[str, Any] = {}
    """The entry of `tools` that lets the server search the web; empty where it has none."""
    cache_key: str = ""
    """The body field for a key by which requests with the same beginning find the same cache; empty where none is."""
    cache_points: int = 0
    """How many parts of a request may be marked as worth keeping; 0 where the server keeps by itself, or nothing."""
    cache_minimum: int = 1024
    """Tokens below which nothing is kept."""
    cache_write: float = 1.0
    """What writing to the cache costs, in times the price of input."""

    # read by the dialects alone
    pdf_part: Literal["file", "document_url"] = "file"
    """What chat completions call the part that holds a PDF."""
    image_detail: Literal["", "auto", "low", "high", "original"] = ""
    """How closely pictures are looked at; empty where there is no such field."""
    images_first: bool = False
    """Pictures are understood best before the text about them."""
    seed_field: str = "seed"
    """Where a seed goes; empty where none is taken."""
    echo_field: str = "reasoning_content"
    """Where earlier reasoning goes back in chat completions."""
    foreign_calls: dict[str, Any] = {}
    """Fields of the first call of a turn that another model made, where a call must have some."""

    context_window: int | None = None
    """Tokens, prompt and answer together."""
    max_output: int | None = None
    small: bool = False
    """Too weak to judge other drafts, where the model's name does not say how large it is."""


_SIZE = re.compile(r"(?<![A-Za-z0-9.])(\d+(?:\.\d+)?b|\d{2,4}m)(?![A-Za-z0-9])", re.I)


def parameters(model: str) -> float | None:
    """Billions of parameters, as far as a model's name says: 0.5 for `qwen2.5-0.5b`, None for `gpt-5`."""
    found = _SIZE.search(model)
    if found is None:
        return None
    return float(found[1][:-1]) / (1 if found[1][-1] in "bB" else 1000)


class Profile(_Table, frozen=True, kw_only=True):
    """Where a provider lives and what holds for all its models."""

    id: str
    """The part of a model id before the first slash."""
    name: str
    """As people write it."""
    base_url: str = ""
    """Empty where the address comes from the environment alone."""
    url_variable: str = ""
    """An environment variable with the address, which wins over `base_url`."""
    url_suffix: str = ""
    """Appended to the address from the variable, unless it ends so already."""
    key_variables: tuple[str, ...] = ()
    """Environment variables that may hold the key, in the order they are tried."""
    key_needed: bool = True
    key_page: str = ""
    """Where a person gets a key."""
    local: bool = False
    """Runs on the user's own machine: looked for at its usual port, no price, long timeouts."""
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
    concurrency: int = 5
    """Calls under way at once; lowered and raised again by what the server answers."""
    headers: dict[str, str] = {}
    """Sent with every request."""

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

    def address(self) -> str:
        """The base URL as configured, unchecked; empty where only the environment could say it and does not."""
        found = os.environ.get(self.url_variable, "").strip() if self.url_variable else ""
        if not found:
            return self.base_url
        if "://" not in found and self.local:
            found = f"http://{found}"  # OLLAMA_HOST is usually written as host:port
        found = found.rstrip("/")
        return found if found.endswith(self.url_suffix) else found + self.url_suffix


def split(model: str) -> tuple[str, str]:
    """`provider/model` as its two parts; the second is empty where there is no slash."""
    provider, _, name = model.partition("/")
    return provider, name


def load_profiles() -> dict[str, Profile]:
    """All providers by id: the shipped ones in their order, then the user's. Raises `ConfigError` naming the file."""
    path = shipped("providers.toml")
    table = read_toml(path)
    _check(table, path)
    mine = home("config") / "providers.toml"
    if mine.is_file():
        added = read_toml(mine)
        _check_own(added, table, mine)
        _merge(table, added)
        _check(table, mine)
    return {name: _profile(name, fields, mine) for name, fields in table.items()}


def endpoint_profile(profiles: dict[str, Profile], base_url: str) -> Profile:
    """The profile of an address given by hand."""
    return msgspec.structs.replace(profiles[ENDPOINT], base_url=base_url, name=urlsplit(base_url).netloc)


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
        raise ConfigError(f"{where}: {error}.", "config/providers.toml shows every field in use.") from error


def _merge(base: dict[str, Any], over: dict[str, Any]) -> None:
    """Tables join, except `on` and `off`, which are one value each: half of a request body makes no sense."""
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict) and key not in ("on", "off"):
            _merge(base[key], value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            base[key] = value
