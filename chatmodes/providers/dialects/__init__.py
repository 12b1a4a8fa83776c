"""The dialects by name, each imported when it is first spoken."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chatmodes.providers.dialects.base import Dialect, Name


def dialect(name: "Name") -> "Dialect":
    """The dialect of this name."""
    from chatmodes.providers.dialects.chat import Chat

    return {"chat": Chat}[name]()
