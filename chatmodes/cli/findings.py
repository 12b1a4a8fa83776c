"""What `doctor` looks at, except the terminal: configuration, keys, providers, the embedded model, the database.

Each check gives findings and never fails itself: the program is asked for a diagnosis when something is broken already.
"""

import os
import platform
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import anyio
import msgspec

from chatmodes.modes import base
from chatmodes.opening import DATABASE
from chatmodes.providers.available.catalog import Catalog
from chatmodes.providers.available.choice import default_model, first
from chatmodes.providers.available.discover import Found, discover, is_probed
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.keys.lookup import list_keys
from chatmodes.providers.keys.stores import BadKeyError, KeyFile
from chatmodes.providers.known.ids import ENDPOINT, LOCAL
from chatmodes.providers.known.profiles import Profile, endpoint_profile, load_profiles, split
from chatmodes.providers.local import memory
from chatmodes.providers.local.server import LocalServer
from chatmodes.providers.local.weights import installed
from chatmodes.providers.urls import check_url, without_secrets
from chatmodes.settings import ConfigError, Server, Settings, home, load, project_file
from chatmodes.store import Store, StoreError, open_store
from chatmodes.version import __version__

State = Literal["ok", "note", "problem"]
"""As it should be; worth knowing; to be mended."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    area: str
    name: str
    state: State
    detail: str
    hint: str = ""
    """The next step, where something is not right."""


class Configuration(msgspec.Struct, frozen=True):
    """What could be read, with the defaults in place of what could not."""

    settings: Settings
    profiles: dict[str, Profile]
    broken: bool
    findings: tuple[Finding, ...]


def program() -> Iterator[Finding]:
    """Versions, for whoever is asked for help."""
    python = f"{platform.python_implementation()} {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    yield Finding("program", "chatmodes", "ok", f"{__version__} in {Path(__file__).parent.parent}")
    yield Finding("program", "python", "ok", f"{python}, {sys.platform} {platform.machine()}, {sys.executable}")


def configuration() -> Configuration:
    """Every file and variable that has a say, the strongest first, and which of them is broken."""
    order = "flags, variables, the project's file, your settings, the defaults; the first that says something holds"
    findings = [Finding("configuration", "precedence", "ok", order), *_variables()]
    project, user, mine = project_file(), home("config") / "settings.toml", home("config") / "providers.toml"
    settings, profiles = Settings(), {}
    broken = ""
    try:
        settings = load()
    except ConfigError as error:
        broken = f"{error} {error.hint}"
        findings.append(Finding("configuration", "settings", "problem", str(error), error.hint))
    for name, path in (("project file", project), ("settings", user)):
        if path is None:
            gone = "The working directory is gone, so no project has a say."
            findings.append(Finding("configuration", name, "note", gone, "Change into a folder that is there."))
        elif str(path) not in broken:
            findings.append(_file(name, path))
    try:
        profiles = load_profiles()
        findings.append(_file("providers", mine))
    except ConfigError as error:
        broken = str(error)
        findings.append(Finding("configuration", "providers", "problem", str(error), error.hint))
    findings += [Finding("configuration", kind, "ok", str(home(kind))) for kind in ("data", "cache")]
    if profiles and (url := os.environ.get("CHATMODES_BASE_URL")):
        try:
            profiles[ENDPOINT] = endpoint_profile(profiles, check_url(url)[0])
        except ConfigError as error:
            broken = f"{error} {error.hint}"
            findings.append(Finding("configuration", "CHATMODES_BASE_URL", "problem", str(error), error.hint))
    return Configuration(settings, profiles, bool(broken), tuple(findings))


def _variables() -> Iterator[Finding]:
    for name in ("HOME", "BASE_URL", "MODEL", "MODE"):
        if value := os.environ.get(f"CHATMODES_{name}"):
            shown = without_secrets(value) if name == "BASE_URL" else value
            yield Finding("configuration", f"CHATMODES_{name}", "ok", shown)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        if os.environ.get(name) or os.environ.get(name.lower()):
            yield Finding("configuration", name, "note", "set: calls to providers go through this proxy")


def _file(name: str, path: Path) -> Finding:
    try:
        there = path.is_file()
    except OSError as error:
        hint = "Check the folder's permissions."
        return Finding("configuration", name, "problem", f"{path} cannot be looked at: {error.strerror}.", hint)
    return Finding("configuration", name, "ok", f"{path}" + ("" if there else " (none, so the defaults hold)"))


def keys(profiles: dict[str, Profile]) -> Iterator[Finding]:
    """Where keys were found. The keys themselves stay where they are."""
    try:
        KeyFile().read()
    except BadKeyError as error:
        yield Finding("keys", "keys.toml", "problem", str(error), error.hint)
    places = [place for place in list_keys(profiles.values()) if place.source]
    for place in places:
        where = f"{place.source} {place.detail}".strip()
        if place.problem:
            yield Finding("keys", place.provider, "problem", place.problem, place.hint)
        else:
            yield Finding("keys", place.provider, "ok", f"found: {where}")
    if not places:
        hint = "`chatmodes keys set PROVIDER` stores one; the embedded model needs none."
        yield Finding("keys", "none", "note", "No provider's key is here.", hint)


async def models(profiles: dict[str, Profile], settings: Settings) -> tuple[list[Finding], bool]:
    """Who answers, asked just now, and whether anybody can. Only providers with a key and local servers are asked."""
    found = await discover(profiles, settings)
    keyed = [each.provider for each in found if each.kind == "key" and not each.problem]
    asked = [*keyed, *([ENDPOINT] if profiles[ENDPOINT].base_url else [])]
    shelves = await Catalog(profiles, settings.local).refresh(asked, max_age=0.0)
    findings = [
        Finding("models", shelf.name, "problem", shelf.problem, shelf.hint)
        if shelf.problem
        else Finding("models", shelf.name, "ok", f"answers, {len(shelf.models)} models")
        for shelf in shelves
    ]
    for each in found:
        if each.kind == "server":
            detail = each.problem or f"answers at {each.detail}, {len(each.models)} models"
            findings.append(Finding("models", each.title, "problem" if each.problem else "ok", detail, each.hint))
    absent = [p for p in profiles.values() if is_probed(p) and p.id not in {f.provider for f in found}]
    for profile in (p for p in absent if p.own):
        detail = f"{profile.name} does not answer at {without_secrets(profile.address())}."
        findings.append(Finding("models", profile.name, "problem", detail, "Start it, or check its base_url."))
    if silent := [profile.name for profile in absent if not profile.own]:
        findings.append(Finding("models", "local servers", "note", f"not running: {', '.join(silent)}"))
    embedded = list(_embedded(settings))
    answering = {shelf.provider for shelf in shelves if not shelf.problem}
    answering |= {each.provider for each in found if each.kind == "server" and not each.problem}
    answering |= {LOCAL for finding in embedded if finding.state == "ok"}
    return [*findings, *embedded, *_taken(profiles, settings, found, answering)], bool(answering)


def _taken(
    profiles: dict[str, Profile], settings: Settings, found: list[Found], answering: set[str]
) -> Iterator[Finding]:
    """Which model each mode takes, and whether that one answers."""
    for mode in base.names():
        by_hand = bool(profiles[ENDPOINT].base_url)
        configured = "" if by_hand else settings.model_for(mode)
        model = default_model(settings, mode, lambda: found, by_hand=by_hand)
        name = f"{mode} takes"
        if not model:
            yield Finding("models", name, "problem", "No model.", "Set up any of the above, or give --base-url.")
            continue
        provider = split(model)[0]
        other = first([each for each in found if each.provider in answering], mode)
        hint = f"`--model {other}` would." if other else "Set up any of the above, or give --base-url."
        if provider not in profiles:
            known = f"Write provider/model, where provider is one of {', '.join(profiles)}."
            yield Finding("models", name, "problem", f"{model} is of no known provider.", known)
        elif provider not in answering:
            yield Finding("models", name, "problem", f"{model}, and {profiles[provider].name} cannot answer.", hint)
        else:
            told = model if split(model)[1] else f"the first model that {profiles[provider].name} lists"
            yield Finding("models", name, "ok", told + (" (configured)" if configured else ""))


def _embedded(settings: Settings) -> Iterator[Finding]:
    server = LocalServer(settings.local)
    for weights in installed(settings.local) or [None]:
        name = f"local/{weights.name}" if weights else "embedded model"
        try:
            order = server.preflight(weights.name if weights else "")
        except ProviderError as error:
            yield Finding("models", name, "problem", error.error.message, error.error.hint)
        else:
            size = memory.readable(Path(order["path"]).stat().st_size)
            detail = f"{order['path']} ({size}), {order['slots']} slots of {order['context']:,} tokens"
            yield Finding("models", name, "ok", detail)


async def servers(settings: Settings) -> list[Finding]:
    """The servers of tools, each started for a moment; all at once, since each has a limit of its own."""
    if not settings.mcp:
        return []
    from chatmodes.tools.servers import tried

    found: dict[str, Finding] = {}

    async def look(name: str, server: Server) -> None:
        owner = await tried(name, server)
        state: State = "problem" if owner.state == "failed" else "ok"
        found[name] = Finding("tools", name, state, owner.told, f"`chatmodes mcp remove {name}` takes it out.")

    async with anyio.create_task_group() as tasks:
        for name, server in settings.mcp.items():
            tasks.start_soon(look, name, server)
    return [found[name] for name in settings.mcp]


def tools(settings: Settings) -> Iterator[Finding]:
    """What the settings offer or allow that there is not: with a tool of that kind, no prompt is answered."""
    own = settings.tools
    named: list[tuple[str, list[str], list[str]]] = [
        *(("tools.use", [each], []) for each in own.use),
        *(("tools.allow", [], [each]) for each in own.allow),
        *(("tools.deny", [], [each]) for each in own.deny),
    ]
    if not named:
        return
    from chatmodes.tools.granting import granted

    for setting, offered, rules in named:
        try:
            granted(settings, offered, rules)
        except ConfigError as error:
            yield Finding("tools", setting, "problem", str(error), error.hint)


def database() -> Iterator[Finding]:
    """Whether conversations are kept, and where."""
    path = home("data") / DATABASE
    if not path.exists():
        yield Finding("database", "conversations", "ok", f"{path} (none yet)")
        return
    try:
        store = open_store(path)
    except StoreError as error:
        yield Finding("database", "conversations", "problem", error.message, error.hint)
        return
    try:
        yield _conversations(store, path)
    except StoreError as error:
        yield Finding("database", "conversations", "problem", error.message, error.hint)
    finally:
        store.close()


def _conversations(store: Store, path: Path) -> Finding:
    """Whether a database that could be opened is sound. A damaged search index is made anew on the spot."""
    if store.read_only:
        hint = "`chatmodes ask --private` works without it."
        return Finding("database", "conversations", "problem", store.read_only, hint)
    if damage := store.damage():
        detail = f"{path} is damaged: {damage.splitlines()[-1]}"
        hint = (
            "What can be read: `chatmodes history export --all -o FILE`; then move the database away and import FILE."
        )
        return Finding("database", "conversations", "problem", detail, hint)
    size = f"{path}, {memory.readable(path.stat().st_size)}"
    if store.mend_index():
        return Finding("database", "conversations", "note", f"{size}; its search index was damaged and is made anew")
    return Finding("database", "conversations", "ok", size)
