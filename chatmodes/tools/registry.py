"""Which tools there are: the ones that ship, by name, and other packages' by entry point."""

from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint
from typing import cast

from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError, Settings
from chatmodes.tools.base import Tool
from chatmodes.tools.offers import Offer, offer_of

GROUP = "chatmodes.tools"
SHIPPED = {
    "calculate": "chatmodes.tools.calculate:Calculate",
    "now": "chatmodes.tools.clock:Now",
    "read_file": "chatmodes.tools.files:ReadFile",
    "find_files": "chatmodes.tools.files:FindFiles",
    "fetch": "chatmodes.tools.fetch:Fetch",
    "run": "chatmodes.tools.command:Run",
}
ALL, SERVER = "all", "mcp:"
_PARTS = ("name", "description", "parameters", "touches", "run")


def names() -> tuple[str, ...]:
    """Every tool that is no server's, the shipped ones first."""
    return (*SHIPPED, *_foreign())


def check(wanted: str, settings: Settings) -> None:
    """Raise `ConfigError` for a name that stands for no tool and no server."""
    servers = [f"{SERVER}{name}" for name in settings.mcp]
    if wanted not in (ALL, *servers) and wanted not in SHIPPED and wanted not in _foreign():
        there = ", ".join((*names(), *servers, ALL))
        raise ConfigError(f"There is no tool {one_line(wanted, 60)!r}.", f"There are {there}.")


def wanted(settings: Settings) -> tuple[list[str], list[str]]:
    """The tools and the servers that the settings offer, each once. Raises `ConfigError` for a name that is none."""
    tools: dict[str, None] = {}
    servers: dict[str, None] = {}
    for name in settings.tools.use:
        check(name, settings)
        if name == ALL:
            tools |= dict.fromkeys(names())
            servers |= dict.fromkeys(settings.mcp)
        elif name.startswith(SERVER):
            servers[name.removeprefix(SERVER)] = None
        else:
            tools[name] = None
    return list(tools), list(servers)


def get(name: str) -> Offer:
    """A tool by its name, loaded. Raises `ConfigError` for none, and for a package's that cannot be used."""
    if name in SHIPPED:
        module, _, kind = SHIPPED[name].partition(":")
        return offer_of(cast("Tool", getattr(import_module(module), kind)()), foreign=False)
    point = _foreign().get(name)
    if point is None:
        raise ConfigError(f"There is no tool {one_line(name, 60)!r}.", f"There are {', '.join(names())}.")
    try:
        loaded = point.load()
        tool: object = loaded() if isinstance(loaded, type) else loaded
    except Exception as error:  # whatever a stranger's module does when it is imported
        raise _unusable(point, f"{type(error).__name__}: {one_line(str(error), 200)}") from error
    if not isinstance(tool, Tool):
        missing = [part for part in _PARTS if not hasattr(tool, part)]
        raise _unusable(point, f"it is no tool: it lacks {', '.join(missing)}")
    if tool.name != name:
        raise _unusable(point, f"it calls itself {one_line(tool.name, 60)!r}")
    return offer_of(tool, foreign=True)


@cache
def _foreign() -> dict[str, EntryPoint]:
    """The entry points of other packages by name; a shipped tool's name is not theirs to take."""
    from importlib.metadata import entry_points

    return {point.name: point for point in entry_points(group=GROUP) if point.name not in SHIPPED}


def _unusable(point: EntryPoint, why: str) -> ConfigError:
    package = point.dist.name if point.dist else point.value
    return ConfigError(
        f"The tool {point.name!r} of the package {package} cannot be used: {why}.",
        f"Update the package, or remove it: pip uninstall {package}.",
    )
