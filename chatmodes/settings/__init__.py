"""Config files and the environment, made into typed settings, and the user's own folders."""

from chatmodes.settings.errors import ConfigError
from chatmodes.settings.files import keep, read_regular, read_shipped, read_toml, write_private
from chatmodes.settings.folders import expanded, home, private_folder, shipped, working_folder
from chatmodes.settings.loading import Loaded, Origin, load, resolve, user_file
from chatmodes.settings.project import PROJECT_FILE, project_file
from chatmodes.settings.schema import (
    Auto,
    Compare,
    Contemplating,
    Instant,
    Local,
    Member,
    Reconcile,
    Sampling,
    Server,
    Settings,
    Store,
    Thinking,
    Timeouts,
    Tools,
    Tui,
)

__all__ = [
    "PROJECT_FILE",
    "Auto",
    "Compare",
    "ConfigError",
    "Contemplating",
    "Instant",
    "Loaded",
    "Local",
    "Member",
    "Origin",
    "Reconcile",
    "Sampling",
    "Server",
    "Settings",
    "Store",
    "Thinking",
    "Timeouts",
    "Tools",
    "Tui",
    "expanded",
    "home",
    "keep",
    "load",
    "private_folder",
    "project_file",
    "read_regular",
    "read_shipped",
    "read_toml",
    "resolve",
    "shipped",
    "user_file",
    "working_folder",
    "write_private",
]
