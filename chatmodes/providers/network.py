"""Why a connection failed, in words: the SDK says "Connection error." for every one of these.

The cause stands in the chain of exceptions below what the SDK raises; which of them it is decides the sentence, the
hint and whether trying again makes sense.
"""

import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from chatmodes.providers.errors import CallError, failure
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.proxies import proxy_for

_START = {
    "ollama": "Start it with `ollama serve`.",
    "lmstudio": "Start its server in LM Studio, under Developer.",
    "llamacpp": "Start it with `llama-server -m MODEL.gguf`.",
    "vllm": "Start it with `vllm serve MODEL`.",
}


def unreachable(error: BaseException, profile: Profile, url: str) -> CallError:
    """The failure behind an exception from before the first byte of a response."""
    import httpx2

    chain = list(_causes(error))
    proxy = proxy_for(url)
    if proxy and not any(isinstance(cause, httpx2.ReadError | httpx2.RemoteProtocolError) for cause in chain):
        there = f"does not lead to {host_of(url)}: {_last(chain)}"
        message = f"The proxy {proxy.shown} that {proxy.variable} names {there}."
        return failure("network", message, f"Mend {proxy.variable}, or unset it.", profile=profile)
    for cause in chain:
        if isinstance(cause, ssl.SSLCertVerificationError):
            message = f"The certificate of {host_of(url)} is not to be trusted: {cause.verify_message.rstrip('.')}."
            hint = "If the server is yours, set SSL_CERT_FILE to the file of the authority that signed it."
            return failure("network", message, hint, profile=profile)
        if isinstance(cause, ssl.SSLError):
            message = f"{host_of(url)} does not speak TLS there: {cause.reason or cause}."
            return failure("network", message, "Perhaps the address should begin with http://.", profile=profile)
        if isinstance(cause, socket.gaierror):
            message = f"The host {host_of(url)} cannot be found."
            return failure("network", message, "Check the address and the connection to the internet.", profile=profile)
        if isinstance(cause, ConnectionRefusedError):
            hint = _START.get(profile.id, "Check the address, and that the server runs.")
            return failure("network", f"Nothing answers at {host_of(url)}.", hint, profile=profile)
    if any(isinstance(cause, httpx2.DecodingError) for cause in chain):
        message = f"{profile.name} packed its answer in a way that cannot be unpacked: {_last(chain)}."
        return failure("bad_response", message, "Check the address, and what stands in between.", profile=profile)
    if any(isinstance(cause, httpx2.UnsupportedProtocol | httpx2.InvalidURL) for cause in chain):
        message = f"The address {url} cannot be used: {_last(chain)}."
        return failure("bad_request", message, "It looks like https://host/v1.", profile=profile)
    message = f"The connection to {profile.name} failed: {_last(chain)}."
    return failure("network", message, "Check the connection, and try again.", profile=profile, retryable=True)


def too_slow(profile: Profile, url: str, seconds: float, what: str) -> CallError:
    """A wait that was longer than allowed. `what` is connect, first_token or idle."""
    message = {
        "connect": f"{host_of(url)} could not be reached within {seconds:g} s.",
        "first_token": f"{profile.name} sent nothing within {seconds:g} s.",
        "idle": f"{profile.name} fell silent for {seconds:g} s in the middle of the answer.",
    }[what]
    hint = f"Try again, or allow more with timeouts.{what} in settings.toml."
    return failure("timeout", message, hint, profile=profile)


def cut_off(profile: Profile, error: BaseException | None = None) -> CallError:
    """A stream that ended before the answer did."""
    why = f": {_last(list(_causes(error)))}" if error else ", without saying that it was complete"
    message = f"The answer of {profile.name} broke off{why}."
    return failure("stream_cut", message, "Ask again; what came is kept.", profile=profile, retryable=True)


def host_of(url: str) -> str:
    """The part of an address that a person recognises: scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
                yield from _causes(inner)  # pyright: ignore[reportUnknownArgumentType]
        error = error.__cause__ or error.__context__


def _last(chain: list[BaseException]) -> str:
    """The deepest cause that says something, as the end of a sentence."""
    for cause in reversed(chain):
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
        if str(cause) and not isinstance(cause, StopAsyncIteration | GeneratorExit):
            return str(cause).rstrip(".")
    return type(chain[0]).__name__ if chain else "unknown"
