"""`chatmodes completion`: a script that lets bash, zsh or fish complete commands, options, modes and settings."""

import argparse
from collections.abc import Iterator

from chatmodes.cli import whole_parser
from chatmodes.cli.options import Commands
from chatmodes.cli.parsers import actions, commands

SHELLS = {
    "bash": "~/.local/share/bash-completion/completions/chatmodes",
    "zsh": "a folder of your $fpath, as _chatmodes",
    "fish": "~/.config/fish/completions/chatmodes.fish",
}
"""The shells there is a script for, and where each looks for it."""

_FILES = ("FILE", "FILE|URL|-", "FOLDER")


def add_parser(commands: Commands) -> None:
    """`completion bash|zsh|fish`."""
    parser = commands.add_parser(
        "completion",
        help="completion for bash, zsh and fish",
        description="Print a script that lets a shell complete commands, options, modes and the names of settings.",
        epilog="Put it where the shell looks: "
        + "; ".join(f"{shell}: {place}" for shell, place in SHELLS.items())
        + ".",
    )
    parser.add_argument("shell", choices=list(SHELLS), metavar="SHELL", help="%(choices)s")


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    print(script(args.shell))
    return 0


def script(shell: str) -> str:
    """The completion script for one of `SHELLS`."""
    import shtab

    from chatmodes.settings.catalogue import catalogue

    parser = whole_parser()
    for command, action in _every(parser):
        if action.metavar in _FILES:
            action.complete = shtab.FILE  # pyright: ignore[reportAttributeAccessIssue] - how shtab is told
        elif command == "settings" and action.dest == "name":
            action.choices = [setting.name for setting in catalogue()]
    return shtab.complete(parser, shell)


def _every(parser: argparse.ArgumentParser, command: str = "") -> Iterator[tuple[str, argparse.Action]]:
    """Every option and argument, with the command that it belongs to."""
    yield from ((command, action) for action in actions(parser))
    for name, inner in commands(parser).items():
        yield from _every(inner, command or name)
