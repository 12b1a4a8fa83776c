"""How far drafts agree: their short answers clustered and counted.

Pure and deterministic, since the vote decides what the user reads and when streams are cut: the same drafts always give
the same result, whoever landed first, which a stored run can be checked against.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from chatmodes.events import Cluster
from chatmodes.modes.answers.algebra import Pair
from chatmodes.modes.answers.formulas import other_name
from chatmodes.modes.answers.short import ShortAnswer, same

SLIGHT = 1e-9
"""Weights closer together than this are level: thirds and fifths do not add up exactly."""


@dataclass(frozen=True)
class Vote:
    """One agent's answer. A draft that was cut, refused or failed has none."""

    agent: str
    answer: ShortAnswer
    weight: float = 1.0


@dataclass
class Tally:
    """The votes so far, in the order in which they came."""

    votes: list[Vote] = field(default_factory=list[Vote])
    proved: set[Pair] = field(default_factory=set[Pair])
    """Pairs of displayed answers that algebra found equal."""

    def add(self, vote: Vote) -> None:
        """Count one more vote."""
        self.votes.append(vote)

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """Votes for the same answer together, heaviest first; of equal weight, the one with more votes, then the one
        whose first agent stands first in the panel.

        An answer is compared with a cluster's first member only, the most specific answers first: through a bare 90,
        "90 km" and "90 minutes" would otherwise become one.
        """
        groups: list[list[Vote]] = []
        for vote in sorted(self.votes, key=lambda v: (_vagueness(v.answer), _place(v))):
            fitting = [group for group in groups if self._equal(group[0].answer, vote.answer)]
            if fitting:
                max(fitting, key=_weight).append(vote)
            else:
                groups.append([vote])
        for group in groups:
            group.sort(key=_place)
        groups.sort(key=lambda g: (-round(_weight(g), 6), -len(g), _place(g[0])))
        return tuple(Cluster(_shown(g), tuple(v.agent for v in g), _weight(g)) for g in groups)

    def _equal(self, a: ShortAnswer, b: ShortAnswer) -> bool:
        if other_name(a.named, b.named):  # whose formulas may be equal all the same
            return False
        pair = (a.display, b.display)
        return same(a, b) or pair in self.proved or pair[::-1] in self.proved


def place(agent: str) -> tuple[int, ...]:
    """Where an agent stands in the panel, by the numbers in its name."""
    return tuple(map(int, re.findall(r"\d+", agent)))


def _place(vote: Vote) -> tuple[int, ...]:
    return place(vote.agent)


def _weight(group: list[Vote]) -> float:
    return sum(vote.weight for vote in group)


def _shown(group: list[Vote]) -> str:
    """The form most of the group used; a unit that anyone gave is kept."""
    best = min(_vagueness(vote.answer) for vote in group)
    forms = [vote.answer.display for vote in group if _vagueness(vote.answer) == best]
    return max(forms, key=forms.count)


def _vagueness(answer: ShortAnswer) -> int:
    """0 for what can stand for others: with a unit, an option with its text, an exact number, one reading.

    What says more than a number comes first: a bare 10% fits an increase as well as a decrease and may join only one.
    """
    if answer.kind == "number" and (of := answer.quantity):
        plain = not of.senses and not of.noun.startswith("per ") and not answer.named
        return (0 if of.unit else 2 if of.decimals in (None, 0) else 4) + plain
    if answer.kind == "option":
        return 0 if answer.parts else 1
    if answer.kind == "algebra":
        return 0 if answer.named else 1
    return 1 if answer.kind == "date" and not answer.parts else 0


def lead(clusters: tuple[Cluster, ...]) -> float:
    """By how much the first cluster is ahead of the second."""
    if not clusters:
        return 0.0
    return clusters[0].weight - (clusters[1].weight if len(clusters) > 1 else 0.0)


def decided(clusters: tuple[Cluster, ...], outstanding: float) -> bool:
    """Whether drafts still out, weighing `outstanding` together, can no longer draw level with the lead."""
    return bool(clusters) and lead(clusters) > outstanding + SLIGHT


def plurality(clusters: tuple[Cluster, ...]) -> Cluster | None:
    """The one heaviest cluster of at least two drafts; None where there is a tie or every draft stands alone."""
    if clusters and lead(clusters) > SLIGHT and len(clusters[0].agents) > 1:
        return clusters[0]
    return None


def majority(clusters: tuple[Cluster, ...], landed: float) -> Cluster | None:
    """The cluster of at least two drafts that holds more than half of the weight `landed`, which is that of all drafts
    that landed, those without an answer too."""
    if clusters and len(clusters[0].agents) > 1 and clusters[0].weight * 2 > landed + SLIGHT:
        return clusters[0]
    return None


def level(clusters: tuple[Cluster, ...]) -> tuple[Cluster, ...]:
    """The heaviest cluster and those that weigh the same."""
    return tuple(each for each in clusters if clusters[0].weight - each.weight <= SLIGHT)


def rivals(clusters: tuple[Cluster, ...], heads: Mapping[str, float]) -> tuple[Cluster, ...]:
    """The clusters with as many heads as the first, where that leads by its evidence alone or not at all. `heads` is
    what an agent's vote weighs before any evidence."""

    def counted(cluster: Cluster) -> float:
        return sum(heads.get(agent, 1.0) for agent in cluster.agents)

    return tuple(each for each in clusters[1:] if abs(counted(each) - counted(clusters[0])) <= SLIGHT)
