"""What a client attached, made ready to send as what a person attaches is.

A photograph as it came from a camera is refused by most providers, and a model that takes no PDFs would be sent
nothing of one: so pictures are shrunk and PDFs read here too, each time, since nothing is kept between requests.
"""

from dataclasses import replace
from importlib import import_module

import msgspec
from anyio import to_thread

from chatmodes.messages import File, Image, Message, Part, Text, ToolResult
from chatmodes.server.asked import Asked
from chatmodes.server.errors import RequestError


async def ready(asked: Asked) -> Asked:
    """The same request with its pictures and files made ready. Raises `RequestError` for one that cannot be read."""
    if not any(_has_files(part) for message in asked.path for part in message.parts):
        return asked
    await to_thread.run_sync(import_module, "chatmodes.attaching")  # Pillow with it, for which no stream waits
    return replace(asked, path=tuple([await _message(message) for message in asked.path]))


def has_pictures(asked: Asked) -> bool:
    """Whether the user shows any."""
    return any(isinstance(part, Image) for message in asked.path for part in message.parts)


def _has_files(part: Part) -> bool:
    return isinstance(part, File | Image) or (isinstance(part, ToolResult) and any(map(_has_files, part.content)))


async def _message(message: Message) -> Message:
    parts: list[Part] = []
    for part in message.parts:
        parts += await _ready(part)
    return Message(message.role, tuple(parts))


async def _ready(part: Part) -> list[Part]:
    from chatmodes.attaching import AttachError, attach_bytes, picture

    try:
        match part:
            case Image():
                return [msgspec.structs.replace(await picture(part.content, part.name), detail=part.detail)]
            case File():
                return [*await attach_bytes(part.content, part.name)]
            case ToolResult() if _has_files(part):
                brought = [each for held in part.content for each in await _ready(held)]
                shown = tuple(each for each in brought if isinstance(each, Text | Image))
                return [msgspec.structs.replace(part, content=shown)]
            case _:
                return [part]
    except AttachError as error:
        raise RequestError(f"{error}", param="messages") from error
