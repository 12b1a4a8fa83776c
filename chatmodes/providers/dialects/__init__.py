"""The dialects by name, each imported when it is first spoken."""

from typing import TYPE_CHECKING, assert_never

if TYPE_CHECKING:
    from chatmodes.providers.dialects.base import Dialect, Name


def dialect(name: "Name") -> "Dialect":
    """The dialect of this name."""
    match name:
        case "chat":
            from chatmodes.providers.dialects.chat import Chat

            return Chat()
        case "responses":
            from chatmodes.providers.dialects.responses import Responses

            return Responses()
        case "messages":
            from chatmodes.providers.dialects.messages import Messages

            return Messages()
        case _:
            assert_never(name)
