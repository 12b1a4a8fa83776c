"""A leaderboard told as lines of text, JSON or a picture: one telling for the command and the screen."""

from pathlib import Path
from statistics import median
from typing import Any

from chatmodes.comparing.ratings import ENOUGH, Leaderboard, RatingsError, Standing
from chatmodes.dollars import money


def verdict(board: Leaderboard) -> str:
    """One sentence on whether the picks tell who is better."""
    if not board.standings:
        return "There are no picks yet: compare a prompt with /compare and pick the better answer."
    if board.telling:
        first, second = board.standings[:2]
        return f"{first.contender} is ahead of {second.contender}."
    if not board.connected:
        return "Nobody knows: some of them never met, neither in a comparison nor by way of another."
    few = [standing for standing in board.standings if not standing.enough]
    if few:
        return f"Too few picks to tell: {len(few)} of {len(board.standings)} have played fewer than {ENOUGH} games."
    return f"Too close to tell: the first two may well be equal (p = {board.chance:.2f})."


def rows(board: Leaderboard) -> list[list[str]]:
    """A row for each contender: place, name, rating, interval, games, share won, median cost and median time."""
    return [
        [
            str(place),
            standing.contender.mode,
            standing.contender.model,
            f"{standing.rating:.0f}",
            f"{standing.low:.0f}–{standing.high:.0f}",
            str(standing.games),
            f"{standing.wins / standing.games:.0%}",
            money(median(standing.costs) if standing.costs else None),
            f"{median(standing.seconds):.1f} s" if standing.seconds else "unknown",
        ]
        for place, standing in enumerate(board.standings, 1)
    ]


PICTURES = (".png", ".svg")
HEADER = ["", "mode", "model", "rating", "95%", "games", "won", "cost", "time"]
NUMBERS = (0, 3, 4, 5, 6, 7, 8)


def bars(board: Leaderboard, width: int = 60) -> list[str]:
    """The ratings with their intervals on one scale, a line each: `├────●───┤ instant · m`."""
    if not board.standings:
        return []
    low, high = min(s.low for s in board.standings), max(s.high for s in board.standings)
    scale = (width - 1) / ((high - low) or 1)
    return [f"{_bar(standing, low, scale, width)}  {standing.contender}" for standing in board.standings]


def _bar(standing: Standing, low: float, scale: float, width: int) -> str:
    start, point, end = (round((value - low) * scale) for value in (standing.low, standing.rating, standing.high))
    cells = [" "] * width
    for cell in range(start, end + 1):
        cells[cell] = "─"
    cells[start], cells[end] = "├", "┤"
    cells[point] = "●"
    return "".join(cells)


def matrix(board: Leaderboard) -> list[list[str]]:
    """Who beat whom how often: a row for each contender, in the leaderboard's order; a draw is half a win for both."""
    order = [standing.contender for standing in board.standings]
    return [
        [f"{place}", str(row), *("·" if row == column else f"{board.wins.get((row, column), 0):g}" for column in order)]
        for place, row in enumerate(order, 1)
    ]


def as_json(board: Leaderboard) -> dict[str, Any]:
    """All figures, for other programs."""
    return {
        "picks": board.picks,
        "none_good": board.none_good,
        "telling": board.telling,
        "p_value": board.chance,
        "connected": board.connected,
        "standings": [
            {
                "mode": s.contender.mode,
                "model": s.contender.model,
                "rating": round(s.rating, 1),
                "low": round(s.low, 1),
                "high": round(s.high, 1),
                "games": s.games,
                "wins": s.wins,
                "cost": median(s.costs) if s.costs else None,
                "seconds": median(s.seconds) if s.seconds else None,
            }
            for s in board.standings
        ],
        "wins": [
            {"winner": str(winner), "loser": str(loser), "games": games}
            for (winner, loser), games in board.wins.items()
            if games
        ],
    }


def draw(board: Leaderboard, path: Path) -> None:
    """The ratings with their intervals as a picture, in the form of the name's ending. Raises `RatingsError`."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise RatingsError("Pictures need the extra `eval`: run `uv run --extra eval chatmodes …`.") from error
    names = [str(standing.contender) for standing in board.standings]
    values = [standing.rating for standing in board.standings]
    below = [standing.rating - standing.low for standing in board.standings]
    above = [standing.high - standing.rating for standing in board.standings]
    figure = Figure(figsize=(8, 1.5 + 0.45 * len(names)), layout="constrained")
    axes = figure.add_subplot()
    axes.errorbar(values, range(len(names)), xerr=[below, above], fmt="o", capsize=4, color="#3a5bc7")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("Bradley–Terry rating, 95% interval")
    axes.set_title(f"{board.picks} picks")
    axes.grid(axis="x", alpha=0.3)
    figure.savefig(path, dpi=150)
