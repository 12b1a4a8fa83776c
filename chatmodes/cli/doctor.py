"""`chatmodes doctor`: what is configured, what is reachable, and what to do about the rest.

Exit 0 if at least one model can answer, 1 if none can, 2 if a configuration file is broken. A broken file does not end
the examination: the rest is looked at with the defaults in its place.
"""

import argparse
from collections.abc import Sequence
from itertools import groupby

import anyio
import msgspec

from chatmodes.cli import FAILED, USAGE, complain
from chatmodes.cli.findings import Finding, configuration, database, keys, models, program, servers, tools
from chatmodes.cli.options import Commands
from chatmodes.cli.terminal import terminal
from chatmodes.sanitize import escape_controls, one_line

_SIGNS = {"ok": "✓", "note": "·", "problem": "✗"}


def add_parser(commands: Commands) -> None:
    """`doctor [--json]`."""
    parser = commands.add_parser(
        "doctor",
        help="what is configured, what is reachable, and how to mend the rest",
        description="Asks providers whose keys are here and servers on this machine. No key is shown or stored.",
    )
    parser.add_argument("--json", action="store_true", help='{"ok", "findings": [{area, name, state, detail, hint}]}')


def run(args: argparse.Namespace) -> int:
    """Examine everything and print what was found."""
    found = configuration()
    findings = [*program(), *found.findings]
    works = False
    if found.profiles:
        findings += keys(found.profiles)
        asked, works = anyio.run(models, found.profiles, found.settings)
        findings += asked
        findings += [*tools(found.settings), *anyio.run(servers, found.settings)]
    findings += [*database(), *terminal()]
    if args.json:
        report = {"ok": works and not found.broken, "findings": findings}
        print(escape_controls(msgspec.json.format(msgspec.json.encode(report)).decode()))
    else:
        _print(findings)
    if found.broken:
        broken = next(each for each in findings if each.area == "configuration" and each.state == "problem")
        complain(broken.detail, broken.hint)
        return USAGE
    if not works:
        complain("No model can answer.", "The lines marked ✗ say what to do.")
        return FAILED
    return 0


def _print(findings: Sequence[Finding]) -> None:
    wide = max(len(finding.name) for finding in findings)
    for area, group in groupby(findings, key=lambda finding: finding.area):
        print(area)
        for finding in group:
            name = one_line(finding.name, wide).ljust(wide)
            print(f"  {_SIGNS[finding.state]} {name}  {one_line(finding.detail, 1000)}")
            if finding.hint and finding.state != "ok":
                print(f"    {' ' * wide}  → {one_line(finding.hint, 1000)}")
