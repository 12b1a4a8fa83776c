"""The servers that a folder names in its `.mcp.json`, as other programs write it: shown, and asked for.

The file comes with a repository and says which programs are to be started. So nothing in it holds until the user has
said yes to this very file; the answer is kept by the folder and the file's digest: another content is asked for anew.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from chatmodes.providers.urls import without_secrets
from chatmodes.sanitize import one_line, visible
from chatmodes.settings import (
    ConfigError,
    Server,
    Settings,
    home,
    keep,
    read_regular,
    working_folder,
)

NAME = ".mcp.json"
LARGEST = 200_000
ANSWERS = 1_000_000
"""Bytes of the file of answers."""
MOST = 50
"""Servers that are taken from one file."""


class _File(msgspec.Struct, frozen=True):
    servers: dict[str, dict[str, Any]] = msgspec.field(default_factory=dict[str, dict[str, Any]], name="mcpServers")


@dataclass(frozen=True)
class Named:
    """What a folder's file names."""

    path: Path
    digest: str
    servers: dict[str, Server]
    problem: str = ""
    """Why some or all of it cannot be used, a sentence."""

    @property
    def lines(self) -> list[str]:
        """Each server with what would be started or called, as one reads it before one says yes."""
        return [f"{name}: {command(server)}" for name, server in self.servers.items()]


def command(server: Server) -> str:
    """What is started, its variables named, or the address that is called; what a terminal would hide written out."""
    variables = [f"{name}=…" for name in server.env]
    started = " ".join((*variables, server.command, *server.args))
    return one_line(visible(without_secrets(server.url) if server.url else started), 400)


def named_here() -> Named | None:
    """What the working folder's file names; None where there is none. Reads a small file, and never raises."""
    folder = working_folder()
    if folder is None:
        return None
    path = folder / NAME
    try:
        data = read_regular(path, LARGEST)
    except FileNotFoundError:
        return None
    except ConfigError as error:
        return Named(path, "", {}, f"{error} {error.hint}")
    digest = hashlib.sha256(data).hexdigest()
    try:
        found = msgspec.json.decode(data, type=_File).servers
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Named(path, digest, {}, f"{path} names no servers that can be read: {error}.")
    servers = {name: server for name, table in found.items() if (server := _server(name, table)) is not None}
    wrong = [one_line(name, 60) for name in found if name not in servers]
    problem = f"{path}: no command and no url, or no proper name: {', '.join(wrong)}." if wrong else ""
    return Named(path, digest, dict(list(servers.items())[:MOST]), problem)


def _server(name: str, table: dict[str, Any]) -> Server | None:
    """A server of the file's; None where it says nothing that can be started or called."""
    kept = {key: table[key] for key in ("command", "args", "env", "url") if key in table}
    try:
        server = msgspec.convert(kept, Server)
    except msgspec.ValidationError:
        return None
    proper = name.replace("-", "").replace("_", "").isalnum() and name.isascii() and len(name) <= 32
    return server if proper and bool(server.command) != bool(server.url) else None


def answer(named: Named) -> bool | None:
    """What the user said to this very file; None where they were never asked."""
    return _answers().get(_key(named))


def keep_answer(named: Named, allowed: bool) -> None:
    """Keep what the user said. Raises `ConfigError` where it cannot be written."""
    path = _path()
    keep(path, msgspec.json.encode({**_answers(), _key(named): allowed}))


def with_project(settings: Settings) -> Settings:
    """The settings with the servers of the working folder's file, where the user said yes to it. Their own of the same
    name stay. Reads two small files."""
    named = named_here()
    if named is None or not named.servers or answer(named) is not True:
        return settings
    return msgspec.structs.replace(settings, mcp={**named.servers, **settings.mcp})


def _path() -> Path:
    return home("data") / "project-servers.json"


def _key(named: Named) -> str:
    return f"{named.path} {named.digest}"


def _answers() -> dict[str, bool]:
    """The answers so far; a file that cannot be read has none, so that everything is asked for."""
    try:
        return msgspec.json.decode(read_regular(_path(), ANSWERS), type=dict[str, bool])
    except (FileNotFoundError, ConfigError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
