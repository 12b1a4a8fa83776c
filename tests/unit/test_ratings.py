"""Ratings from picks, checked against a published table."""

import math

import pytest

from chatmodes.comparing.ratings import Contender, leaderboard
from chatmodes.store.records import Pick, StoredRun, Verdict

TEAMS = ["Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore"]
WINS = [
    [0, 7, 9, 7, 7, 9, 11],
    [6, 0, 7, 5, 11, 9, 9],
    [4, 6, 0, 7, 7, 8, 12],
    [6, 8, 6, 0, 6, 7, 10],
    [6, 2, 6, 7, 0, 7, 12],
    [4, 4, 5, 6, 6, 0, 6],
    [2, 4, 1, 3, 1, 7, 0],
]
PUBLISHED = [1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0.0]
"""Agresti, Categorical Data Analysis, 2nd ed., table 10.10: American League 1987, log abilities against Baltimore."""


def pick(verdict: Verdict, *names: str, cost: float | None = None) -> Pick:
    """A pick among models of these names, in which the first wins where there is a winner."""
    runs = tuple(
        StoredRun(
            id=name, message="", conversation="", mode="instant", model=name, status="finished", created=0, cost=cost
        )
        for name in names
    )
    winner = names[0] if verdict == "winner" else None
    return Pick(id="", comparison="", verdict=verdict, winner=winner, reason="", topic="", at=0, blind=False, runs=runs)


def test_the_published_abilities_come_out() -> None:
    picks = [pick("winner", a, b) for i, a in enumerate(TEAMS) for j, b in enumerate(TEAMS) for _ in range(WINS[i][j])]
    board = leaderboard(picks, resamples=1, prior=0)
    rating = {standing.contender.model: standing.rating for standing in board.standings}
    abilities = [(rating[team] - rating["Baltimore"]) * math.log(10) / 400 for team in TEAMS]
    assert abilities == pytest.approx(PUBLISHED, abs=0.006)


def test_one_who_never_lost_has_a_finite_rating_and_is_not_yet_telling() -> None:
    board = leaderboard([pick("winner", "a", "b", "c"), pick("winner", "b", "c")])
    assert [standing.contender.model for standing in board.standings] == ["a", "b", "c"]
    assert all(800 < standing.rating < 1200 for standing in board.standings)
    assert not board.telling


def test_a_clear_lead_over_many_picks_is_telling() -> None:
    board = leaderboard([pick("winner", "a", "b")] * 30 + [pick("winner", "b", "a")] * 4)
    assert board.telling
    assert board.wins[Contender("instant", "a"), Contender("instant", "b")] == 30


def test_ties_draw_and_none_good_is_only_counted() -> None:
    board = leaderboard([pick("tie", "a", "b", cost=0.5), pick("none", "a", "b")])
    a, b = board.standings
    assert a.rating == pytest.approx(b.rating)
    assert (a.wins, a.games, board.none_good) == (0.5, 1, 1)
    assert a.costs == [0.5]


def test_no_picks_make_an_empty_board() -> None:
    assert leaderboard([]).standings == []
