"""What a draft's vote weighs: how sure its model was, whether its arithmetic holds, how often its model stands in the
panel.

Self-consistency (arXiv 2203.11171) counts heads. Weights keep its simplicity and cost no further token; these are the
ones that won against a plain count on 659 GSM8K items (benchmarks/gsm8k), and what lost there is not here: the length
of a draft, its weakest stretch, the model's opinion of itself.

- A draft in which an equation of plain numbers is false counts a tenth: of those 2% were right, of the others 28%.
- One whose arithmetic does not lead to its answer, with two equations that hold and the last coming to it, counts
  half where another's does: 12% against 35%.
- Where the API gives token probabilities, exp(z) of the standardised mean log-probability, as DeepConf
  (arXiv 2508.15260) weighs its traces by confidence. Standardised within a model: how sure models sound differs.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import fmean, pstdev

from chatmodes.modes.answers.short import ShortAnswer
from chatmodes.modes.contemplating.arithmetic import equations

MISCALCULATED = 0.1
UNFOUNDED = 0.5
FOUNDED = 2
"""Equations that hold before arithmetic counts as the way to the answer."""
SPREAD = 1e-6
"""Log-probabilities closer together than this are equal: no draft is surer than another."""


@dataclass(frozen=True)
class Evidence:
    """What a complete draft shows beside its answer."""

    model: str
    sound: bool | None = None
    """From `sound`."""
    logprob: float | None = None
    """Mean natural-log probability of its tokens; None where the API did not tell."""


def sound(text: str, answer: ShortAnswer | None) -> bool | None:
    """False where an equation in a draft is false, True where they hold and lead to its answer; else None."""
    found = list(equations(text))
    if not all(equation.holds for equation in found):
        return False
    if len(found) < FOUNDED:
        return None
    value = answer.quantity.value if answer and answer.quantity else None
    if value is None:  # an option or a word, to which no equation comes
        return True
    return True if any(_near(result, value) for result in found[-1].results) else None


def _near(a: Fraction, b: Fraction) -> bool:
    return abs(a - b) * 1000 <= abs(a)


def standing(models: Sequence[str]) -> dict[str, float]:
    """What one draft of each model weighs before any evidence, for a panel of these slots.

    All models of a panel weigh the same together, however often each stands in the turn, and all drafts together weigh
    their number.
    """
    counts = Counter(models)
    return {model: len(models) / (len(counts) * count) for model, count in counts.items()}


def weights(drafts: Sequence[Evidence], standings: Mapping[str, float]) -> list[float]:
    """The weight of each draft among these, in their order."""
    unfounded = UNFOUNDED if any(draft.sound for draft in drafts) else 1.0
    factors = {True: 1.0, False: MISCALCULATED, None: unfounded}
    return [
        standings.get(draft.model, 1.0) * factors[draft.sound] * sure
        for draft, sure in zip(drafts, _sureness(drafts), strict=True)
    ]


def _sureness(drafts: Sequence[Evidence]) -> list[float]:
    """exp(z) within each model, its drafts together weighing their number; 1 where a probability is missing."""
    found = [1.0] * len(drafts)
    for model in {draft.model for draft in drafts}:
        places = [at for at, draft in enumerate(drafts) if draft.model == model]
        told = [value for at in places if (value := drafts[at].logprob) is not None and math.isfinite(value)]
        if len(told) < len(places) or (spread := pstdev(told)) < SPREAD:
            continue
        mean = fmean(told)
        factors = [math.exp((value - mean) / spread) for value in told]
        for at, factor in zip(places, factors, strict=True):
            found[at] = factor / fmean(factors)
    return found
