"""The command line: stdout is data, stderr is narration, and exit codes are an API.

0 answered, 1 the provider or the run failed, 2 wrong usage or configuration, 130 cancelled. A command's module is
imported only when that command is called, since `ask` is measured from the process's start to its first token.
"""

import argparse
import gc
import os
import sys
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from typing import TYPE_CHECKING, TextIO, cast

from chatmodes.cli.options import add_model_options, add_session_options, check_shared, unsaid
from chatmodes.cli.parsers import Parser
from chatmodes.cli.streams import Narration, Output, OutputError, ReaderGoneError
from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError

if TYPE_CHECKING:  # no run is in the first frame
    from chatmodes.events import Error

FAILED, USAGE, CANCELLED = 1, 2, 130

COMMANDS = {
    "ask": "ask one prompt and stream the answer to stdout",
    "compare": "one prompt through several modes and models, side by side",
    "history": "list, search, show, export, import and delete conversations",
    "models": "providers, models, prices; `models pull NAME` downloads one",
    "keys": "store, list and remove API keys",
    "leaderboard": "which mode and model won your comparisons",
    "eval": "accuracy, tokens, time and cost of each mode over a file of items",
    "templates": "prompts kept for reuse",
    "serve": "the modes as an OpenAI-compatible server",
    "tools": "the tools there are, and the rules of what may run",
    "mcp": "servers of tools: list, add, remove, test",
    "settings": "what is set, where it comes from; change it",
    "doctor": "what is configured, what is reachable, and how to mend the rest",
    "completion": "completion for bash, zsh and fish",
}


def main(argv: list[str]) -> int:
    """Run a command and return its exit code."""
    _settle_streams()
    with redirect_stderr(cast("TextIO", Narration(sys.stderr))):
        return _run(argv)


def _run(argv: list[str]) -> int:
    try:
        args = _parser(argv).parsed(argv, unsaid())
        check_shared(args)
        if args.command:
            gc.enable()
            with redirect_stdout(cast("TextIO", Output(sys.stdout))):
                code: int = import_module(f"chatmodes.cli.{args.command}").run(args)
                sys.stdout.flush()
            return code
        return _open_tui(args)
    except ConfigError as error:
        complain(str(error), error.hint)
        return USAGE
    except KeyboardInterrupt:
        return CANCELLED
    except ReaderGoneError:
        # As in `chatmodes ask … | head -1`; Python would complain at exit.
        sys.stdout = None
        return CANCELLED
    except OutputError as error:
        # What is left in the buffer must not be tried again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        complain(f"The output: {error}.", "What was stored before is kept.")
        return FAILED
    except OSError as error:
        complain(f"{error.filename or 'The system refused something'}: {error.strerror or error}.")
        return FAILED


def _settle_streams() -> None:
    """Nothing in the place of a stream that the caller closed (`<&-`, `>&-`), and no text that cannot be printed.

    In order, since an opened file takes the lowest free number: the database must not become stdout.
    """
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison] - closed by the caller
        sys.stdin = os.fdopen(os.open(os.devnull, os.O_RDONLY), encoding="utf-8")
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
        elif hasattr(stream := getattr(sys, name), "reconfigure"):
            stream.reconfigure(errors="replace")


def complain(message: str, hint: str = "") -> None:
    """One sentence on stderr about what failed, and what to do next."""
    say(f"chatmodes: {message} {hint}")


def code_of(error: "Error") -> int:
    """The exit code for what kept a call from an answer: `USAGE` where it was never made, since the provider, its key
    or the model's name is not right; `FAILED` where somebody else failed."""
    unmade = error.status is None and error.kind in ("auth", "not_found", "bad_request")
    return USAGE if unmade else FAILED


def say(text: str) -> None:
    """A line of narration on stderr, whoever wrote what it quotes: a file's key, a server's error, a title."""
    print(one_line(text, 4000), file=sys.stderr)


def whole_parser() -> Parser:
    """The parser with the options of every command: for what describes them all."""
    return _parser(list(COMMANDS))


def _parser(argv: list[str]) -> Parser:
    """The parser, with the options of every command that is a word of `argv`: one may be another option's value.

    Without a word there is no command to know: the chat's first frame does not wait for a parser of each.
    """
    from chatmodes.version import __version__

    parser = Parser(
        prog="chatmodes",
        description="A terminal chat client with three ways of answering: instant, thinking, contemplating.",
        epilog="Without a command it opens the chat.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"chatmodes {__version__}")
    add_session_options(parser)
    add_model_options(parser)
    parser.set_defaults(command=None)
    if not argv:
        return parser
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, summary in COMMANDS.items():
        if name in argv:
            import_module(f"chatmodes.cli.{name}").add_parser(commands)
        else:
            commands.add_parser(name, help=summary, add_help=False)
    return parser


def _open_tui(args: argparse.Namespace) -> int:
    # textual-serve names a driver of its own and talks to it through pipes.
    in_browser = bool(os.environ.get("TEXTUAL_DRIVER"))
    if not in_browser and not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        complain("The chat needs a terminal.", "Use `chatmodes ask PROMPT` in pipes and scripts.")
        return USAGE
    from chatmodes.cli.options import base_url_of, loaded_of
    from chatmodes.providers.available.choice import wanted
    from chatmodes.settings.remembered import recall

    # The one place where a face starts the other: by name, so that the command line never depends on Textual.
    tui = import_module("chatmodes.tui")
    loaded = loaded_of(args)
    settings = wanted(loaded.settings, base_url_of(args))
    recalled = recall()
    start = tui.Start(
        settings,
        base_url_of(args),
        args.resume,
        args.conversation,
        args.private,
        note=" ".join(filter(None, (loaded.note, recalled.problem))),
        brief=loaded.brief,
        origins=loaded.origins,
        recalled=recalled.choices,
    )
    code: int = tui.run(start)
    return code
