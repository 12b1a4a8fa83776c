"""Who wins: Bradley–Terry ratings from the picks that were recorded.

A pick among n answers is read as the winner beating each of the others; a tie as each pair drawing; "none is good" says
nothing about which is better and is only counted. Ratings are on the Elo scale with a mean of 1000: 400 points more
means ten wins to one.

Model: Bradley and Terry, Biometrika 39 (1952), solved by evalica with Newman's iteration (JMLR 24, 2023). Whoever
never lost has no finite rating, so every pair that met also draws half a game: a weak prior that one real game
outweighs. Intervals: the percentile bootstrap over picks (not over pairs: those of one pick stand or fall together).
"""

import itertools
import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from chatmodes.store.records import Pick

PRIOR = 0.5
"""Virtual draws a pair that met; see above."""
ENOUGH = 10
"""Below this many games of a contender an interval says more about luck than about the contender."""


class RatingsError(Exception):
    """The library behind the ratings is not installed; the message says how to get it."""


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

    @property
    def telling(self) -> bool:
        """Whether the best one's interval lies above the second's rating, on enough games."""
        if len(self.standings) < 2:
            return False
        first, second = self.standings[:2]
        return first.enough and second.enough and first.low > second.rating


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


def leaderboard(picks: Sequence[Pick], *, resamples: int = 300, seed: int = 0, prior: float = PRIOR) -> Leaderboard:
    """Ratings of everyone who ever stood. Raises `RatingsError` without the `eval` extra."""
    played = [games for pick in picks if (games := games_of(pick))]
    wins: Counter[tuple[Contender, Contender]] = Counter()
    for a, b, score in itertools.chain.from_iterable(played):
        wins[a, b] += score  # pyright: ignore[reportArgumentType] - halves are counted too
        wins[b, a] += 1 - score  # pyright: ignore[reportArgumentType]
    contenders = sorted({side for pair in wins for side in pair}, key=str)
    standings: list[Standing] = []
    if contenders:
        point = _ratings(contenders, played, prior)
        draw = random.Random(seed)
        samples = [_ratings(contenders, draw.choices(played, k=len(played)), prior) for _ in range(resamples)]
        for n, contender in enumerate(contenders):
            values = sorted(sample[n] for sample in samples)
            low, high = values[int(0.025 * resamples)], values[min(resamples - 1, int(0.975 * resamples))]
            standings.append(Standing(contender, point[n], min(low, point[n]), max(high, point[n])))
    _count(standings, picks, played)
    standings.sort(key=lambda standing: -standing.rating)
    none_good = sum(pick.verdict == "none" for pick in picks)
    return Leaderboard(standings, {pair: float(n) for pair, n in wins.items()}, len(picks), none_good)


def _ratings(contenders: list[Contender], played: list[list[Game]], prior: float) -> list[float]:
    try:
        from evalica import Winner, bradley_terry  # 0.3 to 3 s: it brings pandas and scipy
    except ImportError as error:
        raise RatingsError("Ratings need the extra `eval`: run `uv run --extra eval chatmodes leaderboard`.") from error
    number = {contender: n for n, contender in enumerate(contenders)}
    tally: Counter[tuple[int, int, float]] = Counter()
    for a, b, score in itertools.chain.from_iterable(played):
        tally[number[a], number[b], score] += 1
    met = {(min(a, b), max(a, b)) for a, b, _ in tally}
    rows = [(a, b, score, float(count)) for (a, b, score), count in tally.items()]
    rows += [(a, b, 0.5, prior) for a, b in met if prior]
    outcome = {1.0: Winner.X, 0.5: Winner.Draw, 0.0: Winner.Y}
    result = bradley_terry(
        [a for a, _, _, _ in rows],
        [b for _, b, _, _ in rows],
        [outcome[score] for _, _, score, _ in rows],
        weights=[weight for _, _, _, weight in rows],
        limit=10_000,
    )
    strength = {int(str(key)): float(value) for key, value in result.scores.items()}
    # A resample may leave someone out: nothing is known of them there, so they stand at the mean.
    logs = [400 * math.log10(strength[n]) if strength.get(n) else None for n in range(len(contenders))]
    known = [value for value in logs if value is not None]
    mean = sum(known) / len(known)
    return [1000.0 if value is None else 1000 + value - mean for value in logs]


def _count(standings: list[Standing], picks: Sequence[Pick], played: list[list[Game]]) -> None:
    by = {standing.contender: standing for standing in standings}
    for a, b, score in itertools.chain.from_iterable(played):
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
