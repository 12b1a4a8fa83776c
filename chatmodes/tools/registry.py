"""Which tools there are: the ones that ship, by name, and other packages' by entry point."""

from chatmodes.plugins import Plugins
from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError, Settings
from chatmodes.settings.schema import SEARCH
from chatmodes.tools.base import Tool
from chatmodes.tools.offers import Offer, offer_of

SHIPPED = {
    "calculate": "chatmodes.tools.calculate:Calculate",
    "now": "chatmodes.tools.clock:Now",
    "read_file": "chatmodes.tools.files:ReadFile",
    "find_files": "chatmodes.tools.files:FindFiles",
    "fetch": "chatmodes.tools.fetch:Fetch",
    "run": "chatmodes.tools.command:Run",
}
ALL, SERVER = "all", "mcp:"
"""Names besides the tools' own: every tool and server, but never the search of the web, which costs extra; a server."""
_TOOLS = Plugins("tool", SHIPPED, Tool, ("name", "description", "parameters", "touches", "run"))


def names() -> tuple[str, ...]:
    """Every tool that is no server's, the shipped ones first."""
    return _TOOLS.names()


def check(wanted: str, settings: Settings) -> None:
    """Raise `ConfigError` for a name that stands for no tool and no server."""
    servers = [f"{SERVER}{name}" for name in settings.mcp]
    if wanted not in (ALL, SEARCH, *servers) and not _TOOLS.exists(wanted):
        there = ", ".join((*names(), *servers, SEARCH, ALL))
        if wanted.startswith(SERVER) and _only_named(wanted.removeprefix(SERVER)):
            raise ConfigError(
                f"{one_line(wanted, 60)} is a server of this folder's .mcp.json, which you have not allowed.",
                "`chatmodes mcp project` shows what it would start, and `chatmodes mcp project --allow` lets it.",
            )
        raise ConfigError(f"There is no tool {one_line(wanted, 60)!r}.", f"There are {there}.")


def exists(wanted: str, settings: Settings) -> bool:
    """Whether a name stands for a tool or a server."""
    try:
        check(wanted, settings)
    except ConfigError:
        return False
    return True


def _only_named(server: str) -> bool:
    """Whether the working folder names a server of this name."""
    from chatmodes.tools.projects import named_here

    named = named_here()
    return named is not None and server in named.servers


def wanted(settings: Settings) -> tuple[list[str], list[str]]:
    """The tools and the servers that the settings offer, each once. Raises `ConfigError` for a name that is none."""
    tools: dict[str, None] = {}
    servers: dict[str, None] = {}
    for name in settings.tools.use:
        check(name, settings)
        if name == SEARCH:
            continue
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
    return offer_of(_TOOLS.load(name), foreign=name not in SHIPPED)
