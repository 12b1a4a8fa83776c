"""Who wins: Bradley–Terry ratings from the picks that were recorded.

A pick among n answers is read as the winner beating each of the others; a tie as each pair drawing; "none is good" says
nothing about which is better and is only counted. Ratings are on the Elo scale with a mean of 1000: 400 points more
means ten wins to one.

Model: Bradley and Terry, Biometrika 39 (1952), solved in `bradley_terry`. Whoever never lost has no finite rating, so
every pair that met also draws half a game: a weak prior that one real game outweighs. Intervals: from the curvature of
the likelihood, which is as flat as the picks are few, also where all of them say the same (a bootstrap over one pick
finds an interval of nothing). The games of one pick stand or fall together, so they count there as the one choice
among n that they are.
"""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from chatmodes.comparing.bradley_terry import Score, chance_of_equals, solve
from chatmodes.store.records import Pick

PRIOR = 0.5
"""Virtual draws a pair that met; see above."""
ENOUGH = 10
"""Below this many games of a contender an interval says more about luck than about the contender."""

CHANCE = 0.05
"""Below this p-value the first is said to be ahead of the second."""


class RatingsError(Exception):
    """The ratings cannot be drawn; the message says why, and what helps."""


@dataclass(frozen=True)
class Contender:
    """A mode with a model: what stands for election."""

    mode: str
    model: str

    def __str__(self) -> str:
        return f"{self.mode} · {self.model}"


@dataclass
class Standing:
    """One line of the leaderboard."""

    contender: Contender
    rating: float
    low: float
    """The lower end of the 95% interval."""
    high: float
    wins: float = 0.0
    """Games won; a draw counts half."""
    games: int = 0
    comparisons: int = 0
    costs: list[float] = field(default_factory=list[float])
    """Of the runs whose cost is known, US dollars each."""
    seconds: list[float] = field(default_factory=list[float])

    @property
    def enough(self) -> bool:
        """Whether there are enough games for the rating to mean something."""
        return self.games >= ENOUGH


@dataclass
class Leaderboard:
    """Everything the table, the screen and the plot show."""

    standings: list[Standing]
    """Best first."""
    wins: dict[tuple[Contender, Contender], float]
    """How often the first beat the second; a draw counts half for both."""
    picks: int
    none_good: int
    """Picks that said none was good."""
    connected: bool = True
    """Whether games lead from each to each; ratings of those that none connects cannot be compared."""

    chance: float | None = None
    """The p-value that the first two are equal; None of fewer, and where games do not connect all."""

    @property
    def telling(self) -> bool:
        """Whether the best one is ahead of the second beyond chance, on enough games."""
        enough = all(standing.enough for standing in self.standings[:2])
        return self.chance is not None and self.chance < CHANCE and enough


Game = tuple[Contender, Contender, float]
"""Left, right, and what the left one scored: 1, 0.5 or 0."""


def games_of(pick: Pick) -> list[Game]:
    """The games a pick stands for. Runs of the same contender do not play each other."""
    who = {run.id: Contender(run.mode, run.model) for run in pick.runs}
    if pick.verdict == "tie":
        pairs = itertools.combinations(dict.fromkeys(who.values()), 2)
        return [(a, b, 0.5) for a, b in pairs]
    winner = who.get(pick.winner or "")
    if pick.verdict != "winner" or winner is None:
        return []
    return [(winner, other, 1.0) for other in dict.fromkeys(who.values()) if other != winner]


def leaderboard(picks: Sequence[Pick], *, prior: float = PRIOR) -> Leaderboard:
    """Ratings of everyone who ever stood."""
    played = [(games, len(pick.runs)) for pick in picks if (games := games_of(pick))]
    all_games = [game for games, _ in played for game in games]
    wins: Counter[tuple[Contender, Contender]] = Counter()
    for a, b, score in all_games:
        wins[a, b] += score  # pyright: ignore[reportArgumentType] - halves are counted too
        wins[b, a] += 1 - score  # pyright: ignore[reportArgumentType]
    contenders = sorted({side for pair in wins for side in pair}, key=str)
    scores = _scores(contenders, played, prior)
    solved = solve(len(contenders), scores)
    standings = [
        Standing(contender, rating, rating - spread, rating + spread)
        for contender, rating, spread in zip(contenders, solved.ratings, solved.spreads, strict=True)
    ]
    _count(standings, picks, all_games)
    standings.sort(key=lambda standing: -standing.rating)
    chance = None
    if len(standings) > 1 and solved.connected:
        first, second = (contenders.index(standing.contender) for standing in standings[:2])
        chance = chance_of_equals(len(contenders), scores, first, second)
    none_good = sum(pick.verdict == "none" for pick in picks)
    won = {pair: float(n) for pair, n in wins.items()}
    return Leaderboard(standings, won, len(picks), none_good, solved.connected, chance)


def _scores(contenders: list[Contender], played: list[tuple[list[Game], int]], prior: float) -> list[Score]:
    """The games by the contenders' places, with what each weighs in the intervals, and the prior's draws."""
    number = {contender: n for n, contender in enumerate(contenders)}
    scores: list[Score] = []
    met: set[tuple[int, int]] = set()
    for games, answers in played:
        decided = any(score != 0.5 for _, _, score in games)
        weight = min(1.0, 2 / answers if decided else 4 / answers**2)  # as much as one choice among so many
        for a, b, score in games:
            left, right = number[a], number[b]
            met.add((min(left, right), max(left, right)))
            scores.append(Score(left, right, score, 1.0, weight))
    return scores + [Score(a, b, 0.5, prior, prior) for a, b in sorted(met) if prior]


def _count(standings: list[Standing], picks: Sequence[Pick], games: list[Game]) -> None:
    by = {standing.contender: standing for standing in standings}
    for a, b, score in games:
        by[a].games += 1
        by[b].games += 1
        by[a].wins += score
        by[b].wins += 1 - score
    for pick in picks:
        for run in pick.runs:
            standing = by.get(Contender(run.mode, run.model))
            if standing is None:
                continue
            standing.comparisons += 1
            if run.cost is not None:
                standing.costs.append(run.cost)
            if run.seconds is not None:
                standing.seconds.append(run.seconds)
