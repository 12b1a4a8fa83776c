"""Signing in to a server of tools by OAuth: the SDK's client with its tokens in a file, imported on use.

Only `sign_in` registers the program with a server and asks the user for anything. Every other start sends what is kept
and renews it; where that does not do, it says so and ends.
"""

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
from anyio import to_thread
from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.client.auth.oauth2 import OAuthContext
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthMetadata,
    OAuthToken,
    ProtectedResourceMetadata,
)

from chatmodes.sanitize import one_line
from chatmodes.tools import sign_ins
from chatmodes.tools.callback import PATH, Callback

TRIES = 3
"""A request as the tokens are, once more with renewed ones, once more with those that another program has renewed."""
REFUSED, TOO_MANY, BROKEN = 401, 429, 500
"""Status codes."""
PAST = 1.0
"""A time at which whatever expires has expired."""

# The SDK logs what servers answer to its requests for tokens, and those that do not fit word for word.
_log = logging.getLogger("mcp.client.auth")
_log.addHandler(logging.NullHandler())
_log.propagate = False


class _File(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sign-in as it is in its file: the SDK's records as JSON."""

    tokens: dict[str, Any]
    client: dict[str, Any]
    """What the server knows the program as."""
    expires: float | None = None
    """When the access token does, in seconds since 1970; None where the server did not say."""
    authorization: dict[str, Any] | None = None
    resource: dict[str, Any] | None = None
    """Where tokens are renewed and what they are for, so that a start need not find it out again."""


@dataclass(frozen=True)
class _Kept:
    """What is kept of a sign-in."""

    tokens: OAuthToken
    client: OAuthClientInformationFull
    expires: float | None
    authorization: OAuthMetadata | None
    resource: ProtectedResourceMetadata | None


class _Storage:
    """One server's sign-in, read and kept in the way the SDK wants it."""

    context: OAuthContext

    def __init__(self, name: str, url: str, *, fresh: bool) -> None:
        self._name, self._url = name, url
        self._fresh = fresh

    async def get_tokens(self) -> OAuthToken | None:
        kept = await self._read()
        if kept is None:
            return None
        # The SDK reads neither by itself: it would send what has expired, and ask for new ones at a guessed address.
        self.context.token_expiry_time = kept.expires
        self.context.oauth_metadata, self.context.protected_resource_metadata = kept.authorization, kept.resource
        return kept.tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        kept = await self._read()
        return kept.client if kept else None

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Kept with the tokens: a sign-in that is broken off leaves the one before."""

    async def set_tokens(self, tokens: OAuthToken) -> None:
        context = self.context
        assert context.client_info
        about, resource = context.oauth_metadata, context.protected_resource_metadata
        file = _File(
            tokens.model_dump(mode="json", exclude_none=True),
            context.client_info.model_dump(mode="json", exclude_none=True),
            context.token_expiry_time,
            about and about.model_dump(mode="json", exclude_none=True),
            resource and resource.model_dump(mode="json", exclude_none=True),
        )
        self._fresh = False
        await to_thread.run_sync(sign_ins.write, self._name, self._url, msgspec.json.encode(file))

    async def _read(self) -> _Kept | None:
        data = None if self._fresh else await to_thread.run_sync(sign_ins.read, self._name, self._url)
        try:
            return _kept(data) if data else None
        except (ValueError, RecursionError):  # damaged, or another version's
            return None


def _kept(data: bytes) -> _Kept:
    file = msgspec.json.decode(data, type=_File)
    return _Kept(
        OAuthToken.model_validate(file.tokens),
        OAuthClientInformationFull.model_validate(file.client),
        file.expires,
        OAuthMetadata.model_validate(file.authorization) if file.authorization else None,
        ProtectedResourceMetadata.model_validate(file.resource) if file.resource else None,
    )


class SignedIn(httpx2.Auth):
    """Sends a server what is kept of a sign-in there, and renews it; without one it notices that one is wanted."""

    def __init__(self, name: str, url: str) -> None:
        self.problem = ""
        """Why requests are refused, a sentence; empty as long as they are not."""
        self._name = name
        self._provider = _provider(name, url, f"http://127.0.0.1{PATH}", fresh=False)

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Raises `OAuthFlowError` where the user has to do something; `problem` says what."""
        context = self._provider.context
        sent: list[str] = []
        challenge = ""
        for _ in range(TRIES):
            # The SDK's flow is left before the request itself: beyond that it registers and asks anew, and until its
            # answer it lets no other request pass.
            flow = self._provider.async_auth_flow(request)
            try:
                outgoing = await anext(flow)
                while outgoing is not request:
                    renewed = yield outgoing
                    self._check(renewed)
                    outgoing = await flow.asend(renewed)
            finally:
                await flow.aclose()
            header = request.headers.get("Authorization", "")
            if header in sent:
                continue
            response = yield request
            if response.status_code != REFUSED:
                return
            sent.append(header)
            challenge = response.headers.get("WWW-Authenticate", "")
            if context.current_tokens and header == f"Bearer {context.current_tokens.access_token}":
                context.token_expiry_time = PAST
        self._fail(_wanted(self._name, challenge, known=any(sent)))

    def _check(self, renewed: httpx2.Response) -> None:
        """A server that fails is no reason to sign in anew."""
        if renewed.status_code >= BROKEN or renewed.status_code == TOO_MANY:
            self._fail(f"The server {self._name} could not renew the sign-in (HTTP {renewed.status_code}). Try later.")

    def _fail(self, problem: str) -> None:
        self.problem = problem
        raise OAuthFlowError(problem)


class Signing(httpx2.Auth):
    """Signs in, by way of the user's browser: `show` is given the address that they are to open."""

    def __init__(self, name: str, url: str, callback: Callback, show: Callable[[str], Awaitable[None]]) -> None:
        self.problem = ""
        self._callback, self._show = callback, show
        self._state = ""
        self._provider = _provider(name, url, callback.address, fresh=True)
        self._provider.context.redirect_handler = self._open
        self._provider.context.callback_handler = self._answer

    @property
    def done(self) -> bool:
        """Whether the server has given tokens."""
        return self._provider.context.current_tokens is not None

    def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """The SDK's own."""
        return self._provider.async_auth_flow(request)

    async def _open(self, address: str) -> None:
        self._state = parse_qs(urlsplit(address).query)["state"][-1]
        await self._show(address)

    async def _answer(self) -> AuthorizationCodeResult:
        query = await self._callback.answer(self._state)
        if "code" not in query:
            said = one_line(" ".join(filter(None, map(query.get, ("error", "error_description")))), 200)
            raise OAuthFlowError(f"the sign-in was refused ({said or 'no reason was given'})")
        return AuthorizationCodeResult(code=query["code"], state=query["state"], iss=query.get("iss"))


def _provider(name: str, url: str, back: str, *, fresh: bool) -> OAuthClientProvider:
    storage = _Storage(name, url, fresh=fresh)
    # A program on people's own machines can keep no secret: it is known by nothing but what it proves (PKCE).
    about = OAuthClientMetadata.model_validate(
        {"client_name": "chatmodes", "redirect_uris": [back], "token_endpoint_auth_method": "none"}
    )
    provider = OAuthClientProvider(url, about, storage)
    storage.context = provider.context
    return provider


def _wanted(name: str, challenge: str, *, known: bool) -> str:
    if known:
        return f"The sign-in at the server {name} does not hold any more: `chatmodes mcp login {name}` renews it."
    if challenge.lower().startswith("bearer"):
        return f"The server {name} wants you to sign in: `chatmodes mcp login {name}` does that."
    return (
        f"The server {name} refuses who brings no key (HTTP 401): give it one by `chatmodes mcp add {name} --url URL "
        f"--header NAME=VALUE`, or try `chatmodes mcp login {name}`."
    )
