"""Options that several commands share, and what they mean for the settings."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, TypeAlias

import msgspec

from chatmodes.modes import base
from chatmodes.providers.available.choice import named
from chatmodes.sanitize import one_line
from chatmodes.settings import (
    ConfigError,
    Loaded,
    Origin,
    Settings,
    project_file,
    resolve,
    user_file,
    working_folder,
)

# argparse has no public name for it.
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # pyright: ignore[reportPrivateUsage]
"""What a command's `add_parser` adds itself to."""

_SHARED: dict[str, tuple[str, Any]] = {
    "resume": ("--continue", False),
    "conversation": ("--conversation", None),
    "private": ("--private", False),
    "mode": ("--mode", None),
    "model": ("--model", None),
    "base_url": ("--base-url", None),
    "system": ("--system", None),
    "temperature": ("--temperature", None),
    "max_tokens": ("--max-tokens", None),
    "effort": ("--effort", None),
    "stop": ("--stop", None),
    "tool": ("--tool", None),
    "allow": ("--allow", None),
    "agents": ("--agents", None),
    "quorum": ("--quorum", None),
    "reconcile": ("--reconcile", None),
    "rounds": ("--rounds", None),
}
"""Where an option that may stand on either side of the command is kept, how it is written, and what it is if unsaid."""
_SESSION, _MODEL = tuple(_SHARED)[:3], tuple(_SHARED)[3:]


class ModeNames:
    """The modes there are, as argparse's choices. Other packages' are looked for where a name is none of the shipped
    ones, and where all are listed: not on the way to an answer."""

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and base.exists(name)

    def __iter__(self) -> Iterator[str]:
        return iter(base.names())


def unsaid() -> argparse.Namespace:
    """The shared options before anything is parsed.

    The parsers themselves have no defaults for them: a command's would overwrite what was said before the command.
    """
    return argparse.Namespace(takes=(), **{name: default for name, (_, default) in _SHARED.items()})


def check_shared(args: argparse.Namespace) -> None:
    """Raise `ConfigError` for an option the command has no use for, and for two that exclude each other.

    argparse excludes only what stands on one side of the command.
    """
    said = [name for name, (_, default) in _SHARED.items() if getattr(args, name) != default]
    for name in said if args.command else ():
        if name not in args.takes:
            hint = f"`chatmodes {args.command} --help` lists what it takes."
            raise ConfigError(f"`chatmodes {args.command}` takes no {_SHARED[name][0]}.", hint)
    sessions = [_SHARED[name][0] for name in said if name in _SESSION]
    if len(sessions) > 1:
        raise ConfigError(f"{sessions[0]} and {sessions[1]} exclude each other.", "Leave one out.")


def _takes(parser: argparse.ArgumentParser, *names: str) -> None:
    parser.set_defaults(takes=(*(parser.get_default("takes") or ()), *names))


def add_endpoint_option(parser: argparse.ArgumentParser, summary: str) -> None:
    """--base-url alone."""
    parser.add_argument("--base-url", metavar="URL", default=argparse.SUPPRESS, help=summary)
    _takes(parser, "base_url")


def add_session_options(parser: argparse.ArgumentParser) -> None:
    """--continue and --conversation: which conversation the prompt joins; --private: leave nothing on disk."""
    group = parser.add_mutually_exclusive_group()
    add = partial(group.add_argument, default=argparse.SUPPRESS)
    add("-c", "--continue", dest="resume", action="store_true", help="go on with the last conversation")
    add("--conversation", metavar="ID", help="go on with this conversation")
    add("--private", action="store_true", help="leave nothing on disk")
    _takes(parser, *_SESSION)


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """-m, --model, --base-url, --system and Contemplating's knobs."""
    add = partial(parser.add_argument, default=argparse.SUPPRESS)
    add("-m", "--mode", metavar="MODE", choices=ModeNames(), help="how to answer: %(choices)s")
    add("--model", metavar="PROVIDER/MODEL", help="which model answers; NAME with --base-url")
    add("--base-url", metavar="URL", help="any OpenAI-compatible endpoint (key: CHATMODES_API_KEY)")
    add("--system", metavar="TEXT", help="the system prompt")
    asked = partial(parser.add_argument_group("sampling").add_argument, default=argparse.SUPPRESS)
    asked("--temperature", type=float, metavar="N", help="how freely words are chosen (0 to 2)")
    asked("--max-tokens", type=_positive, metavar="N", help="the most tokens of an answer or a draft")
    asked("--effort", metavar="LEVEL", help="how hard a model that reasons should, such as low or high")
    asked("--stop", metavar="TEXT", action="append", help="where the model stops; may be said several times")
    lets = partial(parser.add_argument_group("tools").add_argument, default=argparse.SUPPRESS, action="append")
    lets("--tool", metavar="NAME", help="offer a tool: its name, mcp:SERVER, or all; may be said several times")
    lets("--allow", metavar="RULE", help="let calls run without being asked about: TOOL or TOOL:PATTERN; also repeated")
    knob = partial(parser.add_argument_group("contemplating").add_argument, default=argparse.SUPPRESS)
    knob("--agents", type=int, metavar="N", help="how many agents draft at once (1 to 64)")
    knob("--quorum", type=int, metavar="N", help="how many drafts may settle the answer")
    knob("--reconcile", choices=["auto", "vote", "select", "synthesize"], help="how drafts become one")
    knob("--rounds", type=int, metavar="N", help="how often drafts are distilled and drafted again")
    _takes(parser, *_MODEL)


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a whole number") from None
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def base_url_of(args: argparse.Namespace) -> str | None:
    """The endpoint named by --base-url or CHATMODES_BASE_URL."""
    return args.base_url or os.environ.get("CHATMODES_BASE_URL") or None


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings with the command line's say on top, and on stderr what a repository decided of them.

    Raises `ConfigError`.
    """
    loaded = loaded_of(args)
    if loaded.note and not getattr(args, "quiet", False):
        print(f"chatmodes: {one_line(loaded.note, 400)}", file=sys.stderr)
    return loaded.settings


def loaded_of(args: argparse.Namespace) -> Loaded:
    """The settings with the command line's say on top, and where each comes from. Raises `ConfigError`.

    With a base URL the model's name is sent as it is; it becomes `endpoint/NAME` here, the provider that URL is.
    """
    by_hand = bool(base_url_of(args))
    flags: dict[str, Any] = {"contemplating": {}}
    flags |= named(args.model or (os.environ.get("CHATMODES_MODEL") if by_hand else None), by_hand=by_hand)
    if args.mode:
        flags["mode"] = args.mode
    if args.system is not None:
        flags["system"] = args.system
    for knob in ("temperature", "max_tokens", "effort", "stop"):
        if (value := getattr(args, knob)) is not None:
            flags.setdefault("sampling", {})[knob] = value
    for knob in ("agents", "quorum", "reconcile", "rounds"):
        if (value := getattr(args, knob)) is not None:
            flags["contemplating"][knob] = value
    loaded = resolve(flags)
    _check_mode(loaded)
    return _with_tools(_with_servers(loaded), args.tool or (), args.allow or ())


def _with_servers(loaded: Loaded) -> Loaded:
    """With the servers that this folder's `.mcp.json` names, where the user allowed that file."""
    folder = working_folder()
    if folder is None or not (folder / ".mcp.json").exists():  # nearly always, and then nothing of tools is imported
        return loaded
    from chatmodes.tools.projects import with_project

    return msgspec.structs.replace(loaded, settings=with_project(loaded.settings))


def _with_tools(loaded: Loaded, tools: Sequence[str], rules: Sequence[str]) -> Loaded:
    """With the tools and rules that the line adds to those of the settings. Raises `ConfigError` for what is none."""
    if not tools and not rules:
        return loaded
    from chatmodes.tools.granting import granted

    settings = granted(loaded.settings, tools, rules)
    origins: dict[str, Origin] = {**loaded.origins, **({"tools.use": "flag"} if tools else {})}
    return msgspec.structs.replace(loaded, settings=settings, origins=origins)


def _check_mode(loaded: Loaded) -> None:
    """Raise `ConfigError` for a mode that there is not, naming what says it."""
    mode = loaded.settings.mode
    if base.exists(mode):
        return
    said_by = {"user": user_file(), "project": project_file(), "environment": "CHATMODES_MODE"}
    where = said_by.get(loaded.origin("mode")) or "the command line"
    raise ConfigError(
        f"{where}: mode is {msgspec.json.encode(mode).decode()}; it must be one of {', '.join(base.names())}.",
        "The default is instant.",
    )
