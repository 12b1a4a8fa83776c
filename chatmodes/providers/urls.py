"""Addresses as people type them, made into base URLs, or turned down with a sentence.

A key follows an address, so one that is not quite right must never be guessed at silently: what is trimmed is noted.
"""

import ipaddress
import re
from urllib.parse import urlsplit, urlunsplit

from chatmodes.settings import ConfigError

_TAILS = ("/chat/completions", "/completions", "/models", "/chat")


def check_url(url: str, where: str = "The address") -> tuple[str, list[str]]:
    """The base URL to use, and notes for the person who gave it. Raises `ConfigError`.

    `where` begins the sentences: what holds the address.
    """
    url = url.strip()
    notes: list[str] = []
    if "://" not in url:
        shown = _shown(url)
        raise ConfigError(f"{where} {shown!r} has no scheme.", f"Write http://{shown} or https://{shown}.")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        why = "" if "@" in url else f": {error}"  # it may quote a part of a password as the port
        raise ConfigError(f"{where} {_shown(url)!r} is no URL{why}.", "It looks like https://host/v1.") from error
    if parts.username or parts.password:
        raise ConfigError(
            f"{where} {without_secrets(url)} has a user name or password in it.",
            "Give the key as CHATMODES_API_KEY instead.",
        )
    if parts.scheme not in ("http", "https"):
        raise ConfigError(f"{where} {_shown(url)!r} is not http or https.", "It looks like https://host/v1.")
    if not host or any(char.isspace() or not char.isprintable() for char in url):
        raise ConfigError(f"{where} {_shown(url)!r} names no host.", "It looks like https://host/v1.")
    path = parts.path.rstrip("/")
    for tail in _TAILS:
        if path.endswith(tail):
            path = path.removesuffix(tail)
            notes.append(f"{where} ended in {tail}, which is added to it anyway; using the part before.")
            break
    if parts.query or parts.fragment:
        notes.append(f"{where} has a part after ? or #, which is left out.")
    if parts.scheme == "http" and not is_local(host):
        notes.append(f"{where} is plain http to {host}: the key and the conversation can be read on the way.")
    return urlunsplit((parts.scheme, parts.netloc, path, "", "")), notes


def without_secrets(url: str) -> str:
    """An address as it may be shown: without user name, password, query and fragment, which may all be a key."""
    try:
        parts = urlsplit(url)
        more = "?…" if parts.query or parts.fragment else ""
        return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", "")) + more
    except ValueError:
        return "an address that is no URL"


def _shown(url: str) -> str:
    """What is no address, as it may be shown: without what may be a key, wherever a mistake has put its parts."""
    bare = re.split(r"[?#]", url, maxsplit=1)[0]
    scheme, mark, rest = bare.rpartition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}" + ("?…" if bare != url else "")


def is_local(host: str) -> bool:
    """Whether a host is this machine, or at least in a private network."""
    if is_loopback(host) or host.endswith(".local"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host
    return address.is_private


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, in any spelling: by name, as 127.0.0.1 or ::1, or as the address that stands for
    all of its own (0.0.0.0)."""
    host = host.strip("[]").rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    return address.is_loopback or address.is_unspecified
