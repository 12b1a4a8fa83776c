"""`chatmodes serve`: the modes as an OpenAI-compatible server."""

import argparse
import gc
import os
from functools import partial
from importlib import import_module

import anyio

from chatmodes.cli import USAGE, complain, say
from chatmodes.cli.options import Commands, add_model_options, base_url_of, settings_of
from chatmodes.modes import base

PORT = 8484


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
    service = app.Service(settings_of(args), base_url=base_url_of(args))
    listener = serving.listen(host, args.port)
    place = f"[{host}]" if ":" in host else host

    def listening(_: object) -> None:
        models = ", ".join(base.names())
        # What is loaded by now stays: collections, which stop every stream at once, need not look through it.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        say(f"Serving at http://{place}:{listener.getsockname()[1]}/v1 until Ctrl+C. Models: {models}.")

    with listener:
        anyio.run(partial(serving.serve, service, rules, listener, listening=listening))
    return 0
