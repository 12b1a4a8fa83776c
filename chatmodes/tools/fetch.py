"""`fetch`: a page of the public network as text.

The host is looked up here, its address checked, and that very address connected to: a name that is looked up a second
time may lead somewhere else by then. A redirect to another host is not followed but told, so that a rule for one host
is never a way to another.
"""

import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

import anyio
import msgspec

from chatmodes.tools.addresses import addresses_of, is_public
from chatmodes.tools.base import Arguments, Context, ToolError, Touch, read, schema
from chatmodes.tools.pages import text_of

if TYPE_CHECKING:
    import httpx2

LARGEST = 2_000_000
"""Bytes of a page that are read."""
SECONDS = 30.0
REDIRECTS = 5
_TEXT = ("text/", "application/json", "application/xml", "application/xhtml", "application/javascript")


class _Page(msgspec.Struct, frozen=True):
    url: str


class _Place(NamedTuple):
    """Where a URL leads."""

    url: str
    scheme: str
    host: str
    port: int
    target: str
    """Path and query."""

    @property
    def authority(self) -> str:
        """The host, with its port where that is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


_PORTS = {"http": 80, "https": 443}


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
        self._permits, self._look_up = permits, look_up

    def scope(self, arguments: Arguments) -> str:
        """What is fetched, and from whom."""
        place = _place(read(arguments, _Page).url)
        return f"fetch {place.url} from {place.authority}, which sees that address and this machine's"

    def subjects(self, arguments: Arguments) -> tuple[str, ...]:
        """The address in its usual form."""
        place = _place(read(arguments, _Page).url)
        return (f"{place.scheme}://{place.authority}{place.target}",)

    def pattern(self, arguments: Arguments) -> str:
        """Every page of the host."""
        place = _place(read(arguments, _Page).url)
        return f"{place.scheme}://{place.authority}/*"

    async def run(self, arguments: Arguments, context: Context) -> str:
        """The page's text. Raises `ToolError` for an address that may not be fetched or does not answer."""
        del context
        place = _place(read(arguments, _Page).url)
        with anyio.move_on_after(SECONDS):
            return await self._follow(place)
        raise ToolError(f"{place.authority} did not answer within {SECONDS:g} s.")

    async def _follow(self, place: _Place) -> str:
        import httpx2

        # No proxy: it would look the host up itself, and connect to whatever it finds.
        async with httpx2.AsyncClient(trust_env=False, verify=ssl.create_default_context()) as client:
            for _ in range(REDIRECTS + 1):
                try:
                    found = await self._get(client, place)
                except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
                    why = str(error).rstrip(".") or type(error).__name__
                    raise ToolError(f"{place.authority} could not be reached: {why}.") from error
                if isinstance(found, str):
                    return found
                if (found.host, found.scheme) not in {(place.host, place.scheme), (place.host, "https")}:
                    raise ToolError(f"The page has moved to another place: {found.url} (fetch that, if it is wanted).")
                place = found
        raise ToolError(f"{place.authority} redirects again and again.")

    async def _get(self, client: "httpx2.AsyncClient", place: _Place) -> "str | _Place":
        """The page's text, or where it has moved to."""
        address = await self._checked(place)
        host = f"[{address}]" if ":" in address else address
        request = client.build_request(
            "GET",
            f"{place.scheme}://{host}:{place.port}{place.target}",
            headers={"Host": place.authority, "User-Agent": "chatmodes", "Accept": "text/html, text/*, */*;q=0.1"},
            extensions={"sni_hostname": place.host},
        )
        response = await client.send(request, stream=True, follow_redirects=False)
        try:
            if response.is_redirect:
                return _place(urljoin(place.url, response.headers.get("location", "")))
            kind = response.headers.get("content-type", "text/plain").lower()
            if not kind.startswith(_TEXT) and "+json" not in kind and "+xml" not in kind:
                raise ToolError(f"{place.url} is no text ({kind[:80]}).")
            data = bytearray()
            async for piece in response.aiter_bytes():
                data += piece
                if len(data) > LARGEST:
                    break
            text = bytes(data[:LARGEST]).decode(response.encoding or "utf-8", errors="replace")
        finally:
            await response.aclose()
        page = text_of(text, place.url) if "html" in kind else text
        if response.status_code >= 400:
            raise ToolError(f"{place.url} answers {response.status_code}: {page[:500]}")
        return page or "(the page has no text)"

    async def _checked(self, place: _Place) -> str:
        addresses = await self._look_up(place.host, place.port)
        if not addresses or not all(map(self._permits, addresses)):
            raise ToolError(f"{place.host} is on this machine or a private network, where nothing is fetched from.")
        return addresses[0]


def _place(url: str) -> _Place:
    """A URL taken apart. Raises `ToolError` for one that is not http(s), or holds a name and password."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or _PORTS[parts.scheme.lower()]
        host = (parts.hostname or "").rstrip(".").encode("idna" if not (parts.hostname or "").isascii() else "ascii")
    except (ValueError, KeyError, UnicodeError):
        raise ToolError(f"{url[:200]!r} is no address of a page; it looks like https://example.org/page.") from None
    if not host or parts.username or parts.password:
        raise ToolError("An address needs a host, and may hold no name or password.")
    scheme, name = parts.scheme.lower(), host.decode().lower()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    place = _Place("", scheme, name, port, target)
    return place._replace(url=f"{scheme}://{place.authority}{target}")
