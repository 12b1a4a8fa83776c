"""What a repository's `.chatmodes.toml` may change: it comes from others, so it grants nothing and loosens nothing."""

from pathlib import Path
from typing import Any

from chatmodes.settings.errors import ConfigError
from chatmodes.settings.folders import home, working_folder

PROJECT_FILE = ".chatmodes.toml"
_FORBIDDEN = ("local",)


def project_file(folder: Path | None = None) -> Path | None:
    """Where a project's file would be; None where there is no working directory."""
    folder = folder or working_folder()
    return folder / PROJECT_FILE if folder else None


def check_project(path: Path, users: dict[str, Any], project: dict[str, Any]) -> None:
    """A project's file may make conversations private and costs limited, not the other way round.

    `users` is what holds without it. Raises `ConfigError`.
    """
    for name in _FORBIDDEN:
        if name in project:
            raise ConfigError(
                f"{path} sets [{name}], which a project's file may not.", f"Move it to {home('config')}/settings.toml."
            )
    hint = "Take that line out of it: a project's file may only tighten this."
    if users["store"]["private"] and project.get("store", {}).get("private") is False:
        raise ConfigError(f"{path} sets store.private to false, but your settings say true.", hint)
    mine = users["compare"]["cost_limit"]
    limit = project.get("compare", {}).get("cost_limit", mine)
    if limit > mine:
        raise ConfigError(f"{path} sets compare.cost_limit to {limit}, above yours of {mine}.", hint)
