"""`chatmodes serve`: the modes as an OpenAI-compatible server."""

import argparse
import gc
import os
import socket
import sys
import threading
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any

import anyio

from chatmodes.cli import USAGE, complain, say
from chatmodes.cli.options import Commands, add_model_options, base_url_of, settings_of
from chatmodes.modes import base
from chatmodes.settings import ConfigError

PORT = 8484
FILES = 65_536
"""Files that may be open: a thousand requests of seventeen calls each, and as many again."""
UNLIMITED = 10_240
"""The same where the system names no limit, which is macOS: it takes no more."""


def add_parser(commands: Commands) -> None:
    """The command's options."""
    parser = commands.add_parser(
        "serve",
        help="the modes as an OpenAI-compatible server",
        description=(
            "Answer at http://HOST:PORT/v1 as OpenAI's API does, with the modes as models: instant, thinking, "
            "contemplating, auto, or MODE/PROVIDER/MODEL. CHATMODES_SERVE_KEY asks callers for that key."
        ),
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: this machine alone)")
    parser.add_argument("--port", type=int, default=PORT, help=f"the port (default: {PORT})")
    parser.add_argument(
        "--cors", action="append", default=[], metavar="ORIGIN", help="let pages of this origin ask; repeatable"
    )
    parser.add_argument(
        "--workers",
        type=int,
        default=1,
        metavar="N",
        help="processes that share the port, each with a core (default: 1)",
    )
    parser.add_argument("--listener", type=int, help=argparse.SUPPRESS)
    add_model_options(parser)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped, and return the exit code."""
    try:
        serving = import_module("chatmodes.server.serving")
        app, guard = import_module("chatmodes.server.app"), import_module("chatmodes.server.guard")
    except ModuleNotFoundError as error:
        complain(f"The server needs the package {error.name}.", "Install chatmodes with its extra: chatmodes[serve].")
        return USAGE
    host: str = args.host
    rules = guard.rules_for(host, os.environ.get("CHATMODES_SERVE_KEY", ""), args.cors)
    if args.workers < 1:
        raise ConfigError("--workers must be at least 1.")
    service = app.Service(settings_of(args), base_url=base_url_of(args))
    listener = serving.listen(host, args.port) if args.listener is None else socket.socket(fileno=args.listener)
    _raise_limit()
    place = f"[{host}]" if ":" in host else host
    models = ", ".join(base.names())
    told = f"Serving at http://{place}:{listener.getsockname()[1]}/v1 until Ctrl+C. Models: {models}."

    def listening(server: Any) -> None:
        # What is loaded by now stays: collections, which stop every stream at once, need not look through it.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        if args.listener is None:
            say(told)
        else:
            threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()

    with listener:
        if args.workers > 1 and args.listener is None:
            return _share(args.workers, listener, service, told)
        anyio.run(partial(serving.serve, service, rules, listener, listening=listening))
    return 0


def _raise_limit() -> None:
    """Let as many files be open as are needed, as far as the system lets this user: each stream takes two, and most
    systems begin with 1,024 or fewer."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows has no such limit
        return
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = UNLIMITED if most == resource.RLIM_INFINITY else min(FILES, most)
    if 0 <= now < wanted:  # what knows no limit is below 0 on some systems
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _share(number: int, listener: socket.socket, service: Any, told: str) -> int:
    """Let workers answer at the port. Raises `ConfigError` for what each of them would say."""
    workers = import_module("chatmodes.server.workers")

    async def check() -> None:
        async with service.open():
            pass

    anyio.run(check)
    say(told)
    return workers.Workers([sys.executable, "-m", "chatmodes", *sys.argv[1:]], listener, say).run(number)


def _end_with_parent(server: Any) -> None:
    """Standard input is held by the process that shares the port out.

    Read without a buffer: the lock of one is not to be had at the interpreter's end, which then is a crash.
    """
    while os.read(sys.stdin.fileno(), 1024):
        pass
    server.should_exit = True
