"""What every request must pass before anything of it is read: who asks, from where, how much, how many at once.

A server on loopback can be reached by every page that a browser on this machine has open. A page of another origin
says so in its Origin header, and one that has made its own name point here (DNS rebinding) in Host; both are refused.
"""

import hmac
from dataclasses import dataclass
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
                await _preflight(answering, headers.get("access-control-request-headers", ""))
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
            refused = RequestError(message, status=429, code="too_many_requests").response
            refused.headers["retry-after"] = "2"
            refused.headers["x-should-retry"] = "true"  # nothing has been paid for yet
            await refused(scope, receive, answering)
            return
        try:
            await self.app(scope, self._bounded(receive), answering)
        finally:
            self._places.release()

    def _check(self, scope: Scope, headers: dict[str, str]) -> None:
        if self.rules.hosts and _name(headers.get("host", "")) not in self.rules.hosts:
            raise RequestError("This server is not called by that name.", status=403, code="wrong_host")
        origin = headers.get("origin")
        if origin and origin not in self.rules.origins:
            message = "Pages of that origin may not ask; `chatmodes serve --cors ORIGIN` lets them."
            raise RequestError(message, status=403, code="wrong_origin")
        if self.rules.key and scope["method"] != "OPTIONS" and scope["path"] != "/health":
            scheme, _, given = headers.get("authorization", "").partition(" ")
            given = (given.strip() if scheme.lower() == "bearer" else "") or headers.get("x-api-key", "")
            if not hmac.compare_digest(given.encode("latin-1"), self.rules.key.encode()):
                message = "The key is missing or wrong: it is what CHATMODES_SERVE_KEY says on the server."
                raise RequestError(message, status=401, code="invalid_api_key")
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
    if host in LOOPBACK:
        return Rules(frozenset(LOOPBACK), key, allowed)
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


def _name(host: str) -> str:
    """The name in a Host header, without its port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


async def _preflight(send: Send, wanted: str) -> None:
    """Let a page send the headers that it wants to: SDKs in a browser have a dozen of their own."""
    headers = [
        (b"access-control-allow-methods", b"GET, POST"),
        (b"access-control-allow-headers", wanted.encode("latin-1")),
        (b"access-control-max-age", b"600"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
