"""`chatmodes keys`: store, list and remove API keys.

A key is never taken from the command line, where other users' process lists and the shell's history would have it; it
is asked for without echo, or read from stdin.
"""

import argparse
import getpass
import json
import sys

from chatmodes.cli import say
from chatmodes.cli.options import Commands
from chatmodes.cli.streams import piped_text
from chatmodes.cli.table import table
from chatmodes.providers.keys import lookup as keys
from chatmodes.providers.known.ids import ENDPOINT, LOCAL
from chatmodes.providers.known.profiles import Profile, load_profiles
from chatmodes.settings import ConfigError

_LONGEST = 100_000
"""Bytes on stdin beyond which it is no key."""


def add_parser(commands: Commands) -> None:
    """`keys set|list|remove`."""
    parser = commands.add_parser(
        "keys",
        help="store, list and remove API keys",
        description="Keys are looked for in the environment, then the system's keyring, then a file only you can read.",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    setting = actions.add_parser("set", help="store a key; asks for it, or reads it from stdin")
    setting.add_argument("provider", metavar="PROVIDER")
    # Taken only to be turned down: argparse's own error would print it.
    setting.add_argument("key", nargs="*", default=[], help=argparse.SUPPRESS)
    listing = actions.add_parser("list", help="where the keys are; never the keys themselves")
    listing.add_argument("--json", action="store_true", help="a list of {provider, source, detail, problem}")
    removing = actions.add_parser("remove", help="delete a stored key")
    removing.add_argument("provider", metavar="PROVIDER")


def run(args: argparse.Namespace) -> int:
    """Do what the action says. Raises `ConfigError` for a key or a place that cannot be used."""
    profiles = load_profiles()
    if args.action == "list":
        return _list(profiles, as_json=args.json)
    profile = _profile(profiles, args.provider)
    if args.action == "set":
        return _set(profile, on_command_line=bool(args.key))
    return _remove(profile)


def _list(profiles: dict[str, Profile], *, as_json: bool) -> int:
    places = keys.list_keys(profiles.values())
    if as_json:
        fields = ("provider", "source", "detail", "problem", "hint")
        print(json.dumps([{field: getattr(place, field) for field in fields} for place in places], indent=2))
        return 0
    if not places:
        say("No keys yet. Set a provider's variable (such as OPENAI_API_KEY), or: chatmodes keys set PROVIDER")
        return 0
    rows = [
        (place.provider, place.source or "nowhere", f"{place.problem} {place.hint}" if place.problem else place.detail)
        for place in places
    ]
    print(table(("provider", "key from", "where"), rows))
    return 0


def _set(profile: Profile, *, on_command_line: bool) -> int:
    if on_command_line:
        raise ConfigError(
            "A key on the command line can be read by others, so it was not stored.",
            f"Run `chatmodes keys set {profile.id}` and paste it there; and consider making a new key.",
        )
    place = keys.set_key(profile.id, _ask(profile))
    where = "the system's keyring" if place.source == "keyring" else place.detail
    say(f"{profile.name}'s key is stored in {where}.")
    now = keys.where(profile, ask_keyring=False)
    if now.source == "environment":
        say(f"The variable {now.detail} is set and is used instead.")
    return 0


def _ask(profile: Profile) -> str:
    if sys.stdin.isatty():
        page = f" ({profile.key_page})" if profile.key_page else ""
        try:
            return getpass.getpass(f"Key for {profile.name}{page}: ", stream=sys.stderr).strip()
        except EOFError:
            raise KeyboardInterrupt from None
    key = piped_text(most=_LONGEST).strip()  # a pipe nearly always ends in a newline
    if "\ufffd" in key:
        raise ConfigError("What came on stdin is no text.", "Pipe the key alone into the command.")
    return key


def _remove(profile: Profile) -> int:
    removed = keys.remove_key(profile.id)
    place = keys.where(profile)
    if removed:
        say(f"{profile.name}'s key is removed from the {' and the '.join(removed)}.")
    if place.source == "environment":
        say(f"The variable {place.detail} still holds a key.")
        return 0
    if removed:
        return 0
    raise ConfigError(f"No key of {profile.name} is stored.", "`chatmodes keys list` shows those that are.")


def _profile(profiles: dict[str, Profile], name: str) -> Profile:
    known = {each: profile for each, profile in profiles.items() if each not in (ENDPOINT, LOCAL)}
    if name in known:
        return known[name]
    if name == ENDPOINT:
        raise ConfigError("An endpoint given by --base-url has no stored key.", "Set CHATMODES_API_KEY.")
    raise ConfigError(
        f'There is no provider "{name}".', f"Known: {', '.join(known)}. Others go into your providers.toml."
    )
