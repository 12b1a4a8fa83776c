"""Models of known accuracy: the vote is right as often as the binomial says, no more and no less."""

import math
import random

import pytest

from chatmodes.modes import base
from chatmodes.modes.run import conduct
from chatmodes.settings import Contemplating, Settings
from tests.modes.scripted import Pause, Script, Scripted, context, say

pytestmark = pytest.mark.anyio
QUESTIONS = 250


def drafts(rng: random.Random, accuracy: float, agents: int) -> list[Script]:
    """Independent drafts, right with the given probability, in an order of finishing that has nothing to do with it."""

    def one() -> Script:
        answer = "42" if rng.random() < accuracy else "41"
        return [Pause(rng.randint(0, 10)), *say(f"So.\nANSWER: {answer}")]

    return [one() for _ in range(agents)]


def binomial(agents: int, accuracy: float) -> float:
    """The probability that more than half of `agents` are right."""
    return sum(
        math.comb(agents, k) * accuracy**k * (1 - accuracy) ** (agents - k) for k in range(agents // 2 + 1, agents + 1)
    )


ONE_BACKEND = pytest.mark.parametrize("anyio_backend", ["asyncio"])
"""Hundreds of runs are for the figure; that a vote is the same on both is tested with each of its steps."""


@ONE_BACKEND
@pytest.mark.parametrize(
    ("accuracy", "agents", "quorum", "counted"),
    [(0.35, 5, 5, 5), (0.6, 5, 5, 5), (0.8, 5, 5, 5), (0.7, 5, 0, 5), (0.7, 5, 3, 3), (0.7, 7, 7, 7), (0.7, 1, 0, 1)],
)
async def test_the_vote_is_right_as_often_as_the_binomial_says(
    anyio_backend: str, accuracy: float, agents: int, quorum: int, counted: int
) -> None:
    """Early stopping loses nothing; with a quorum of three that the user set, the first three decide."""
    rng = random.Random(f"{accuracy}/{agents}/{quorum}")
    settings = Settings(contemplating=Contemplating(agents=agents, quorum=quorum))
    right = saved = 0
    for _ in range(QUESTIONS):
        models = Scripted(drafts(rng, accuracy, agents))
        ctx, _ = context(models, settings)
        end = await conduct(base.get("contemplating"), ctx)
        right += getattr(end, "answer", "").endswith("42")
        saved += sum(recorded.ended == "cancelled" for recorded in models.calls)
    expected = binomial(counted, accuracy)
    spread = math.sqrt(expected * (1 - expected) / QUESTIONS)
    assert abs(right / QUESTIONS - expected) < 3.5 * spread
    if agents > 1:
        assert saved > QUESTIONS * 0.2
