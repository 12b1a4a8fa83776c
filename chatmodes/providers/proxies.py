"""Which proxy a request goes through, and the transport that takes it there.

The HTTP library reads the same variables and differs in three ways that shut people out: one variable that it cannot
use fails every request, also those of another scheme; it knows no ranges of addresses in NO_PROXY, so that a prompt
meant for the local network goes to the proxy; and it does not know the `socks://` that GNOME sets.
"""

import ipaddress
import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from chatmodes.providers.spreading import spread
from chatmodes.providers.urls import is_loopback

if TYPE_CHECKING:
    import httpx2

_SOCKS = {"socks": "socks5", "socks5": "socks5", "socks5h": "socks5h"}
"""As the HTTP library calls them. Both let the proxy look the host up."""


class Proxy(msgspec.Struct, frozen=True):
    """A proxy that the environment names."""

    variable: str
    """Where it is named."""
    address: str
    """As the HTTP library takes it; a password may be in it."""

    @property
    def shown(self) -> str:
        """The address without what nobody else may see."""
        scheme, mark, rest = self.address.rpartition("://")
        return f"{scheme}{mark}{rest.rpartition('@')[2]}"


def proxy_for(url: str) -> Proxy | None:
    """The proxy for a request to this URL: the scheme's own before ALL_PROXY, none for this machine and for what
    NO_PROXY excepts."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or _excepted(host, parts.port):
        return None
    from urllib.request import getproxies  # with http.client 20 ms, which only a call to another machine needs

    proxies = getproxies()
    for scheme in (parts.scheme, "all"):
        if address := proxies.get(scheme, "").strip():
            names = (f"{scheme}_proxy", f"{scheme}_proxy".upper())
            variable = next((name for name in names if os.environ.get(name)), "the system's settings")
            return Proxy(variable, _address(address))
    return None


def _address(address: str) -> str:
    scheme, mark, rest = address.partition("://")
    if not mark:
        return f"http://{address}"
    return f"{_SOCKS.get(scheme.lower(), scheme)}://{rest}"


def _excepted(host: str, port: int | None) -> bool:
    """Whether NO_PROXY names the host: by name, as part of a domain, or in a range of addresses."""
    from urllib.request import proxy_bypass

    if proxy_bypass(f"{host}:{port}" if port else host) or proxy_bypass(host):
        return True
    entries = [entry.strip() for entry in os.environ.get("no_proxy", os.environ.get("NO_PROXY", "")).split(",")]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return any(entry.startswith("*.") and host.endswith(entry[1:]) for entry in entries)
    return any(_holds(entry, address) for entry in entries if entry)


def _holds(entry: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return False


def proxied_transport(limits: "httpx2.Limits") -> "httpx2.AsyncBaseTransport":
    """A transport that sends each request through its proxy, or directly. A proxy that cannot be used fails the
    requests that would go through it, as `httpx2.ProxyError`, and no others. Raises `OSError` for certificates that
    cannot be read."""
    import httpx2

    class ByProxy(httpx2.AsyncBaseTransport):
        def __init__(self) -> None:
            certificates = httpx2.create_ssl_context()  # read once for all pools
            self._direct = spread(lambda: httpx2.AsyncHTTPTransport(limits=limits, verify=certificates))
            self._proxied: dict[str, httpx2.AsyncHTTPTransport] = {}

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            proxy = proxy_for(str(request.url))
            transport = self._through(proxy, request) if proxy else self._direct
            return await transport.handle_async_request(request)

        async def aclose(self) -> None:
            for transport in (self._direct, *self._proxied.values()):
                await transport.aclose()

        def _through(self, proxy: Proxy, request: httpx2.Request) -> httpx2.AsyncHTTPTransport:
            if proxy.address not in self._proxied:
                try:
                    made = httpx2.AsyncHTTPTransport(limits=limits, proxy=proxy.address)
                except (ValueError, ImportError, httpx2.InvalidURL) as error:
                    raise httpx2.ProxyError(_why(error), request=request) from None
                self._proxied[proxy.address] = made
            return self._proxied[proxy.address]

    return ByProxy()


def _why(error: Exception) -> str:
    """What is wrong with a proxy's address, as the end of a sentence and without the address, which may hold a
    password."""
    if isinstance(error, ImportError):
        return "the package socksio is not installed"
    return "it is no http, https or SOCKS5 address"
