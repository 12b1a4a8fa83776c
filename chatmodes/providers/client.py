"""Requests to a provider: through the openai SDK for what it speaks, over plain HTTP for the rest.

The openai package fills whatever is not given to it from OPENAI_* variables, at any base URL: the key, organisation,
project and custom headers all leak unless each is shut out here. It also costs 0.4 s to import, so nothing outside
this file and `network.py` names it, and both do so inside functions.
"""

import gc
import os
import sys
import threading
from collections.abc import Awaitable, Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import msgspec

from chatmodes.providers import bounds, complaints
from chatmodes.providers.dialects.base import Dialect
from chatmodes.providers.errors import CallError, failure, refused
from chatmodes.providers.http import (
    REDIRECTS,
    AnsweredError,
    beginning,
    loopback_client,
    network_client,
    on_loopback,
)
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.network import host_of, too_slow, unreachable
from chatmodes.providers.retry import retry_after
from chatmodes.settings import Timeouts

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

_SDK_HEADERS = (
    *("lang", "package-version", "os", "arch", "runtime", "runtime-version", "async"),
    *("retry-count", "read-timeout", "raw-response"),
)
"""`X-Stainless-…`: what the SDK tells about the machine, which is nobody's business."""
_HEADERS = {
    "User-Agent": "chatmodes",
    "Accept": "text/event-stream, application/json",
    "Accept-Encoding": "gzip, deflate",
    "Content-Type": "application/json",
}
_RESERVED = ("authorization", "content-type", "content-length", "host", "accept", "accept-encoding")


class Target(msgspec.Struct, frozen=True):
    """Where a call goes."""

    profile: Profile
    base_url: str
    key: str | None

    def __repr__(self) -> str:
        return f"Target({self.profile.id!r}, {self.base_url!r})"


class Connector:
    """One HTTP client for the network and one for this machine, and an SDK client for each provider that needs it."""

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._network: httpx2.AsyncClient | None = None
        self._loopback: httpx2.AsyncClient | None = None
        self._making = threading.Lock()
        self._clients: dict[tuple[str, str, str | None], AsyncOpenAI] = {}
        self._plain: set[tuple[str, str, str | None]] = set()

    async def warm(self, target: Target | None = None, dialect: Dialect | None = None) -> None:
        """Import what makes requests and make its clients, in a thread: up to 0.6 s in which a screen would stand still
        otherwise.

        Raises `CallError` where the environment's certificates make that impossible and a target needs them.
        """
        plain = dialect is not None and not _by_sdk(dialect)
        if target is None and self._network is not None:
            return
        if target is None or _identity(target) not in (self._plain if plain else self._clients):
            await anyio.to_thread.run_sync(self._make, target, plain, abandon_on_cancel=True)

    async def aclose(self) -> None:
        """Close every connection."""
        for client in (self._network, self._loopback):
            if client is not None:
                with anyio.CancelScope(shield=True):
                    await client.aclose()
        self._network, self._loopback, self._clients = None, None, {}
        self._plain.clear()

    def limit(self, profile: Profile, what: str) -> float:
        """A timeout in seconds: the profile's own, else the user's; infinite where that is 0."""
        own: float | None = getattr(profile, what)
        seconds: float = getattr(self._timeouts, what) if own is None else own
        return seconds or float("inf")

    async def send(self, target: Target, model: str, dialect: Dialect, body: dict[str, Any]) -> "httpx2.Response":
        """Send a request in a dialect; returns when the response's head says 200. Raises `CallError`.

        Whoever gets the response gives it to `close`.
        """
        await self.warm(target, dialect)
        url = target.base_url.rstrip("/") + dialect.path
        headers = {**_HEADERS, **dialect.headers(target.key), **target.profile.headers}
        for _ in range(REDIRECTS + 1):
            sending = self._by_sdk if _by_sdk(dialect) else self._by_http
            try:
                return await self._guard(target, sending(target, url, headers, body))
            except AnsweredError as answer:
                if not answer.stays:
                    raise self._refused(target, model, answer) from None
                url = answer.leads_to
        raise failure("bad_response", f"{target.profile.name} sends every request elsewhere.", profile=target.profile)

    async def _by_sdk(
        self, target: Target, url: str, headers: dict[str, str], body: dict[str, Any]
    ) -> "httpx2.Response":
        import httpx2
        from openai import AsyncStream

        posting: Any = self._clients[_identity(target)].post(
            url,
            cast_to=httpx2.Response,
            body=body,
            options={"headers": {**_shut_out(), **headers}},
            stream=True,
            stream_cls=AsyncStream[object],
        )
        return await posting

    async def _by_http(
        self, target: Target, url: str, headers: dict[str, str], body: dict[str, Any]
    ) -> "httpx2.Response":
        client = self._shared(target)
        content = msgspec.json.encode(body)
        timeout = self._timeout(target.profile)
        request = client.build_request("POST", url, headers=headers, content=content, timeout=timeout)
        return await client.send(request, stream=True)

    async def close(self, response: "httpx2.Response") -> None:
        """Close the connection at once, unless the body was read to its end: then it is kept for the next call."""
        # Shielded, since a cancelled close would leave the connection to the garbage collector. It waits for nothing;
        # the second is for a socket that misbehaves.
        with anyio.move_on_after(1, shield=True):
            await response.aclose()

    async def get(self, target: Target, path: str) -> bytes:
        """The body of a GET, up to `bounds.LIST`. Raises `CallError`."""
        await self.warm(target)
        client = self._shared(target)
        bearer = {"Authorization": f"Bearer {target.key}"} if target.key else {}
        headers = {**_HEADERS, **bearer, **target.profile.headers}
        timeout = self._timeout(target.profile, 30.0)
        request = client.build_request("GET", target.base_url.rstrip("/") + path, headers=headers, timeout=timeout)
        try:
            response = await self._guard(target, client.send(request, stream=True))
            try:
                return await beginning(response, bounds.LIST)
            finally:
                await self.close(response)
        except AnsweredError as answer:
            raise self._refused(target, path, answer) from None

    async def _guard(self, target: Target, sending: Awaitable["httpx2.Response"]) -> "httpx2.Response":
        """What the sending brings; what goes wrong on the way to a response is a `CallError`."""
        import httpx2

        profile, url = target.profile, target.base_url
        try:
            return await sending
        except AnsweredError:
            raise
        except Exception as error:
            cause = error.__cause__ if _is_sdk_error(error) else error
            if isinstance(cause, httpx2.ConnectTimeout):
                raise too_slow(profile, url, self.limit(profile, "connect"), "connect") from None
            if isinstance(cause, httpx2.TimeoutException):
                raise too_slow(profile, url, self.limit(profile, "first_token"), "first_token") from None
            if _is_sdk_error(error) or isinstance(error, httpx2.HTTPError | httpx2.InvalidURL | OSError):
                raise unreachable(error, profile, url) from None
            raise

    def _refused(self, target: Target, model: str, answer: AnsweredError) -> CallError:
        """The failure behind a response that is none."""
        profile = target.profile
        if 300 <= answer.status < 400 and not answer.leads_to:
            message = f"{profile.name} sends the request on ({answer.status}) and does not say where."
            return failure("bad_response", message, "Check the address.", profile=profile, status=answer.status)
        if answer.leads_to and not answer.stays:
            there = host_of(answer.leads_to)
            message = f"{profile.name} sends the request on to {there}, which gets neither key nor prompt."
            hint = "If that is where it lives, make it the base_url."
            return failure("bad_response", message, hint, profile=profile, status=answer.status)
        complaint = complaints.from_body(answer.body, target.key)
        wait = retry_after(answer.headers, complaint.message)
        return refused(profile, model, answer.status, complaint, retry_after=wait)

    def _make(self, target: Target | None, plain: bool = False) -> None:
        """Make a client for a target, or only what all of them share. Runs in a thread, one at a time."""
        with self._making:
            if plain and target is not None:
                self._shared(target)
                self._plain.add(_identity(target))
                return
            with _no_collection():
                from openai import AsyncOpenAI

            if target is None:
                with suppress(OSError):
                    self._network = self._network or network_client()
            elif _identity(target) not in self._clients:
                self._clients[_identity(target)] = AsyncOpenAI(
                    base_url=target.base_url,
                    api_key=target.key or "none",
                    http_client=self._shared(target),
                    max_retries=0,
                    timeout=self._timeout(target.profile),
                )

    def _shared(self, target: Target) -> "httpx2.AsyncClient":
        if on_loopback(target.base_url):
            self._loopback = self._loopback or loopback_client()
            return self._loopback
        try:
            self._network = self._network or network_client()
        except OSError as error:
            message = f"The certificates of the environment cannot be read: {error}."
            raise failure("network", message, "Mend or unset SSL_CERT_FILE.", profile=target.profile) from None
        return self._network

    def _timeout(self, profile: Profile, read: float | None = None) -> "httpx2.Timeout":
        import httpx2

        connect = self.limit(profile, "connect")
        # Reading has no limit of its own: first token and idle are about events, which comments must not postpone.
        return httpx2.Timeout(None, connect=None if connect == float("inf") else connect, read=read, write=60.0)


@contextmanager
def _no_collection() -> Generator[None]:
    """Import without the garbage collector, which would look 20 times through classes that all stay: 7% of the time.

    What was imported is also left out of later collections, each of which would stop the screen for some 50 ms.
    """
    if "openai" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _by_sdk(dialect: Dialect) -> bool:
    """Whether the SDK speaks a dialect."""
    return dialect.name != "messages"


def _is_sdk_error(error: Exception) -> bool:
    openai = sys.modules.get("openai")
    return openai is not None and isinstance(error, openai.OpenAIError)


def _identity(target: Target) -> tuple[str, str, str | None]:
    return target.profile.id, target.base_url, target.key


def _shut_out() -> dict[str, Any]:
    """What the SDK would add from its environment, by name. The key comes with the dialect's own headers."""
    from openai import Omit

    # OPENAI_CUSTOM_HEADERS is read by the SDK where a client is made, so its names are known by then.
    ambient = (line.partition(":")[0].strip() for line in os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n"))
    headers: dict[str, Any] = {name: Omit() for name in ambient if name and name.lower() not in _RESERVED}
    headers |= {f"X-Stainless-{name}": Omit() for name in _SDK_HEADERS}
    return headers | {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit(), "Authorization": Omit()}
