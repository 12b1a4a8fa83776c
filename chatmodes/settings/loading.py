"""Config files and the environment, made into typed settings, with where each value comes from.

Every file is checked on its own, so that an error names the file that holds it. Files are data from outside: a project
file comes with whatever repository one happens to stand in, so it may not say where a provider lives (a key would
follow the address) nor name a file to load, nor loosen what keeps its user's text off the disk and money unspent.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from chatmodes.settings.checking import checked
from chatmodes.settings.files import LARGEST, read_shipped, read_toml
from chatmodes.settings.folders import home
from chatmodes.settings.project import LARGEST_PROJECT, check_loosening, check_sections, project_file, told
from chatmodes.settings.schema import Settings

Origin = Literal["flag", "environment", "project", "user", "default"]

VARIABLES = {"CHATMODES_MODEL": "model", "CHATMODES_MODE": "mode"}
"""Environment variables that are settings, and which."""


class Loaded(msgspec.Struct, frozen=True):
    """Settings with what is to be known of them."""

    settings: Settings
    origins: Mapping[str, Origin]
    """Where each value comes from that is not the default's, by its dotted name."""
    note: str = ""
    """A sentence about what a project's file decides of where prompts go and how they are put; empty where nothing."""
    brief: str = ""
    """The same for a status line."""

    def origin(self, name: str) -> Origin:
        """Where the value of a dotted name comes from. That of a table is the last place that added to it."""
        found: Origin = "default"
        for each, origin in self.origins.items():
            if each == name or each.startswith(f"{name}."):
                found = origin
        return found


COMMAND_LINE = "the command line or the environment"


def load(flags: dict[str, Any] | None = None, *, project: Path | None = None, where: str = COMMAND_LINE) -> Settings:
    """The settings of `resolve`, for who asks for nothing else. Raises `ConfigError`."""
    return resolve(flags, project=project, where=where).settings


def resolve(flags: dict[str, Any] | None = None, *, project: Path | None = None, where: str = COMMAND_LINE) -> Loaded:
    """Settings from, in falling precedence: `flags`, the environment, the project's file, the user's, the defaults.

    `flags` has the shape of the file ({"contemplating": {"agents": 3}}). `project` is the folder looked into for
    `.chatmodes.toml`; the working directory when None. `where` says in errors what the flags are. Raises `ConfigError`.
    """
    merged = read_shipped("settings.toml")
    origins: dict[str, Origin] = {}
    layers: list[tuple[Origin, dict[str, Any]]] = [
        ("user", _users()),
        ("project", {}),
        ("environment", {key: os.environ[name] for name, key in VARIABLES.items() if os.environ.get(name)}),
        ("flag", flags or {}),
    ]
    for origin, table in layers:
        if origin == "project":
            table = _projects(project_file(project), merged)
        _merge(merged, table)
        for name in _leaves(table):
            origins.pop(name, None)  # so that the last place is the last in the table too
            origins[name] = origin
    settings = checked(merged, where)
    return Loaded(settings, origins, *told([name for name, origin in origins.items() if origin == "project"]))


def user_file() -> Path:
    """The user's own settings; it need not be there."""
    return home("config") / "settings.toml"


def _users() -> dict[str, Any]:
    path = user_file()
    if not _there(path):
        return {}
    table = read_toml(path, LARGEST)
    checked(table, str(path))
    return table


def _projects(path: Path | None, users: dict[str, Any]) -> dict[str, Any]:
    if path is None or not _there(path):
        return {}
    table = read_toml(path, LARGEST_PROJECT)
    check_sections(path, table)
    checked(table, str(path))
    check_loosening(path, users, table)
    return table


def _there(path: Path) -> bool:
    """Whether something has this name; what may not be looked at is as if it were not there."""
    try:
        return path.exists()
    except OSError:
        return False


def _leaves(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _leaves(cast("dict[str, Any]", value), f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _merge(base: dict[str, Any], over: dict[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            base[key] = value
