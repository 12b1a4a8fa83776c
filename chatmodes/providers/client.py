"""The SDK, kept so that one provider's secrets never reach another, and imported only when a call is made.

The openai package fills whatever is not given to it from OPENAI_* variables, at any base URL: the key, organisation,
project and custom headers all leak unless each is shut out here. It also costs 0.4 s to import, so nothing outside
this file and `network.py` names it, and both do so inside functions.
"""

import gc
import os
import ssl
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import msgspec

from chatmodes.providers import complaints
from chatmodes.providers.errors import failure, refused
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.network import too_slow, unreachable
from chatmodes.providers.retry import retry_after
from chatmodes.providers.urls import is_loopback
from chatmodes.settings import Timeouts

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

_SDK_HEADERS = (
    *("lang", "package-version", "os", "arch", "runtime", "runtime-version", "async"),
    *("retry-count", "read-timeout", "raw-response"),
)
"""`X-Stainless-…`: what the SDK tells about the machine, which is nobody's business."""
_RESERVED = ("authorization", "content-type", "content-length", "host", "accept", "accept-encoding")


class Target(msgspec.Struct, frozen=True):
    """Where a call goes."""

    profile: Profile
    base_url: str
    key: str | None

    def __repr__(self) -> str:
        return f"Target({self.profile.id!r}, {self.base_url!r})"


class Connector:
    """One HTTP client for the network and one for this machine, and an SDK client for each provider."""

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._network: httpx2.AsyncClient | None = None
        self._loopback: httpx2.AsyncClient | None = None
        self._making = threading.Lock()
        self._clients: dict[tuple[str, str, str | None], tuple[AsyncOpenAI, dict[str, Any]]] = {}

    async def warm(self, target: Target | None = None) -> None:
        """Import the SDK and make its clients, in a thread: up to 0.6 s in which a screen would stand still otherwise.

        Raises `CallError` where the environment's proxy variables make that impossible and a target needs them.
        """
        if target is None or _identity(target) not in self._clients:
            await anyio.to_thread.run_sync(self._make, target, abandon_on_cancel=True)

    async def aclose(self) -> None:
        """Close every connection."""
        for client in (self._network, self._loopback):
            if client is not None:
                with anyio.CancelScope(shield=True):
                    await client.aclose()
        self._network, self._loopback, self._clients = None, None, {}

    def limit(self, profile: Profile, what: str) -> float:
        """A timeout in seconds: the profile's own, else the user's; infinite where that is 0."""
        own: float | None = getattr(profile, what)
        seconds: float = getattr(self._timeouts, what) if own is None else own
        return seconds or float("inf")

    async def send(self, target: Target, model: str, body: dict[str, Any]) -> "httpx2.Response":
        """Send a chat request; returns when the response's head says 200. Raises `CallError`.

        Whoever gets the response gives it to `close`.
        """
        await self.warm(target)
        import httpx2
        from openai import AsyncStream

        client, headers = self._clients[_identity(target)]
        sending: Any = client.post(
            "/chat/completions",
            cast_to=httpx2.Response,
            body=body,
            options={"headers": headers},
            stream=True,
            stream_cls=AsyncStream[object],
        )
        return await self._guard(target, model, sending)

    async def close(self, response: "httpx2.Response") -> None:
        """Close the connection at once, unless the body was read to its end: then it is kept for the next call."""
        # Shielded, since a cancelled close would leave the connection to the garbage collector. It waits for nothing;
        # the second is for a socket that misbehaves.
        with anyio.move_on_after(1, shield=True):
            await response.aclose()

    async def get(self, target: Target, path: str) -> bytes:
        """The body of a GET. Raises `CallError`."""
        await self.warm(target)
        import httpx2

        client, headers = self._clients[_identity(target)]
        options: Any = {"headers": headers, "timeout": self._timeout(target.profile, 30.0)}
        getting: Any = client.get(path, cast_to=httpx2.Response, options=options)
        return (await self._guard(target, path, getting)).content

    async def _guard(self, target: Target, model: str, sending: Any) -> "httpx2.Response":
        import httpx2
        import openai

        profile, url = target.profile, target.base_url
        try:
            return await sending
        except openai.APIStatusError as error:
            complaint = complaints.from_body(error.response.content, target.key)
            wait = retry_after(error.response.headers, complaint.message)
            raise refused(profile, model, error.status_code, complaint, retry_after=wait) from None
        except openai.APITimeoutError as error:
            if isinstance(error.__cause__, httpx2.ConnectTimeout):
                raise too_slow(profile, url, self.limit(profile, "connect"), "connect") from None
            raise too_slow(profile, url, self.limit(profile, "first_token"), "first_token") from None
        except (openai.APIConnectionError, httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise unreachable(error, profile, url) from None

    def _make(self, target: Target | None) -> None:
        """Make the SDK's client for a target, or only what all of them share. Runs in a thread, one at a time."""
        with self._making:
            with _no_collection():
                from openai import AsyncOpenAI

            if target is None:
                with suppress(ValueError, ImportError, OSError):
                    self._network = self._network or _network_client()
            elif _identity(target) not in self._clients:
                client = AsyncOpenAI(
                    base_url=target.base_url,
                    api_key=target.key or "none",
                    http_client=self._shared(target),
                    max_retries=0,
                    timeout=self._timeout(target.profile),
                )
                self._clients[_identity(target)] = client, _headers(target)

    def _shared(self, target: Target) -> "httpx2.AsyncClient":
        if _on_loopback(target.base_url):
            self._loopback = self._loopback or _loopback_client()
            return self._loopback
        try:
            self._network = self._network or _network_client()
        except (ValueError, ImportError) as error:  # a proxy variable that is no URL, or SOCKS without its package
            message = f"A proxy variable of the environment cannot be used: {error}."
            hint = "Mend or unset HTTP_PROXY, HTTPS_PROXY or ALL_PROXY."
            raise failure("network", message, hint, profile=target.profile) from None
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


def _network_client() -> "httpx2.AsyncClient":
    from openai import DefaultAsyncHttpx2Client

    # What runs on this machine is never behind a proxy, whatever the environment forgets to except.
    return DefaultAsyncHttpx2Client(mounts=dict.fromkeys(("all://localhost", "all://127.0.0.1", "all://[::1]")))


def _loopback_client() -> "httpx2.AsyncClient":
    from openai import DefaultAsyncHttpx2Client

    # Plain http needs no certificates, and reading the system's takes 25 ms. Without any, a redirect to https fails.
    return DefaultAsyncHttpx2Client(trust_env=False, verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def _on_loopback(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


def _identity(target: Target) -> tuple[str, str, str | None]:
    return target.profile.id, target.base_url, target.key


def _headers(target: Target) -> dict[str, Any]:
    """All headers of a request to this target. What the SDK would add from its environment is shut out by name."""
    from openai import Omit

    # OPENAI_CUSTOM_HEADERS is read by the SDK where a client is made, so its names are known by then.
    ambient = (line.partition(":")[0].strip() for line in os.environ.get("OPENAI_CUSTOM_HEADERS", "").split("\n"))
    headers: dict[str, Any] = {name: Omit() for name in ambient if name and name.lower() not in _RESERVED}
    headers |= {f"X-Stainless-{name}": Omit() for name in _SDK_HEADERS}
    headers |= {"OpenAI-Organization": Omit(), "OpenAI-Project": Omit(), "User-Agent": "chatmodes"}
    headers |= {"Accept": "text/event-stream, application/json", "Content-Type": "application/json"}
    headers["Authorization"] = f"Bearer {target.key}" if target.key else Omit()
    return headers | target.profile.headers
