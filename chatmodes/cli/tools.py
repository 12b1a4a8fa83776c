"""`chatmodes tools`: the tools there are, and the rules of what runs without being asked about."""

import argparse

from chatmodes.cli.options import Commands
from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError, load


def add_parser(commands: Commands) -> None:
    """The command's options."""
    parser = commands.add_parser("tools", help="the tools there are, and the rules of what may run")
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("list", help="the tools there are")
    actions.add_parser("rules", help="what runs without being asked about, and what never runs")
    actions.add_parser("revoke", help="take a rule back").add_argument("rule", metavar="RULE")


def run(args: argparse.Namespace) -> int:
    """Do it, and return the exit code."""
    from chatmodes.tools.approval import revoke_rule

    if args.action == "revoke":
        revoke_rule(args.rule)
        print(f"{one_line(args.rule, 200)} is taken back: such calls are asked about again.")
        return 0
    return _rules() if args.action == "rules" else _list()


def _rules() -> int:
    settings = load().tools
    for word, rules in (("allow", settings.allow), ("deny ", settings.deny)):
        for rule in rules:
            print(one_line(f"{word}  {rule}", 10_000))
    if not settings.allow and not settings.deny:
        print("There is no rule: what touches anything is asked about each time.")
    return 0


def _list() -> int:
    from chatmodes.tools import registry
    from chatmodes.tools.base import touching

    for name in registry.names():
        try:
            offer = registry.get(name)
        except ConfigError as error:
            print(one_line(f"{name}  {error}", 10_000))
        else:
            print(one_line(f"{name}  ({touching(offer.touches)})  {offer.tool.description}", 2_000))
    for name in load().mcp:
        print(one_line(f"{registry.SERVER}{name}  `chatmodes mcp test {name}` lists its tools", 2_000))
    return 0
