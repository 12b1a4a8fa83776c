"""What can answer on this machine as it is: keys that are there, servers that run, models that are installed.

The first screen, `doctor` and the choice of a default model all ask here, before the first prompt and before the SDK is
imported. So this room has to be quick: files are looked at, the usual local ports get one plain HTTP question each,
all at once and 0.3 s at the most. Nothing is asked that is not on this machine or in a private network.
"""

import json
from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import msgspec

from chatmodes.providers.available.lists import ListProblem, first_to_chat, read_list
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.keys.lookup import BadKeyError, Place, find_key, where
from chatmodes.providers.known.ids import ENDPOINT, LOCAL
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.local import weights
from chatmodes.providers.urls import is_local, without_secrets
from chatmodes.settings import Settings

PROBE_TIMEOUT = 0.3
"""Seconds for a whole probe. A closed port on one's own machine is refused within 1 ms."""
MAX_ANSWER = 4 * 1024 * 1024


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that can answer, or could if `problem` were mended."""

    kind: Literal["endpoint", "key", "server", "embedded"]
    provider: str
    title: str
    """As people call it."""
    detail: str
    """Where it is: the variable, the file, the address."""
    models: tuple[str, ...] = ()
    """`provider/model` of what it serves, as far as it was asked; the better choice first."""
    fast: str = ""
    """What Instant should take here; empty where a person has to choose."""
    reasoning: str = ""
    """The same for Thinking and Contemplating."""
    problem: str = ""
    """Why it cannot answer; empty when it can."""
    hint: str = ""
    """What to do next: mend the problem, or the command that uses it."""


async def discover(profiles: dict[str, Profile], settings: Settings) -> list[Found]:
    """All that is here, in the order in which a default model is looked for."""
    known = in_order(profiles, await find_servers(profiles))
    return [*known, *await anyio.to_thread.run_sync(find_embedded, profiles[LOCAL], settings)]


def in_order(profiles: dict[str, Profile], servers: Iterable[Found]) -> list[Found]:
    """All but the embedded model, with the servers that were found running: the endpoint given by hand, then keys and
    servers in the profiles' own order."""
    found = {server.provider: server for server in servers}
    for profile in profiles.values():
        if (key := find_keyed(profile)) is not None:
            found[profile.id] = key
    endpoint = find_endpoint(profiles[ENDPOINT])
    return [*([endpoint] if endpoint else []), *(found[name] for name in profiles if name in found)]


async def find_servers(profiles: dict[str, Profile]) -> list[Found]:
    """The servers that run on this machine and nearby, asked all at once, in the profiles' order."""
    found: dict[str, Found] = {}

    async def probe(profile: Profile) -> None:
        if (server := await find_server(profile)) is not None:
            found[profile.id] = server

    async with anyio.create_task_group() as tasks:
        for profile in profiles.values():
            if is_probed(profile):
                tasks.start_soon(probe, profile)
    return [found[name] for name in profiles if name in found]


def is_probed(profile: Profile) -> bool:
    """Whether it shows only by asking that a provider can answer: a server on this machine, or one of the user's own
    nearby that needs no key."""
    own = profile.own and not profile.key_needed and _is_near(profile)
    return profile.id != LOCAL and (profile.local or own)


def find_endpoint(profile: Profile) -> Found | None:
    """The address given by hand; None where none was given. It is not asked: it may be on the network."""
    if not profile.base_url:
        return None
    model = f"{ENDPOINT}/"  # without a name: the gateway takes the first model that the server lists
    return Found(
        kind="endpoint",
        provider=profile.id,
        title=profile.name,
        detail=profile.base_url,
        fast=model,
        reasoning=model,
        hint=f"chatmodes ask --base-url {profile.base_url}",
    )


def find_keyed(profile: Profile) -> Found | None:
    """A provider on the network for which a key is here; None where there is none. Opens no keyring."""
    if profile.local or profile.id == ENDPOINT:
        return None
    place = where(profile, ask_keyring=False)
    needs_none = profile.own and not profile.key_needed
    if is_probed(profile) or (place.source is None and not needs_none):
        return None  # what is wrong with the file of keys is no finding about each provider
    problem, hint = place.problem, place.hint
    if not problem and not profile.address():
        problem, hint = f"{profile.name} has a key here and no address.", profile.address_hint()
    fast = f"{profile.id}/{profile.fast}" if profile.fast or profile.names_none else ""
    reasoning = f"{profile.id}/{profile.reasoning}" if profile.reasoning else fast
    return Found(
        kind="key",
        provider=profile.id,
        title=profile.name,
        detail=_key_from(place) if place.source else f"{without_secrets(profile.address())}, needs no key",
        models=tuple(dict.fromkeys(model for model in (fast, reasoning) if model)),
        fast=fast,
        reasoning=reasoning,
        problem=problem,
        hint=hint or (f"chatmodes ask --model {fast}" if fast else f"chatmodes models {profile.id}"),
    )


async def find_server(profile: Profile, timeout: float | None = None) -> Found | None:
    """The server of a local provider, if one is running at its address and speaks the API; None otherwise."""
    address = profile.address()
    status, body = 0, b""
    with anyio.move_on_after(PROBE_TIMEOUT if timeout is None else timeout):
        try:
            status, body = await _get(address.rstrip("/") + "/models", _key(profile))
        except (OSError, ValueError, anyio.EndOfStream, anyio.BrokenResourceError):
            return None
    found = Found(kind="server", provider=profile.id, title=profile.name, detail=address)
    if status in (401, 403):
        return msgspec.structs.replace(
            found, problem=f"{profile.name} at {address} asks for a key.", hint=f"chatmodes keys set {profile.id}"
        )
    if status != 200:
        return None
    try:
        names = [served.id for served in read_list(json.loads(body), local=True)]
    except (ListProblem, ValueError, RecursionError):
        return None  # another program uses this port
    models = tuple(f"{profile.id}/{name}" for name in names)
    if not models:
        return msgspec.structs.replace(
            found, problem=f"{profile.name} is running and has no model.", hint="Load or pull a model there."
        )
    first = first_to_chat(models)
    if not first:
        problem = f"{profile.name} is running and has no model to chat with, only {names[0]} and the like."
        return msgspec.structs.replace(found, models=models, problem=problem, hint="Load or pull another model there.")
    if profile.fast and f"{profile.id}/{profile.fast}" in models:
        first = f"{profile.id}/{profile.fast}"
    return msgspec.structs.replace(
        found, models=models, fast=first, reasoning=first, hint=f"chatmodes ask --model {first}"
    )


def find_embedded(profile: Profile, settings: Settings) -> list[Found]:
    """The model files on this machine, the default one first, or what keeps them from answering."""
    installed = weights.installed(settings.local)
    blank = Found(kind="embedded", provider=profile.id, title=profile.name, detail="")
    try:
        if (missing := weights.runtime_missing()) is not None:
            raise missing
        if not installed:
            weights.find("", settings.local)
    except ProviderError as absent:
        return [msgspec.structs.replace(blank, problem=absent.error.message, hint=absent.error.hint)]
    found: list[Found] = []
    for each in installed:
        model = f"{profile.id}/{each.name}"
        trouble = weights.trouble(each.path)
        found.append(
            Found(
                kind="embedded",
                provider=profile.id,
                title=each.name,
                detail=str(each.path),
                models=(model,),
                fast=model,
                reasoning=model,
                problem=trouble,
                hint="Check [local] gguf in settings.toml." if trouble else f"chatmodes ask --model {model}",
            )
        )
    return found


def _key_from(place: Place) -> str:
    return f"key from {place.detail or 'the keyring'}"


def _is_near(profile: Profile) -> bool:
    """Whether a server may be asked whether it runs: on this machine or in a private network, over plain http."""
    try:
        parts = urlsplit(profile.address())
        return parts.scheme == "http" and is_local(parts.hostname or "")
    except ValueError:
        return False


def _key(profile: Profile) -> str | None:
    try:
        return find_key(profile)  # no keyring is opened for a provider that needs no key
    except BadKeyError:
        return None


async def _get(url: str, key: str | None) -> tuple[int, bytes]:
    """Status and body of one GET, as HTTP/1.0: the server closes when it is done and may not send chunks.

    A client library would take 90 to 170 ms to import, for four questions to one's own machine.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(url)
    lines = [f"GET {parts.path} HTTP/1.0", f"Host: {parts.netloc}", "Accept: application/json", "Connection: close"]
    if key:
        lines.append(f"Authorization: Bearer {key}")
    data = bytearray()
    async with await anyio.connect_tcp(parts.hostname, parts.port or 80) as stream:
        await stream.send(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"))
        while len(data) < MAX_ANSWER:
            try:
                data += await stream.receive()
            except anyio.EndOfStream:
                break
            if _complete(data):
                break
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    first = head.split(b"\r\n", 1)[0].split(b" ", 2)
    if len(first) < 2 or not first[0].startswith(b"HTTP/") or not first[1].isdigit():
        raise ValueError("no HTTP")
    return int(first[1]), body


def _complete(data: bytearray) -> bool:
    """Whether the length that was announced has come: some servers keep the connection open all the same."""
    head, found, body = bytes(data).partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length" and value.strip().isdigit():
            return len(body) >= int(value)
    return False
