"""From a table to settings, or to a sentence about what is wrong with it.

Every command passes here and few with a fault: the words for one are imported where one is found.
"""

from typing import Any

import msgspec

from chatmodes.settings.errors import ConfigError
from chatmodes.settings.schema import Settings


def checked(table: dict[str, Any], where: str) -> Settings:
    """A table as settings. Raises `ConfigError`, which begins with `where` the table comes from."""
    try:
        settings = msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        from chatmodes.settings.catalogue import explained

        raise explained(error, table, where) from error
    if not settings.compare.modes:
        raise ConfigError(f"{where}: compare.modes is empty.", "Name one or more modes.")
    return settings
