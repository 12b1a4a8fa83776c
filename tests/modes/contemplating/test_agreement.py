"""Counting: clusters, the lead, and when a vote is over."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.modes.answers.short import read
from chatmodes.modes.contemplating.agree import Tally, Vote, decided, lead, level, majority, plurality, rivals


def tally(*answers: str, weights: tuple[float, ...] = ()) -> Tally:
    counted = Tally()
    for at, text in enumerate(answers):
        answer = read(text)
        assert answer is not None
        counted.add(Vote(f"a{at + 1}", answer, weights[at] if weights else 1.0))
    return counted


def test_equal_answers_stand_together_heaviest_first() -> None:
    clusters = tally("7", "1/2", "0.5", "50%").clusters
    assert [(c.answer, c.agents) for c in clusters] == [("50%", ("a2", "a3", "a4")), ("7", ("a1",))]


@pytest.mark.parametrize("landed", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_clusters_do_not_depend_on_who_landed_first(landed: tuple[int, ...]) -> None:
    said = tally("3", "4", "4", "3").votes
    clusters = Tally([said[at] for at in landed]).clusters
    assert [(c.answer, c.agents) for c in clusters] == [("3", ("a1", "a4")), ("4", ("a2", "a3"))]
    assert plurality(clusters) is None
    assert lead(clusters) == 0


def test_thirds_and_fifths_that_add_up_to_the_same_are_level() -> None:
    clusters = tally("3", "3", "3", "4", "4", weights=(5 / 6, 5 / 6, 5 / 6, 5 / 4, 5 / 4)).clusters
    assert plurality(clusters) is None
    assert len(level(clusters)) == 2
    assert not decided(clusters, 0)


def test_answers_with_as_many_heads_are_rivals_whatever_they_weigh() -> None:
    clusters = tally("3", "3", "4", "4", "5", weights=(1.0, 1.0, 0.25, 1.0, 1.0)).clusters
    assert [c.answer for c in rivals(clusters, {})] == ["4"]


def test_one_draft_alone_is_no_majority() -> None:
    assert majority(tally("3").clusters, 1) is None


def test_a_bare_number_does_not_glue_two_units_together() -> None:
    clusters = tally("90", "90 km", "90 minutes", "1.5 hours").clusters
    assert [set(c.agents) for c in clusters] == [{"a1", "a3", "a4"}, {"a2"}]


@pytest.mark.parametrize("said", [("10%", "10% increase", "10% decrease"), ("$5", "$5 per hour", "$5 per day")])
def test_a_bare_number_joins_one_of_two_opposites(said: tuple[str, ...]) -> None:
    assert sorted(len(cluster.agents) for cluster in tally(*said).clusters) == [1, 2]


def test_what_algebra_finds_equal_is_of_one_name() -> None:
    counted = tally("f(x) = 2x", "f'(x) = x + x", "f(x) = x + x")
    counted.proved.add(("2x", "x + x"))
    assert sorted(cluster.agents for cluster in counted.clusters) == [("a1", "a3"), ("a2",)]


def test_a_bare_value_joins_one_of_two_names() -> None:
    assert sorted(len(cluster.agents) for cluster in tally("5", "x = 5", "y = 5").clusters) == [1, 2]


def test_weights_decide_before_heads() -> None:
    clusters = tally("3", "4", "4", weights=(5.0, 1.0, 1.0)).clusters
    assert clusters[0].answer == "3"
    assert clusters[0].weight == 5.0


def test_a_vote_is_over_when_the_rest_cannot_draw_level() -> None:
    clusters = tally("3", "3", "4").clusters
    assert not decided(clusters, 2)
    assert not decided(clusters, 1)
    assert decided(clusters, 0)
    assert decided(tally("3", "3", "3").clusters, 2)
    assert not decided((), 0)


def test_a_majority_counts_those_who_gave_no_answer() -> None:
    clusters = tally("3", "3").clusters
    assert majority(clusters, 3)
    assert not majority(clusters, 4)


ANSWERS = st.lists(
    st.sampled_from(["3", "4", "1/2", "0.5", "50%", "yes", "Paris", "90 km", "90"]), min_size=1, max_size=12
)


@given(ANSWERS)
def test_clusters_hold_every_vote_once(answers: list[str]) -> None:
    clusters = tally(*answers).clusters
    agents = [agent for c in clusters for agent in c.agents]
    assert sorted(agents) == sorted(f"a{i + 1}" for i in range(len(answers)))
    assert sum(c.weight for c in clusters) == len(answers)
    assert [c.weight for c in clusters] == sorted((c.weight for c in clusters), reverse=True)


@given(ANSWERS, st.integers(0, 5), st.randoms(use_true_random=False))
def test_what_is_decided_stays_decided(answers: list[str], outstanding: int, rng: random.Random) -> None:
    counted = tally(*answers)
    before = counted.clusters
    if not decided(before, outstanding):
        return
    for index in range(outstanding):
        answer = read(rng.choice(["3", "4", "yes", "Paris"]))
        assert answer is not None
        counted.add(Vote(f"late{index}", answer))
    assert set(before[0].agents) <= set(counted.clusters[0].agents)
