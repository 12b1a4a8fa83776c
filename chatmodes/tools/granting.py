"""Tools and rules that a person or a program names for one use, on top of what is set."""

from collections.abc import Sequence

import msgspec

from chatmodes.settings import Settings
from chatmodes.tools.registry import check
from chatmodes.tools.rules import parsed


def granted(settings: Settings, tools: Sequence[str], rules: Sequence[str]) -> Settings:
    """The settings with these tools offered and with what these rules let run without being asked about. Raises
    `ConfigError` for a name or a rule that is none."""
    for name in tools:
        check(name, settings)
    for rule in rules:
        parsed(rule)
    own = settings.tools
    added = msgspec.structs.replace(own, use=(*own.use, *tools), allow=(*own.allow, *rules))
    return msgspec.structs.replace(settings, tools=added)
