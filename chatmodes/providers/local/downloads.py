"""Models worth pulling, for somebody who knows none by name.

A list of our own in `config/`, so that it is there without a network, and holds nothing that a laptop cannot run.
"""

from typing import Any

import msgspec

from chatmodes.providers.local import memory
from chatmodes.providers.local.gguf import Header
from chatmodes.providers.local.server import LEAST_CONTEXT, MOST_CONTEXT
from chatmodes.settings import Local, read_shipped


class Download(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model on the hub."""

    name: str
    """What `pull` takes: `owner/repo:QUANT`."""
    size: int
    """Bytes to download, about."""
    cache_per_token: int
    about: str
    """What it is good for, in a few words."""

    def memory(self, local: Local) -> tuple[int, int]:
        """Bytes to run it in, about: with the shortest context that a slot may shrink to, and with the whole."""
        header = Header(cache_per_token=self.cache_per_token)
        least, most = local.context or LEAST_CONTEXT, local.context or MOST_CONTEXT
        return (
            memory.needed(self.size, header, least * local.slots),
            memory.needed(self.size, header, most * local.slots),
        )


def downloads() -> tuple[Download, ...]:
    """The models of `config/downloads.toml`, the smallest first. Raises `ConfigError`."""
    table: dict[str, Any] = read_shipped("downloads.toml")
    return msgspec.convert(table["models"], tuple[Download, ...])
