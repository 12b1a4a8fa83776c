"""Getting what stands at a public address, and nothing else.

The host is looked up here, its address checked, and that very address connected to: a name that is looked up a second
time may lead somewhere else by then. A redirect to another host is not followed but told, so that a rule for one host
is never a way to another.
"""

import re
import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urljoin, urlsplit

import anyio

from chatmodes.tools.addresses import addresses_of, is_public
from chatmodes.tools.base import ToolError

if TYPE_CHECKING:
    import httpx2

SECONDS = 30.0
REDIRECTS = 5
PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9._:%-]+")


class Place(NamedTuple):
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
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


class Got(NamedTuple):
    """What stood there."""

    place: Place
    status: int
    kind: str
    """The content type, in lower case."""
    encoding: str
    data: bytes
    whole: bool
    """Nothing was cut off at the limit."""


class Web:
    """The public network. `permits` and `look_up` are for tests."""

    def __init__(
        self,
        *,
        permits: Callable[[str], bool] = is_public,
        look_up: Callable[[str, int], Awaitable[list[str]]] = addresses_of,
    ) -> None:
        self._permits, self._look_up = permits, look_up

    async def get(self, place: Place, *, limit: int, takes: Callable[[str], bool] = lambda _: True) -> Got:
        """The first `limit` bytes of what stands at a place, counted after decompression.

        `takes` says of a content type whether it is wanted at all. Raises `ToolError` for an address that may not be
        fetched, does not answer, leads elsewhere or holds what is not wanted.
        """
        with anyio.move_on_after(SECONDS):
            return await self._follow(place, limit, takes)
        raise ToolError(f"{place.authority} did not answer within {SECONDS:g} s.")

    async def _follow(self, place: Place, limit: int, takes: Callable[[str], bool]) -> Got:
        import httpx2

        # No proxy: it would look the host up itself, and connect to whatever it finds.
        async with httpx2.AsyncClient(trust_env=False, verify=ssl.create_default_context()) as client:
            for _ in range(REDIRECTS + 1):
                try:
                    found = await self._get(client, place, limit, takes)
                except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
                    why = str(error).rstrip(".") or type(error).__name__
                    raise ToolError(f"{place.authority} could not be reached: {why}.") from error
                if isinstance(found, Got):
                    return found
                if (found.host, found.scheme) not in {(place.host, place.scheme), (place.host, "https")}:
                    raise ToolError(f"The page has moved to another place: {found.url} (fetch that, if it is wanted).")
                place = found
        raise ToolError(f"{place.authority} redirects again and again.")

    async def _get(
        self, client: "httpx2.AsyncClient", place: Place, limit: int, takes: Callable[[str], bool]
    ) -> Got | Place:
        """What stands there, or where it has moved to."""
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
                return _moved(place, response.headers.get("location", ""))
            kind = response.headers.get("content-type", "text/plain").lower()
            if not takes(kind):
                raise ToolError(f"{place.url} is no text ({kind[:80]}).")
            data = bytearray()
            async for piece in response.aiter_bytes():
                data += piece
                if len(data) > limit:
                    break
            whole = len(data) <= limit
            return Got(place, response.status_code, kind, response.encoding or "utf-8", bytes(data[:limit]), whole)
        finally:
            await response.aclose()

    async def _checked(self, place: Place) -> str:
        addresses = await self._look_up(place.host, place.port)
        if not addresses or not all(map(self._permits, addresses)):
            raise ToolError(f"{place.host} is on this machine or a private network, where nothing is fetched from.")
        return addresses[0]


def _moved(place: Place, location: str) -> Place:
    try:
        return place_of(urljoin(place.url, location))
    except ValueError:  # `http://[`
        raise ToolError(f"{place.authority} redirects to what is no address.") from None


def place_of(url: str) -> Place:
    """A URL taken apart. Raises `ToolError` for one that is not http(s), or holds a name and password."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or PORTS[parts.scheme.lower()]
        host = (parts.hostname or "").rstrip(".").encode("idna" if not (parts.hostname or "").isascii() else "ascii")
    except (ValueError, KeyError, UnicodeError):
        raise ToolError(f"{url[:200]!r} is no address of a page; it looks like https://example.org/page.") from None
    if not host or parts.username or parts.password:
        raise ToolError("An address needs a host, and may hold no name or password.")
    scheme, name = parts.scheme.lower(), host.decode().lower()
    if not _HOST.fullmatch(name):  # a `*` in it would become one of a rule that the user is asked for
        raise ToolError(f"{name[:200]!r} is no name of a host.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    place = Place("", scheme, name, port, target)
    return place._replace(url=f"{scheme}://{place.authority}{target}")
