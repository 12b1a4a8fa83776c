"""`chatmodes settings`: what is set, where it comes from, and lines of one's own file written without an editor."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import msgspec

from chatmodes.cli import say
from chatmodes.cli.options import Commands
from chatmodes.cli.table import room, table
from chatmodes.modes import base
from chatmodes.providers.urls import without_secrets
from chatmodes.sanitize import clean, escape_controls, one_line
from chatmodes.settings import ConfigError, Loaded, Origin, Settings, project_file, resolve, user_file
from chatmodes.settings.catalogue import Setting, catalogue, setting, shown, value_of


def add_parser(commands: Commands) -> None:
    """`settings [list | get | set | unset | path]`."""
    parser = commands.add_parser(
        "settings",
        help="what is set, where it comes from; change it",
        description="What is set and where each value comes from. Changes go to your own settings.toml, whose comments "
        "stay.",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="every setting, its value and where that comes from (the default)")
    listing.add_argument("--json", action="store_true", help="a list of {name, value, origin, kind, default, …}")
    getting = actions.add_parser("get", help="the value of one setting")
    getting.add_argument("name", metavar="NAME", help="such as contemplating.agents")
    setting_ = actions.add_parser("set", help="write one setting")
    setting_.add_argument("name", metavar="NAME", help="such as contemplating.agents")
    setting_.add_argument("value", metavar="VALUE", help="a list's parts are separated by commas")
    unsetting = actions.add_parser("unset", help="take one setting out of your file: the default holds again")
    unsetting.add_argument("name", metavar="NAME", help="such as contemplating.agents")
    actions.add_parser("path", help="where your settings.toml is")


def run(args: argparse.Namespace) -> int:
    """Do what the action says. Raises `ConfigError` for a name, a value or a file that cannot be used."""
    match args.action:
        case "path":
            print(user_file())
        case "get":
            print(_plain(value_of(_public(resolve().settings), args.name)))
        case "set":
            _set(args.name, args.value)
        case "unset":
            _unset(args.name)
        case _:
            loaded = resolve()
            _list(
                msgspec.structs.replace(loaded, settings=_public(loaded.settings)), as_json=getattr(args, "json", False)
            )
    return 0


def _public(settings: Settings) -> Settings:
    """The settings as they may be shown: variables and headers of servers of tools hold keys, as addresses may."""
    servers = {
        name: msgspec.structs.replace(
            server, url=server.url and without_secrets(server.url), env=dict.fromkeys(server.env, "…"),
            headers=dict.fromkeys(server.headers, "…"),
        )
        for name, server in settings.mcp.items()
    }  # fmt: skip
    return msgspec.structs.replace(settings, mcp=servers)


def _list(loaded: Loaded, *, as_json: bool) -> None:
    if as_json:
        items = [_as_json(each, loaded) for each in catalogue()]
        print(escape_controls(json.dumps(items, indent=2, ensure_ascii=False)))
        return
    rows = [
        (
            each.name,
            one_line(shown(value_of(loaded.settings, each.name)), room(60)),
            loaded.origin(each.name),
            each.about,
        )
        for each in catalogue()
    ]
    print(table(("setting", "value", "from", "what it is"), rows))


def _as_json(each: Setting, loaded: Loaded) -> dict[str, Any]:
    value = msgspec.to_builtins(value_of(loaded.settings, each.name))
    default = msgspec.to_builtins(each.default)
    origin = loaded.origin(each.name)
    return {**each._asdict(), "default": default, "value": value, "origin": origin}


def _set(name: str, text: str) -> None:
    from chatmodes.settings.writing import parsed, set_value

    value = parsed(setting(name), text)
    for mode in _modes(name, value):
        if not base.exists(mode):
            raise base.unknown(mode)
    if name in ("tools.use", "tools.allow", "tools.deny"):
        _check_tools(name, cast("tuple[str, ...]", value))
    path = set_value(name, value)
    say(f"{name} = {shown(value)} is in {path}.")
    _tell_overruled(name)


def _modes(name: str, value: object) -> list[str]:
    """The modes that a setting names: which there are is known here, and not by the schema."""
    if name == "mode":
        return [str(value)]
    return [str(each) for each in cast("list[object]", value)] if name == "compare.modes" else []


def _check_tools(name: str, values: Sequence[str]) -> None:
    """Raise `ConfigError` for a tool that there is not and for a rule that is none: every later prompt would."""
    from chatmodes.tools.granting import granted

    granted(resolve().settings, *((values, ()) if name == "tools.use" else ((), values)))


def _unset(name: str) -> None:
    from chatmodes.settings.writing import unset

    if unset(name):
        say(f"{name} is taken out of {user_file()}.")
    else:
        say(f"{name} is not in {user_file()}.")
    _tell_overruled(name)


def _tell_overruled(name: str) -> None:
    """Say where something else decides after all: a change that does nothing would be looked for in vain."""
    try:
        loaded = resolve()
    except ConfigError:  # of a project's file, which every other command tells
        return
    origin, value = loaded.origin(name), shown(value_of(loaded.settings, name))
    places: dict[Origin, str | Path | None] = {"environment": "the environment", "project": project_file()}
    if place := places.get(origin):
        say(f"Here {place} sets it to {value}.")


def _plain(value: object) -> str:
    return clean(value) if isinstance(value, str) else one_line(shown(value), 10_000)
