"""Ratings from picks, checked against a published table."""

import math

import pytest

from chatmodes.comparing.board import verdict
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
    board = leaderboard(picks, prior=0)
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


@pytest.mark.parametrize(
    ("won", "lost", "telling"),
    [(12, 0, True), (15, 5, True), (20, 8, True), (8, 2, False), (10, 4, False), (14, 6, False), (20, 10, False)],
)
def test_a_lead_that_chance_explains_is_not_telling(won: int, lost: int, telling: bool) -> None:
    """As the sign test has it: 0.049 and less for those that tell, 0.098 and more for those that do not."""
    board = leaderboard([pick("winner", "a", "b")] * won + [pick("winner", "b", "a")] * lost)
    assert board.telling is telling
    assert ("is ahead of" in verdict(board)) is telling
    assert ("Too close to tell" in verdict(board)) is not telling


def test_the_chance_of_equals_is_that_of_the_likelihood_ratio() -> None:
    """statsmodels' deviances of the logistic regressions with and without a difference of the first two."""
    games = [("a", "b")] * 14 + [("b", "a")] * 6 + [("a", "c")] * 9 + [("c", "b")] * 5 + [("b", "c")] * 6
    assert leaderboard([pick("winner", *game) for game in games], prior=0).chance == pytest.approx(
        0.008508936316526704, rel=1e-6
    )


def test_ties_draw_and_none_good_is_only_counted() -> None:
    board = leaderboard([pick("tie", "a", "b", cost=0.5), pick("none", "a", "b")])
    a, b = board.standings
    assert a.rating == pytest.approx(b.rating)
    assert (a.wins, a.games, board.none_good) == (0.5, 1, 1)
    assert a.costs == [0.5]


def test_no_picks_make_an_empty_board() -> None:
    assert leaderboard([]).standings == []


def test_the_published_errors_come_out() -> None:
    """Agresti gives 0.34 as the error of each difference to Baltimore; each against the mean is within 0.2 and 0.25."""
    picks = [pick("winner", a, b) for i, a in enumerate(TEAMS) for j, b in enumerate(TEAMS) for _ in range(WINS[i][j])]
    board = leaderboard(picks, prior=0)
    errors = [(s.high - s.low) / 2 / 1.96 * math.log(10) / 400 for s in board.standings]
    assert all(0.19 < error < 0.26 for error in errors)


@pytest.mark.parametrize("picks", [[pick("tie", "a", "b")], [pick("winner", "a", "b")], [pick("tie", *"abcde")]])
def test_one_pick_leaves_everything_open(picks: list[Pick]) -> None:
    board = leaderboard(picks)
    assert all(standing.high - standing.low > 400 for standing in board.standings)
    assert not board.telling


def test_intervals_narrow_with_the_picks_and_never_vanish() -> None:
    widths = [
        (standing := leaderboard([pick("tie", "a", "b")] * n).standings[0]).high - standing.low for n in (1, 10, 1000)
    ]
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] > 10


def test_a_pick_among_many_is_one_choice_and_not_many_games() -> None:
    two = leaderboard([pick("winner", "a", "b")] * 20).standings[1]
    five = leaderboard([pick("winner", *"abcde")] * 20).standings[-1]
    assert five.high - five.low > two.high - two.low


def test_those_who_never_met_are_not_compared() -> None:
    board = leaderboard([pick("winner", "a", "b")] * 40 + [pick("winner", "c", "d")] * 20)
    assert not board.connected
    assert not board.telling


def test_a_long_run_of_wins_and_many_contenders_are_solved() -> None:
    board = leaderboard([pick("winner", "a", "b")] * 5000)
    assert 2 * (board.standings[0].rating - 1000) == pytest.approx(400 * math.log10(5000.25 / 0.25))
    names = [f"m{n}" for n in range(40)]
    board = leaderboard([pick("winner", a, b) for n, a in enumerate(names) for b in names[n + 1 :]])
    assert [standing.contender.model for standing in board.standings] == names
