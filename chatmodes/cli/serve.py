"""`chatmodes serve`: the modes as an OpenAI-compatible server."""

import argparse
import os
from importlib import import_module

from chatmodes.cli import FAILED, USAGE, complain, say
from chatmodes.cli.options import Commands, add_model_options, base_url_of, settings_of

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
        uvicorn = import_module("uvicorn")
        server = import_module("chatmodes.server.app")
        guard = import_module("chatmodes.server.guard")
    except ModuleNotFoundError as error:
        complain(f"The server needs the package {error.name}.", "Install chatmodes with its extra: chatmodes[serve].")
        return USAGE
    host: str = args.host
    rules = guard.rules_for(host, os.environ.get("CHATMODES_SERVE_KEY", ""), args.cors)
    app = server.application(settings_of(args), rules, base_url=base_url_of(args))
    config = uvicorn.Config(
        app, host=host, port=args.port, log_level="warning", access_log=False, server_header=False,
        timeout_graceful_shutdown=5, lifespan="on",
    )  # fmt: skip
    serving = uvicorn.Server(config)
    place = f"[{host}]" if ":" in host else host
    say(f"Serving at http://{place}:{args.port}/v1 until Ctrl+C. Models: instant, thinking, contemplating, auto.")
    serving.run()
    return 0 if serving.started else FAILED
