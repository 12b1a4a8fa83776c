"""`chatmodes leaderboard`: which mode and model won, from the picks that were recorded."""

import argparse
import json
from pathlib import Path

from chatmodes.cli import FAILED, USAGE, complain
from chatmodes.cli.options import Commands
from chatmodes.cli.table import UNCUT, across, counted, fits, table
from chatmodes.cli.times import local, moment
from chatmodes.comparing.board import HEADER, NUMBERS, PICTURES, as_json, bars, draw, matrix, rows, verdict
from chatmodes.comparing.ratings import Leaderboard, RatingsError, leaderboard
from chatmodes.opening import open_database
from chatmodes.sanitize import clean, one_line
from chatmodes.settings import ConfigError
from chatmodes.store import StoreError
from chatmodes.store.records import Pick


def add_parser(commands: Commands) -> None:
    """The command's options."""
    parser = commands.add_parser(
        "leaderboard",
        help="which mode and model won your comparisons",
        description="Bradley–Terry ratings of modes and models from the picks you made in comparisons.",
    )
    parser.add_argument("--since", metavar="DATE", help="only picks from this day on, or 30d for 30 days back")
    parser.add_argument("--topic", metavar="TEXT", help="only comparisons with this topic")
    parser.add_argument("--json", action="store_true", help="all figures as JSON")
    parser.add_argument("--plot", metavar="FILE", type=Path, help="write a picture, PNG or SVG")


def run(args: argparse.Namespace) -> int:
    """Show the leaderboard, and return the exit code. Raises `ConfigError` for a date, a topic or a file's ending."""
    since = moment(args.since) if args.since else None
    if args.plot and args.plot.suffix.lower() not in PICTURES:
        raise ConfigError(f"{args.plot} is no picture.", f"Name a file that ends in {' or '.join(PICTURES)}.")
    try:
        with open_database() as store:
            every = store.picks()
    except StoreError as error:
        complain(error.message, error.hint)
        return FAILED
    picks = _asked_for(every, since, args.topic)
    board = leaderboard(picks)
    if args.plot and not board.standings:
        complain(f"{args.plot} is not written, as there is nothing to draw.")
    elif args.plot:
        try:
            draw(board, args.plot)
        except RatingsError as error:
            complain(str(error))
            return USAGE
    if args.json:
        print(json.dumps(as_json(board), indent=2))
        return 0
    if board.standings:
        whole = _whole(board)
        print(whole if fits(whole) else _narrow(board), end="\n\n")
    said = f" In {board.none_good} of {board.picks} none was good." if board.none_good else ""
    if every and not picks:
        print(f"No pick is that recent; the last of {counted(len(every), 'pick')} is of {local(every[-1].at)}.")
    else:
        print(one_line(verdict(board), 1000) + said)
    return 0


def _whole(board: Leaderboard) -> str:
    """Table, intervals, and who won against whom."""
    parts = [table(HEADER, rows(board), right=NUMBERS, limit=UNCUT), clean("\n".join(bars(board)))]
    if len(board.standings) > 1:
        places = [str(place) for place in range(1, len(board.standings) + 1)]
        won = table(["", "won against", *places], matrix(board), right=range(2, 2 + len(places)), limit=UNCUT)
        parts.append(won)
    return "\n\n".join(parts)


def _narrow(board: Leaderboard) -> str:
    """The same for a terminal that has no room for the models' names beside figures: those stand below the names, and
    places stand for them from there on."""
    told = list[str]()
    for place, mode, model, rating, interval, games, won, cost, seconds in rows(board):
        told.append(f"{place:>2}  {one_line(f'{mode} · {model}', UNCUT)}")
        told.append(f"    {rating} ({interval}), {games} games, {won} won, {cost}, {seconds}")
    wide = max(20, min(60, across() - 4))
    drawn = [f"{place:>2}  {bar[:wide].rstrip()}" for place, bar in enumerate(bars(board, wide), 1)]
    parts = ["\n".join(told), "\n".join(drawn)]
    if len(board.standings) > 1:
        places = [str(place) for place in range(1, len(board.standings) + 1)]
        won_against = [[place, *games] for place, _, *games in matrix(board)]
        parts.append(table(["won", *places], won_against, right=range(len(places) + 1)))
    return "\n\n".join(parts)


def _asked_for(every: list[Pick], since: float | None, topic: str | None) -> list[Pick]:
    """The picks of a time and a topic. Raises `ConfigError` for a topic that none has."""
    topics = sorted({pick.topic for pick in every if pick.topic})
    if topic is not None and topic not in topics:
        there = f"There are: {', '.join(topics)}." if topics else "A topic is given with a pick, in the chat."
        raise ConfigError(f"No pick has the topic {one_line(topic, 60)!r}.", one_line(there, 1000))
    return [pick for pick in every if (since is None or pick.at >= since) and (topic is None or pick.topic == topic)]
