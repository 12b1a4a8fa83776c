"""Config files and the environment, made into typed settings.

Every file is checked on its own, so that an error names the file that holds it. Files are data from outside: a project
file comes with whatever repository one happens to stand in, so it may not say where a provider lives (a key would
follow the address) nor name a file to load, nor loosen what keeps its user's text off the disk and money unspent.
"""

import math
import os
import tomllib
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

ModeName = Literal["instant", "thinking", "contemplating", "auto"]
MODES: tuple[ModeName, ...] = get_args(ModeName)
Reconcile = Literal["auto", "vote", "select", "synthesize"]


class ConfigError(Exception):
    """A configuration that cannot be used. The message names the thing; `hint` says how to mend it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


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
    modes: tuple[ModeName, ...] = ("instant", "thinking", "contemplating")
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

    mode: ModeName = "instant"
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

    def model_for(self, mode: str) -> str:
        """The model a mode answers with: its own, else the general one; empty when neither is set."""
        section = {"instant": self.instant, "thinking": self.thinking}.get(mode)
        return (section.model if section else "") or self.model


def shipped(name: str) -> Path:
    """A file or folder of the shipped `config/`: inside the package in a wheel, beside it in a checkout."""
    inside = Path(__file__).parent / "config"
    return (inside if inside.is_dir() else Path(__file__).parent.parent / "config") / name


def home(kind: Literal["config", "data", "cache"]) -> Path:
    """The user's folder for a kind of file; all three are under CHATMODES_HOME where that is set. Not created here."""
    root = os.environ.get("CHATMODES_HOME")
    if root:
        return Path(root).expanduser() / kind
    import platformdirs  # 6 ms, needed only where CHATMODES_HOME is not set

    path = {
        "config": platformdirs.user_config_path,
        "data": platformdirs.user_data_path,
        "cache": platformdirs.user_cache_path,
    }[kind]
    return path("chatmodes", appauthor=False)


def private_folder(path: Path) -> Path:
    """Create a folder that only its owner can enter (0700), with its parents, and return it."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)
    return path


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

PROJECT_FILE = ".chatmodes.toml"
_NOT_IN_A_PROJECT = ("local",)


def load(flags: dict[str, Any] | None = None, *, project: Path | None = None) -> Settings:
    """Settings from, in falling precedence: `flags`, the environment, the project's file, the user's, the defaults.

    `flags` has the shape of the file ({"contemplating": {"agents": 3}}). `project` is the folder looked into for
    `.chatmodes.toml`; the working directory when None. Raises `ConfigError`.
    """
    merged = read_toml(shipped("settings.toml"))
    for path, from_project in ((home("config") / "settings.toml", False), (project_file(project), True)):
        try:
            exists = path is not None and path.is_file()
        except OSError:
            exists = False
        if path is not None and exists:
            table = _checked(path, from_project)
            if from_project:
                _refuse_loosening(path, merged, table)
            _merge(merged, table)
    _merge(merged, _environment())
    _merge(merged, flags or {})
    return _convert(merged, "the command line or the environment")


def project_file(folder: Path | None = None) -> Path | None:
    """Where a project's file would be; None where there is no working directory."""
    folder = folder or working_folder()
    return folder / PROJECT_FILE if folder else None


def working_folder() -> Path | None:
    """The working directory; None where it has been deleted or may not be looked up."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _environment() -> dict[str, Any]:
    names = {"CHATMODES_MODEL": "model", "CHATMODES_MODE": "mode"}
    return {key: os.environ[name] for name, key in names.items() if os.environ.get(name)}


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file's table. Raises `ConfigError` with the file, the line and what is wrong there."""
    try:
        return tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.", "Mend that line, or move the file away.") from error


def _checked(path: Path, from_project: bool) -> dict[str, Any]:
    table = read_toml(path)
    _convert(table, str(path))
    for name in _NOT_IN_A_PROJECT if from_project else ():
        if name in table:
            raise ConfigError(
                f"{path} sets [{name}], which a project's file may not.", f"Move it to {home('config')}/settings.toml."
            )
    return table


def _refuse_loosening(path: Path, users: dict[str, Any], project: dict[str, Any]) -> None:
    """A project's file may make conversations private and costs limited, not the other way round."""
    hint = "Take that line out of it: a project's file may only tighten this."
    if users["store"]["private"] and project.get("store", {}).get("private") is False:
        raise ConfigError(f"{path} sets store.private to false, but your settings say true.", hint)
    mine = users["compare"]["cost_limit"]
    limit = project.get("compare", {}).get("cost_limit", mine)
    if limit > mine:
        raise ConfigError(f"{path} sets compare.cost_limit to {limit}, above yours of {mine}.", hint)


def _convert(table: dict[str, Any], where: str) -> Settings:
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
        raise ConfigError(f"{where}: compare.modes is empty.", f"Name one or more of {', '.join(MODES)}.")
    return settings


def _number(settings: Settings, name: str) -> float:
    section, _, field = name.partition(".")
    return getattr(getattr(settings, section), field)


def _merge(base: dict[str, Any], over: dict[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            base[key] = value
