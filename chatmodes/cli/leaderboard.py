"""`chatmodes leaderboard`: which mode and model won, from the picks that were recorded."""

import argparse
import json
from datetime import datetime
from pathlib import Path

from chatmodes.cli import FAILED, complain
from chatmodes.cli.options import Commands
from chatmodes.cli.table import table
from chatmodes.comparing.board import HEADER, NUMBERS, as_json, bars, draw, matrix, rows, verdict
from chatmodes.comparing.ratings import RatingsError, leaderboard
from chatmodes.opening import open_database
from chatmodes.sanitize import clean, one_line
from chatmodes.settings import ConfigError
from chatmodes.store import StoreError


def add_parser(commands: Commands) -> None:
    """The command's options."""
    parser = commands.add_parser(
        "leaderboard",
        help="which mode and model won your comparisons",
        description="Bradley–Terry ratings of modes and models from the picks you made in comparisons.",
    )
    parser.add_argument("--since", metavar="DATE", help="only picks from this day on (YYYY-MM-DD)")
    parser.add_argument("--topic", metavar="TEXT", help="only comparisons with this topic")
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    parser.add_argument("--plot", metavar="FILE", type=Path, help="write a picture, PNG or SVG")


def run(args: argparse.Namespace) -> int:
    """Show the leaderboard, and return the exit code."""
    since = _day(args.since)
    try:
        with open_database() as store:
            picks = store.picks(since=since, topic=args.topic)
    except StoreError as error:
        complain(error.message, error.hint)
        return FAILED
    try:
        board = leaderboard(picks)
        if args.plot and board.standings:
            draw(board, args.plot)
    except RatingsError as error:
        complain(str(error))
        return FAILED
    if args.json:
        print(json.dumps(as_json(board), indent=2))
        return 0
    if board.standings:
        print(table(HEADER, rows(board), right=NUMBERS), end="\n\n")
        print(clean("\n".join(bars(board))), end="\n\n")
        if len(board.standings) > 1:
            numbers = [str(n) for n in range(1, len(board.standings) + 1)]
            print(table(["", "won against", *numbers], matrix(board), right=range(2, 2 + len(numbers))), end="\n\n")
    said = f" In {board.none_good} of {board.picks} none was good." if board.none_good else ""
    print(one_line(verdict(board), 1000) + said)
    return 0


def _day(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise ConfigError(f"{text!r} is no date.", "Write it as 2026-11-24.") from None
