"""`chatmodes mcp`: the servers of tools, listed, added, removed, tried and signed in to."""

import argparse
import os
import re
import sys
import threading
import webbrowser
from collections.abc import Sequence
from typing import Any

from chatmodes.cli import FAILED, complain
from chatmodes.cli.options import Commands
from chatmodes.cli.parsers import Parser
from chatmodes.cli.session import run_async
from chatmodes.cli.table import room
from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError, Server, load

_ADD = "chatmodes mcp add NAME [--env NAME=VALUE] (-- COMMAND [ARGUMENT…] | --url URL)"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


class _Parser(Parser):
    """Takes what stands behind `--` as the command's line, whatever options come before: argparse would give the line's
    place away before it has seen them."""

    def parse_known_args(  # pyright: ignore[reportIncompatibleMethodOverride] - the overloads say the same
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        words = list(args or ())
        at = words.index("--") if "--" in words else len(words)
        found, rest = super().parse_known_args(words[:at], namespace or argparse.Namespace())
        found.line = words[at + 1 :]
        return found, rest


def add_parser(commands: Commands) -> None:
    """The command's options."""
    parser = commands.add_parser("mcp", help="servers of tools: list, add, remove, test, login, logout")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", parser_class=_Parser)
    actions.add_parser("list", help="the servers in your settings")
    add = actions.add_parser("add", help="add one: mcp add NAME -- COMMAND…, or mcp add NAME --url URL", usage=_ADD)
    add.add_argument("name", metavar="NAME")
    add.add_argument("--url", metavar="URL", help="the address of one that is served over HTTP")
    add.add_argument("--env", metavar="NAME=VALUE", action="append", default=[], help="for its environment; repeated")
    about = "the servers that this folder's .mcp.json names, and whether they may be used"
    project = actions.add_parser("project", help=about)
    which = project.add_mutually_exclusive_group()
    about = "let them be started, as long as the file stays as it is"
    which.add_argument("--allow", dest="let", action="store_true", help=about)
    which.add_argument("--refuse", action="store_true", help="leave them alone, and do not ask")
    about = "sent with each request to the URL, as in Authorization='Bearer …'; repeated"
    add.add_argument("--header", metavar="NAME=VALUE", action="append", default=[], help=about)
    login = actions.add_parser("login", help="sign in to one that asks for it, in your browser")
    login.add_argument("name", metavar="NAME")
    about = "only print the address, as is done where there is no screen"
    login.add_argument("--no-browser", dest="browser", action="store_false", help=about)
    for action, about in (
        ("logout", "forget the sign-in to one"),
        ("remove", "take one out of your settings"),
        ("test", "start one and list its tools"),
    ):
        actions.add_parser(action, help=about).add_argument("name", metavar="NAME")


def run(args: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    match args.action:
        case "add":
            return _add(args.name, args.url, args.line, args.env, args.header)
        case "remove":
            return _remove(args.name)
        case "project":
            return _project(allow=args.let, refuse=args.refuse)
        case "login":
            return run_async(_login, args.name, _far(args.name), args.browser and _screen())
        case "logout":
            return _logout(args.name)
        case "test":
            return run_async(_test, args.name, _server(args.name))
        case _:
            return _list()


def _list() -> int:
    from chatmodes.tools.projects import command, named_here

    servers = load().mcp
    for name, server in servers.items():
        print(one_line(f"{name}  {command(server)}", 10_000))
    if not servers:
        print("There is no server of tools. `chatmodes mcp add NAME -- COMMAND` adds one.")
    if named_here() is not None:
        print("This folder's .mcp.json names servers too: `chatmodes mcp project` shows them.")
    return 0


def _project(*, allow: bool, refuse: bool) -> int:
    from chatmodes.tools.projects import answer, keep_answer, named_here

    named = named_here()
    if named is None:
        print("This folder has no .mcp.json.")
        return 0
    if named.problem:
        complain(named.problem, "What it names besides can be used.")
    if named.digest and (allow or refuse):
        keep_answer(named, allow)
    for line in named.lines:
        print(line)
    words = {True: "They are allowed.", False: "They are refused.", None: "They are not used until you --allow them."}
    print(words[answer(named)] if named.servers else "It names no server that can be used.")
    return 0


def _add(name: str, url: str | None, line: list[str], env: list[str], headers: list[str]) -> int:
    from chatmodes.settings.writing import set_value

    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{one_line(name, 60)!r} is no name for a server.", "Use letters, digits, - and _; 32 at most."
        )
    if bool(url) == bool(line):
        raise ConfigError("A server has a command or a URL.", "Write `mcp add NAME -- COMMAND…` or --url URL.")
    if url and not url.startswith(("http://", "https://")):
        raise ConfigError(f"{one_line(url, 100)!r} is no address of a server.", "It begins with https:// or http://.")
    table: dict[str, Any] = {"url": url} if url else {"command": line[0], "args": line[1:]}
    if (env and url) or (headers and line):
        raise ConfigError("A command has --env, a URL has --header.", "Leave the other one out.")
    for key, given in (("env", env), ("headers", headers)):
        if given:
            table[key] = dict(_variable(each) for each in given)
    path = set_value(f"mcp.{name}", table)
    print(f"{name} is in {path}. `chatmodes mcp test {name}` tries it; `--tool mcp:{name}` offers its tools.")
    return 0


def _variable(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise ConfigError(f"{one_line(name, 60)!r} has no name or no value.", "Write NAME=VALUE.")
    return name, value


def _remove(name: str) -> int:
    from chatmodes.settings.writing import unset
    from chatmodes.tools.sign_ins import forget

    server = load().mcp.get(name)
    if server is None:
        raise ConfigError(
            f"There is no server {one_line(name, 60)!r} in your settings.", "`chatmodes mcp list` lists them."
        )
    unset(f"mcp.{name}")
    forget(name, server.url)
    print(f"{name} is removed.")
    return 0


def _server(name: str) -> Server:
    from chatmodes.tools.projects import with_project

    servers = with_project(load()).mcp
    if name not in servers:
        there = ", ".join(servers) or "none"
        raise ConfigError(f"There is no server {one_line(name, 60)!r} in your settings.", f"There are: {there}.")
    return servers[name]


async def _test(name: str, server: Server) -> int:
    from chatmodes.tools.base import touching
    from chatmodes.tools.servers import tried

    owner = await tried(name, server)
    if owner.state == "failed":
        complain(owner.problem, f"`chatmodes mcp remove {name}` takes it out.")
        return FAILED
    print(f"{name}: {owner.told}")
    for offer in owner.offers:
        print(f"  {offer.name}: {one_line(offer.spec.description, room(100))} ({touching(offer.touches)})")
    return 0


def _far(name: str) -> Server:
    """A server that one can sign in to."""
    from chatmodes.tools.connection import keyed

    server = _server(name)
    if not server.url:
        raise ConfigError(f"The server {name} is a command.", "Only one with a URL asks for a sign-in.")
    if keyed(server):
        hint = "Take Authorization out of its headers to sign in instead."
        raise ConfigError(f"The server {name} is sent the key that your settings have for it.", hint)
    return server


async def _login(name: str, server: Server, browser: bool) -> int:
    from chatmodes.tools.connection import FaultError
    from chatmodes.tools.login import WAIT, sign_in

    async def show(address: str, port: int) -> None:
        print(f"Sign in to {name} at this address, within {WAIT / 60:g} minutes:\n\n{one_line(address, 8_000)}\n")
        if browser:
            print("It is being opened in your browser.", flush=True)
            # A browser of the terminal would be waited for, and nothing here may wait for it at its end.
            threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
        else:
            away = f"ssh -L {port}:127.0.0.1:{port} THIS-MACHINE"
            print(f"A browser on another machine needs the way back to this one: `{away}`.", flush=True)

    try:
        tools = await sign_in(name, server, show)
    except FaultError as fault:
        complain(str(fault))
        return FAILED
    print(f"You are signed in to {name}, which has {len(tools)} {'tool' if len(tools) == 1 else 'tools'}.")
    return 0


def _screen() -> bool:
    """Whether a browser with a window can be opened: one in the terminal would take it from us."""
    return sys.platform == "darwin" or any(map(os.environ.get, ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")))


def _logout(name: str) -> int:
    from chatmodes.tools.sign_ins import forget

    if forget(name, _far(name).url):
        print(f"The sign-in to {name} is forgotten here. What the server itself still holds ends by its own rules.")
    else:
        print(f"There is no sign-in to {name}.")
    return 0
