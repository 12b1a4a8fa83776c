"""The Bradley–Terry model solved for a table of a few rows.

Libraries for it bring pandas and scipy, ten seconds of importing at worst, for what takes milliseconds here.
"""

import math
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

_SCALE = 400 / math.log(10)
"""Points of the Elo scale for one unit of log-odds."""
_STEPS = 200
_SMALL = 1e-10
_WIDTH = 1.959964
"""Standard errors on either side of a 95% interval."""


class Score(NamedTuple):
    """What one scored against another, by their numbers."""

    left: int
    right: int
    score: float
    """The left one's: 1, 0.5 or 0."""
    games: float
    """How many such games there were, in the ratings."""
    weight: float
    """How many independent ones they are worth, in the intervals."""


class Solved(NamedTuple):
    """Ratings with a mean of 1000, half the width of each one's 95% interval, and whether games connect them all."""

    ratings: list[float]
    spreads: list[float]
    connected: bool


def solve(players: int, scores: Sequence[Score]) -> Solved:
    """Rate players from their games. Those whom no games connect are rated among themselves."""
    ratings, spreads = [1000.0] * players, [0.0] * players
    groups = _groups(players, scores)
    for group in groups:
        place = {player: n for n, player in enumerate(group)}
        inside = [
            score._replace(left=place[score.left], right=place[score.right]) for score in scores if score.left in place
        ]
        strengths = _strengths(len(group), inside)
        errors = _errors(strengths, inside)
        for player, strength, error in zip(group, strengths, errors, strict=True):
            ratings[player] += strength * _SCALE
            spreads[player] = error * _SCALE * _WIDTH
    return Solved(ratings, spreads, len(groups) <= 1)


def chance_of_equals(players: int, scores: Sequence[Score], one: int, other: int) -> float:
    """The two-sided p-value that two players are equal, where games connect all: by the likelihood ratio, which holds
    also for one who never lost. Their intervals against the mean say little of it, as one game moves both.
    """
    weighed = [score._replace(games=score.weight) for score in scores]
    apart = _likelihood(_strengths(players, weighed), weighed)
    place = [n - (n > other) for n in range(players)]
    place[other] = place[one]
    tied = [score._replace(left=place[score.left], right=place[score.right]) for score in weighed]
    between = [score for score in tied if score.left != score.right]
    equal = _likelihood(_strengths(players - 1, between), tied)
    return math.erfc(math.sqrt(max(0.0, apart - equal)))


def _likelihood(strengths: list[float], scores: Sequence[Score]) -> float:
    """The logarithm of how likely the games are; a draw is half of each."""
    total = 0.0
    for left, right, score, games, _ in scores:
        lead = strengths[left] - strengths[right]
        total -= games * (score * math.log1p(math.exp(-lead)) + (1 - score) * math.log1p(math.exp(lead)))
    return total


def _groups(players: int, scores: Sequence[Score]) -> list[list[int]]:
    leader = list(range(players))

    def find(player: int) -> int:
        while leader[player] != player:
            player = leader[player]
        return player

    for score in scores:
        leader[find(score.left)] = find(score.right)
    groups: dict[int, list[int]] = {}
    for player in range(players):
        groups.setdefault(find(player), []).append(player)
    return list(groups.values())


def _strengths(players: int, scores: Sequence[Score]) -> list[float]:
    """The log-odds that make the games likeliest, with a mean of 0: Newton's steps, none so long that it overshoots."""
    tally: Counter[tuple[int, int, float]] = Counter()
    for left, right, score, games, _ in scores:
        tally[left, right, score] += games  # pyright: ignore[reportArgumentType] - half a draw counts too
    strengths = [0.0] * players
    for _ in range(_STEPS):
        gradient = [0.0] * players
        curvature = [[0.0] * players for _ in range(players)]
        for (left, right, score), count in tally.items():
            expected = 1 / (1 + math.exp(strengths[right] - strengths[left]))
            gradient[left] += count * (score - expected)
            gradient[right] -= count * (score - expected)
            _bend(curvature, left, right, count * expected * (1 - expected))
        inverse = _inverse(curvature)
        steps = [sum(map(float.__mul__, row, gradient)) for row in inverse]
        longest = max(map(abs, steps))
        shortened = min(1.0, 1 / longest) if longest else 1.0
        strengths = [strength + shortened * step for strength, step in zip(strengths, steps, strict=True)]
        if longest < _SMALL:
            break
    mean = sum(strengths) / players
    return [strength - mean for strength in strengths]


def _errors(strengths: list[float], scores: Sequence[Score]) -> list[float]:
    """The standard error of each strength against their mean."""
    curvature = [[0.0] * len(strengths) for _ in strengths]
    for left, right, _, _, weight in scores:
        expected = 1 / (1 + math.exp(strengths[right] - strengths[left]))
        _bend(curvature, left, right, weight * expected * (1 - expected))
    return [math.sqrt(max(row[n], 0.0)) for n, row in enumerate(_inverse(curvature))]


def _bend(curvature: list[list[float]], left: int, right: int, by: float) -> None:
    curvature[left][left] += by
    curvature[right][right] += by
    curvature[left][right] -= by
    curvature[right][left] -= by


def _inverse(curvature: list[list[float]]) -> list[list[float]]:
    """The inverse among strengths with a mean of 0, for only differences count: Gauss and Jordan with pivots."""
    n = len(curvature)
    rows = [
        [value + 1 / n for value in row] + [float(at == column) for column in range(n)]
        for at, row in enumerate(curvature)
    ]
    for column in range(n):
        pivot = max(range(column, n), key=lambda at: abs(rows[at][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        divisor = rows[column][column]
        rows[column] = [value / divisor for value in rows[column]]
        for at in range(n):
            if at != column and (factor := rows[at][column]):
                rows[at] = [value - factor * own for value, own in zip(rows[at], rows[column], strict=True)]
    return [[value - 1 / n for value in row[n:]] for row in rows]
