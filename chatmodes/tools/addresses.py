"""Which addresses a page may be fetched from: those of the public network alone.

A page, or a model that was talked into it, must not reach what only this machine can see: its own services, the router,
a cloud's metadata. What counts is the address that is connected to, not the name.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from anyio import getaddrinfo

from chatmodes.tools.base import ToolError

_NAT64 = ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ip_network("64:ff9b:1::/48")


async def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises `ToolError` where it has none."""
    try:
        found = await getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ToolError(f"The host {host[:200]} cannot be found.") from error
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def is_public(address: str) -> bool:
    """Whether an address is one of the public network, also where it hides another one inside."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return all(each.is_global and not each.is_multicast and not each.is_reserved for each in _within(found))


def _within(address: IPv4Address | IPv6Address) -> list[IPv4Address | IPv6Address]:
    """An address, and the IPv4 address in it; a form that is not of the public network stays as it is."""
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:
        return [address.ipv4_mapped]
    if address.sixtofour:
        return [address.sixtofour]
    if address.teredo:
        return list(address.teredo)
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    if address in _LOCAL_NAT64:
        return [IPv4Address("127.0.0.1")]
    return [address]
