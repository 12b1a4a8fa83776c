"""HTTP, for everything that talks to a provider: one way to make a client, and what every response is held to.

No redirect is followed to another origin: a key in a header of a provider's own and the conversation would follow it.
Of an error no more is read than a sentence needs. The SDK is given these clients, so both hold for its requests too.
"""

import ssl
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import anyio

from chatmodes.providers import bounds
from chatmodes.providers.proxies import proxied_transport
from chatmodes.providers.spreading import WIDTH, spread
from chatmodes.providers.urls import is_loopback

if TYPE_CHECKING:
    import httpx2

PATIENCE = 5.0
"""Seconds for which the body of an error is waited for; its status has come."""
REDIRECTS = 3
"""Redirects within one origin that are followed."""


class AnsweredError(Exception):
    """A response that is no 2xx: what of it is worth knowing."""

    def __init__(self, status: int, headers: "httpx2.Headers", body: bytes, url: str) -> None:
        super().__init__(f"{status} from {urlsplit(url).netloc}")
        self.status, self.headers, self.body = status, headers, body
        self.url = url
        """What was asked for."""

    @property
    def leads_to(self) -> str:
        """Where a redirect leads; empty for any other response, and where it names no address."""
        location = self.headers.get("location", "")
        if not (300 <= self.status < 400 and location):
            return ""
        try:
            address = urljoin(self.url, location)
            origin(address)
        except ValueError:
            return ""
        return address

    @property
    def stays(self) -> bool:
        """The redirect leads to the same origin, and may be followed with everything that was sent."""
        return bool(self.leads_to) and origin(self.leads_to) == origin(self.url) and self.status != 303


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", parts.port or default


def on_loopback(url: str) -> bool:
    """Whether an address is this machine's, over plain http: never behind a proxy, and needs no certificates."""
    parts = urlsplit(url)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


def network_client() -> "httpx2.AsyncClient":
    """A client for the network, through the environment's proxies where they are for a request. Raises `OSError` for
    certificates that cannot be read."""
    return _client(transport=proxied_transport(_limits()))


def loopback_client() -> "httpx2.AsyncClient":
    """A client for this machine alone, which looks at no proxy."""
    import httpx2

    # Plain http needs no certificates, and reading the system's takes 25 ms. Without any, https fails.
    none = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return _client(
        trust_env=False,
        transport=spread(lambda: httpx2.AsyncHTTPTransport(trust_env=False, verify=none, limits=_limits())),
    )


def _client(**options: Any) -> "httpx2.AsyncClient":
    import httpx2

    return httpx2.AsyncClient(
        follow_redirects=False,
        event_hooks={"request": [], "response": [_judge]},
        **options,
    )


def _limits() -> "httpx2.Limits":
    import httpx2

    # How many calls are under way is decided where they are given places; a second queue here would tell nobody.
    return httpx2.Limits(max_connections=None, max_keepalive_connections=WIDTH)


async def _judge(response: "httpx2.Response") -> None:
    """Raise for what is no answer, before anybody reads it to its end."""
    if response.status_code < 300:
        return
    body = await beginning(response, bounds.ERROR, PATIENCE)
    raise AnsweredError(response.status_code, response.headers, body, str(response.request.url))


async def beginning(response: "httpx2.Response", limit: int, seconds: float | None = None) -> bytes:
    """The first `limit` bytes of a body, unpacked: what came of them in so many seconds, or before the connection
    failed."""
    import httpx2

    body = bytearray()
    reading: Any = response.aiter_bytes()
    with suppress(httpx2.HTTPError, OSError), anyio.move_on_after(seconds):
        async with aclosing(reading) as pieces:
            async for piece in pieces:
                body += piece
                if len(body) >= limit:
                    break
    return bytes(body[:limit])
