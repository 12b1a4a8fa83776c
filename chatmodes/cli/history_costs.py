"""`chatmodes history costs`: what was spent on what is stored, in one place."""

import argparse

import msgspec

from chatmodes.cli import say
from chatmodes.cli.table import table
from chatmodes.cli.times import moment
from chatmodes.dollars import money
from chatmodes.store import Store
from chatmodes.store.records import Spent


def show_costs(store: Store, args: argparse.Namespace) -> int:
    """Show the costs; 0. Raises `ConfigError` for a day that is none."""
    since = moment(args.since) if args.since else 0.0
    until = moment(args.until, end=True) if args.until else None
    found = store.spent(since, until)
    if args.json:
        print(msgspec.json.encode(found).decode())
    elif not found:
        say("Nothing was asked in that time." if args.since or args.until else "Nothing was asked yet.")
    else:
        print(table(("model", "for", "calls", "cost"), [*map(_row, found), _row(total(found))], right=(2, 3)))
    return 0


def total(found: list[Spent]) -> Spent:
    """All of it together."""
    known = [each.cost for each in found if each.cost is not None]
    calls, unknown = sum(each.calls for each in found), sum(each.unknown for each in found)
    return Spent(model="all", what="", calls=calls, cost=sum(known) if known else None, unknown=unknown)


def _row(spent: Spent) -> list[str]:
    if spent.cost is None:
        cost = "unknown"
    else:
        cost = money(spent.cost) + (f" and {spent.unknown} unknown" if spent.unknown else "")
    return [spent.model, spent.what, f"{spent.calls:,}", cost]
