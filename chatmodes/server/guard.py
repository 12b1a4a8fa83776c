"""What every request must pass before anything of it is read: who asks, from where, how much, how many at once.

A server on loopback can be reached by every page that a browser on this machine has open. A page of another origin
says so in its Origin header, and one that has made its own name point here (DNS rebinding) in Host; both are refused.
"""

import hmac
import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import anyio
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatmodes.server.errors import RequestError
from chatmodes.settings import ConfigError

LARGEST = 64 * 1024 * 1024
"""Bytes of a body: twenty pictures as large as any provider takes."""
AT_ONCE = 1000
"""Requests that are answered at the same time."""
UPLOADING = 60.0
"""Seconds that a body may pause."""

_EXPOSED = (b"access-control-expose-headers", b"retry-after, x-should-retry")

_LENGTHS = ("transfer-encoding", "content-length")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d*)?", re.IGNORECASE | re.ASCII)
"""What a Host header is: a name or an address, and a port."""
_ONCE = ("host", "origin", "authorization", "x-api-key", "content-length")
"""Headers of which one more would be another word on who asks: two that differ are read as one by some and as the
other by others."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
"""Where a server is reached from its own machine alone."""


@dataclass(frozen=True)
class Rules:
    """Who may ask."""

    hosts: frozenset[str]
    """Names and addresses by which the server may be called; empty allows any, for one that asks for a key."""
    key: str = ""
    """The key that callers must give; empty asks for none."""
    origins: frozenset[str] = frozenset()
    """Origins of pages that may ask."""
    largest: int = LARGEST
    at_once: int = AT_ONCE


class Guard:
    """An ASGI application in front of another."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self.app, self.rules = app, rules
        self._places = anyio.Semaphore(rules.at_once)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer why not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get("origin", "")
        answering = self._with_origin(send, origin)
        try:
            self._check(scope, headers)
            if origin and scope["method"] == "OPTIONS":
                await _preflight(answering, headers)
                return
            if scope["method"] != "POST":  # costs nothing, and a balancer asks after its health just when it is busy
                await self.app(scope, receive, answering)
                return
            self._places.acquire_nowait()
        except RequestError as error:
            await error.response(scope, receive, answering)
            return
        except anyio.WouldBlock:
            message = f"{self.rules.at_once} requests are being answered; try again in a moment."
            again = {"retry-after": "2", "x-should-retry": "true"}  # nothing has been paid for yet
            refused = RequestError(message, status=429, code="too_many_requests", headers=again)
            await refused.response(scope, receive, answering)
            return
        try:
            await self.app(scope, self._bounded(receive), answering)
        finally:
            self._places.release()

    def _check(self, scope: Scope, headers: dict[str, str]) -> None:
        _check_form(scope, headers)
        if self.rules.hosts and _name(headers.get("host", "")) not in self.rules.hosts:
            message = "This server is not called by that name; ask it as 127.0.0.1 or localhost."
            raise RequestError(message, status=403, code="wrong_host")
        origin = headers.get("origin")
        if origin and origin not in self.rules.origins:
            message = "Pages of that origin may not ask; `chatmodes serve --cors ORIGIN` lets them."
            raise RequestError(message, status=403, code="wrong_origin")
        if self.rules.key and scope["method"] != "OPTIONS" and scope["path"] != "/health":
            scheme, _, given = headers.get("authorization", "").partition(" ")
            given = (given.strip() if scheme.lower() == "bearer" else "") or headers.get("x-api-key", "")
            if not hmac.compare_digest(given.encode("latin-1"), self.rules.key.encode()):
                message = "The key is missing or wrong: it is what CHATMODES_SERVE_KEY says on the server."
                asks = {"www-authenticate": "Bearer"}
                raise RequestError(message, status=401, code="invalid_api_key", headers=asks)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > self.rules.largest:
            raise self._too_large()

    def _too_large(self) -> RequestError:
        message = f"The request is larger than {self.rules.largest // 1024 // 1024} MB."
        return RequestError(message, status=413, code="request_too_large")

    def _bounded(self, receive: Receive) -> Receive:
        """A body is counted as it comes, for it may say no length, and has to go on coming."""
        left, more = self.rules.largest, True

        async def bounded() -> Message:
            nonlocal left, more
            try:
                with anyio.fail_after(UPLOADING if more else None):
                    message = await receive()
            except TimeoutError as error:
                raise RequestError("The body did not go on.", status=408, code="request_timeout") from error
            left, more = left - len(message.get("body", b"")), message.get("more_body", False)
            if left < 0:
                raise self._too_large()
            return message

        return bounded

    def _with_origin(self, send: Send, origin: str) -> Send:
        """Tell a browser that a page which may ask may read the answer too."""
        if origin not in self.rules.origins:
            return send

        async def allowing(message: Message) -> None:
            if message["type"] == "http.response.start":
                named = (b"access-control-allow-origin", origin.encode("latin-1"))
                message = {**message, "headers": [*message["headers"], named, _EXPOSED, (b"vary", b"Origin")]}
            await send(message)

        return allowing


def rules_for(host: str, key: str, origins: list[str]) -> Rules:
    """The rules of a server that listens at `host`. Raises `ConfigError` where others could reach it without a key."""
    key, allowed = key.strip(), frozenset(map(_origin, origins))
    if _is_loopback(host):
        return Rules(frozenset((*LOOPBACK, host.lower())), key, allowed)
    if not key:
        raise ConfigError(
            f"At {host or 'every address'} other machines could use your models and your keys.",
            "Set CHATMODES_SERVE_KEY to a key that callers must give, or leave --host out.",
        )
    return Rules(frozenset(), key, allowed)


def _origin(given: str) -> str:
    """An origin as browsers write it. Raises `ConfigError` for what none would send."""
    origin = given.lower().rstrip("/")
    try:
        parts = urlsplit(origin)
        named = parts.scheme and parts.hostname and f"{parts.scheme}://{parts.netloc}" == origin and "*" not in origin
    except ValueError:
        named = False
    if not named:
        raise ConfigError(
            f"{given!r} is no origin of a page.", "Write it as a browser does: --cors https://chat.example."
        )
    return origin


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _name(host: str) -> str:
    """The name in a Host header, without its port; empty where the header is none."""
    found = _HOST.fullmatch(host)
    return found[1].strip("[]").lower() if found else ""


def _check_form(scope: Scope, headers: dict[str, str]) -> None:
    """Refuse what a proxy in front may have read as another request than this one."""
    sent = [name.lower() for name, _ in scope["headers"]]
    several = next((name for name in _ONCE if sent.count(name.encode()) > 1), None)
    if several:
        raise RequestError(f"The header {several} was sent more than once; send one.", code="repeated_header")
    chunked, both = "transfer-encoding" in headers, all(name in headers for name in _LENGTHS)
    if both or (chunked and scope["http_version"] == "1.0"):
        message = "The body's length is told in two ways; send content-length, or transfer-encoding in HTTP/1.1."
        raise RequestError(message, code="ambiguous_length", headers={"connection": "close"})


async def _preflight(send: Send, asked: dict[str, str]) -> None:
    """Let a page send the headers that it wants to: SDKs in a browser have a dozen of their own."""
    headers = [
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", asked.get("access-control-request-headers", "").encode("latin-1")),
        (b"access-control-max-age", b"600"),
    ]
    if "access-control-request-private-network" in asked:  # a page from the internet, which was let in as well
        headers.append((b"access-control-allow-private-network", b"true"))
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
