"""Config files and the environment, made into typed settings.

Every file is checked on its own, so that an error names the file that holds it. Files are data from outside: a project
file comes with whatever repository one happens to stand in, so it may not say where a provider lives (a key would
follow the address) nor name a file to load, nor loosen what keeps its user's text off the disk and money unspent.
"""

import os
from pathlib import Path
from typing import Any

from chatmodes.settings.folders import home, read_toml, shipped
from chatmodes.settings.project import check_project, project_file
from chatmodes.settings.schema import Settings, checked


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
            table = read_toml(path)
            checked(table, str(path))
            if from_project:
                check_project(path, merged, table)
            _merge(merged, table)
    _merge(merged, _environment())
    _merge(merged, flags or {})
    return checked(merged, "the command line or the environment")


def _environment() -> dict[str, Any]:
    names = {"CHATMODES_MODEL": "model", "CHATMODES_MODE": "mode"}
    return {key: os.environ[name] for name, key in names.items() if os.environ.get(name)}


def _merge(base: dict[str, Any], over: dict[str, Any]) -> None:
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)  # pyright: ignore[reportUnknownArgumentType]
        else:
            base[key] = value
