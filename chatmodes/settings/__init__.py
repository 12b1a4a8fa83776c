"""Config files and the environment, made into typed settings, and the user's own folders."""

from chatmodes.settings.errors import ConfigError
from chatmodes.settings.folders import home, private_folder, read_toml, shipped, working_folder
from chatmodes.settings.loading import load
from chatmodes.settings.project import PROJECT_FILE, project_file
from chatmodes.settings.schema import (
    Auto,
    Compare,
    Contemplating,
    Instant,
    Local,
    Member,
    Reconcile,
    Settings,
    Store,
    Thinking,
    Timeouts,
    Tui,
)

__all__ = [
    "PROJECT_FILE",
    "Auto",
    "Compare",
    "ConfigError",
    "Contemplating",
    "Instant",
    "Local",
    "Member",
    "Reconcile",
    "Settings",
    "Store",
    "Thinking",
    "Timeouts",
    "Tui",
    "home",
    "load",
    "private_folder",
    "project_file",
    "read_toml",
    "shipped",
    "working_folder",
]
