"""`fetch`: a page of the public network as text."""

import re
from collections.abc import Awaitable, Callable

import msgspec
from anyio import to_thread

from chatmodes.tools.addresses import addresses_of, is_public
from chatmodes.tools.base import Arguments, Context, ToolError, Touch, read, schema
from chatmodes.tools.pages import text_of
from chatmodes.tools.web import Got, Web, place_of

LARGEST = 2_000_000
"""Bytes of a page that are read."""
_ENCODING = re.compile(
    r"utf[-_]?(8|16|32)([-_]?(le|be|sig))?|(us[-_]?)?ascii|latin[-_]?\d+|iso[-_].+|(windows|cp)[-_]?\d+|koi8[-_][a-z]+"
    r"|gb[-_]?\d+|gbk|hz.*|big5.*|(x[-_])?(s(hift)?[-_]?jis|euc[-_]).*|mac[-_]?[a-z]*|johab|tis[-_]?620",
    re.IGNORECASE,
)
_TEXT = ("text/", "application/json", "application/xml", "application/xhtml", "application/javascript")


class _Page(msgspec.Struct, frozen=True):
    url: str


class Fetch:
    """A page as text."""

    name = "fetch"
    description = (
        "Fetches a page of the web by its http or https address, and gives its text. Pages of this machine or of a "
        "private network cannot be fetched. A redirect to another host is told, not followed."
    )
    parameters = schema(
        ("url",),
        url=("string", "For example https://example.org/page"),
    )
    touches: tuple[Touch, ...] = ("network",)

    def __init__(
        self,
        *,
        permits: Callable[[str], bool] = is_public,
        look_up: Callable[[str, int], Awaitable[list[str]]] = addresses_of,
    ) -> None:
        self._web = Web(permits=permits, look_up=look_up)

    def scope(self, arguments: Arguments) -> str:
        """What is fetched, and from whom."""
        place = place_of(read(arguments, _Page).url)
        return f"fetch {place.url} from {place.authority}, which sees that address and this machine's"

    def subjects(self, arguments: Arguments) -> tuple[str, ...]:
        """The address in its usual form."""
        place = place_of(read(arguments, _Page).url)
        return (f"{place.scheme}://{place.authority}{place.target}",)

    def pattern(self, arguments: Arguments) -> str:
        """Every page of the host."""
        place = place_of(read(arguments, _Page).url)
        return f"{place.scheme}://{place.authority}/*"

    async def run(self, arguments: Arguments, context: Context) -> str:
        """The page's text. Raises `ToolError` for an address that may not be fetched or does not answer."""
        del context
        got = await self._web.get(place_of(read(arguments, _Page).url), limit=LARGEST, takes=_is_text)
        page = await to_thread.run_sync(_read, got, abandon_on_cancel=True)
        if got.status >= 400:
            raise ToolError(f"{got.place.url} answers {got.status}: {page[:500]}")
        return page or "(the page has no text)"


def _read(got: Got) -> str:
    # Python knows codecs that are no encodings of pages, some of which take hours over a long text.
    encoding = got.encoding if _ENCODING.fullmatch(got.encoding) else "utf-8"
    text = got.data.decode(encoding, errors="replace")
    return text_of(text, got.place.url) if "html" in got.kind else text


def _is_text(kind: str) -> bool:
    return kind.startswith(_TEXT) or "+json" in kind or "+xml" in kind
