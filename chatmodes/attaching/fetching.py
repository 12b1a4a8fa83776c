"""An attachment from the public network, fetched by the word of whoever named its address."""

from chatmodes.attaching.errors import AttachError
from chatmodes.tools.base import ToolError
from chatmodes.tools.web import Web, place_of

LARGEST = 32 * 1024 * 1024


async def fetched(url: str, web: Web | None = None) -> tuple[str, bytes]:
    """The last part of the address as a name, and the bytes that stand there. Raises `AttachError`.

    The bytes are sent to the model and never the address: a provider would fetch it with rights of its own.
    """
    try:
        got = await (web or Web()).get(place_of(url), limit=LARGEST)
    except ToolError as error:
        raise AttachError(str(error)) from error
    if got.status >= 400:
        raise AttachError(f"{got.place.url} answers {got.status}, so nothing was attached.")
    if not got.whole:
        raise AttachError(f"{got.place.url} has more than {LARGEST // 2**20} MB, so it was not attached.")
    path = got.place.target.partition("?")[0].rstrip("/")
    return path.rpartition("/")[2] or got.place.host, got.data
