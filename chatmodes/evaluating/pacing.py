"""How many runs at once leave every call a place at its endpoint.

With more, calls wait in this program's own queue, and what is measured is the queue: twelve items took Contemplating a
median of 0.6 s one at a time and 2.2 s four at a time, with five places for twenty agents. All arms run at the same
pace, since a server that answers four prompts at once is slower for each of them.
"""

from collections import Counter
from collections.abc import Sequence

from chatmodes.evaluating.arms import Arm
from chatmodes.evaluating.questions import Item
from chatmodes.messages import user
from chatmodes.modes.ceiling import ceiling
from chatmodes.providers.gateway import Gateway
from chatmodes.providers.known.profiles import split

MOST = 4
"""Runs at once where there are places for more: enough to keep an endpoint busy, and few to lose to a crash."""


def fitting(gateway: Gateway, arms: Sequence[Arm], items: Sequence[Item], grader: str | None) -> int:
    """Runs at once, from 1 to MOST, for which the endpoints have places; 1 also where a single run must wait."""
    widest: Counter[str] = Counter()
    for arm in arms:
        drafting = _providers(gateway, arm)
        # A run is graded once it has ended, so that the wider of the two is what it takes.
        grading = max(len(item.rubric) or item.judged for item in items)
        widest |= drafting | Counter({split(grader or arm.model)[0]: grading})
    return max(1, min([MOST, *(gateway.places(gateway.profiles[name]) // calls for name, calls in widest.items())]))


def _providers(gateway: Gateway, arm: Arm) -> Counter[str]:
    """How many calls an arm makes at once to each provider; for Auto, what the widest mode makes."""
    mode = "contemplating" if arm.mode == "auto" else arm.mode
    plan = ceiling(gateway, arm.settings, mode, arm.model, (user("?"),))
    return Counter(split(slot.model)[0] for slot in plan.slots)
