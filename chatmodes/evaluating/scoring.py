"""From answers to figures: is it right, and how sure is the share that is."""

import math
import random
from collections.abc import Sequence
from functools import reduce
from operator import add
from statistics import NormalDist, fmean, quantiles

from chatmodes.evaluating.questions import Criterion
from chatmodes.modes.answers.extract import SAID, marked, short_answer
from chatmodes.modes.answers.short import ShortAnswer, read, same
from chatmodes.modes.answers.terms import terms_of
from chatmodes.modes.answers.unmarked import last_number


def extract(text: str, target: str, question: str = "") -> ShortAnswer | None:
    """The answer a text gives to a question whose target is known to be of some kind; None where there is none.

    What the text marks as its answer counts first, then the whole of a short text, then, for a target that is a
    number, the last number: the order in which GSM8K's own evaluations look. Prose may bring what the target is. The
    question tells how numbers are written: of 1.500 and 1,500 each is a thousand and more to some.
    """
    terms = terms_of(question)
    wanted = read(target, terms)
    kinds = SAID | {wanted.kind} if wanted else SAID
    if found := short_answer(text, phrases=kinds, terms=terms, question=question):
        return found
    whole = read(text, terms) if len(text) < 80 else None
    if wanted is None or wanted.kind != "number" or (whole and whole.kind in ("number", "algebra")):
        return whole
    return last_number(text, terms)


def correct(answer: ShortAnswer | None, target: str, question: str = "") -> bool:
    """Whether the answer is the target, in any spelling."""
    wanted = read(target, terms_of(question))
    return answer is not None and wanted is not None and same(answer, wanted)


def is_formula(target: str, question: str = "") -> bool:
    """Whether a target is mathematics beyond a plain number or list: written in LaTeX, or algebra."""
    wanted = read(target, terms_of(question))
    return any(sign in target for sign in ("\\", "$")) or (wanted is not None and wanted.kind == "algebra")


def may_be_formula(target: str, question: str = "") -> bool:
    """Whether an answer that calculates may be the target: a formula, a list of such, or a number without a unit."""
    wanted = read(target, terms_of(question))
    if is_formula(target, question) or wanted is None:
        return is_formula(target, question)
    return wanted.kind in ("list", "relation") or bool(wanted.quantity and not wanted.quantity.unit)


def formula_in(text: str) -> str:
    """What of an answer is graded where the target is a formula: what it marks, as it was written, else all of it."""
    found = marked(text)
    return found.raw if found and found.raw else text


def wilson(successes: int, total: int, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval of a share (Wilson, JASA 22, 1927): sound for small samples and shares near 0 and 1."""
    if not total:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share, weight = successes / total, z * z / total
    centre = (share + weight / 2) / (1 + weight)
    half = z * math.sqrt(share * (1 - share) / total + weight / (4 * total)) / (1 + weight)
    return max(0.0, centre - half), min(1.0, centre + half)


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> float:
    """The exact two-sided p-value that two arms over the same items differ by chance alone (McNemar, 1947).

    Only items that one arm got right and the other wrong say anything; under chance they fall like coins.
    """
    better = sum(b and not a for a, b in zip(first, second, strict=True))
    worse = sum(a and not b for a, b in zip(first, second, strict=True))
    n = better + worse
    tail = sum(math.comb(n, k) for k in range(min(better, worse) + 1)) / 2**n
    return min(1.0, 2 * tail)


def rubric_score(rubric: Sequence[Criterion], met: Sequence[bool]) -> float:
    """Points of the criteria that are met over all positive points (HealthBench, 2505.08775); may be negative."""
    positive = sum(criterion.points for criterion in rubric if criterion.points > 0)
    return sum(criterion.points for criterion, is_met in zip(rubric, met, strict=True) if is_met) / positive


def tag_scores(tags: Sequence[str], rubric: Sequence[Criterion], met: Sequence[bool]) -> dict[str, float]:
    """What one answer scores by each tag: the whole score by a tag of its item, and by a criterion's tag the score of
    the criteria with it. A tag whose criteria have no points to win has none (HealthBench)."""
    scores = dict.fromkeys(tags, rubric_score(rubric, met))
    for tag in dict.fromkeys(tag for criterion in rubric for tag in criterion.tags):
        tagged = [(each, is_met) for each, is_met in zip(rubric, met, strict=True) if tag in each.tags]
        if any(criterion.points > 0 for criterion, _ in tagged):
            scores[tag] = rubric_score([criterion for criterion, _ in tagged], [is_met for _, is_met in tagged])
    return scores


def clipped_mean(scores: Sequence[float]) -> float:
    """The mean of rubric scores; it alone, and no single score, is clipped to [0, 1]."""
    return _clipped(_added(scores) / len(scores)) if scores else 0.0


def _clipped(mean: float) -> float:
    return min(1.0, max(0.0, mean))


def _added(values: Sequence[float]) -> float:
    """The sum in numpy's order, by halves and in eight lanes: HealthBench's reference takes numpy's mean, and any other
    order of adding, the exact sum as well, gives another last digit."""
    count = len(values)
    if count > 128:
        half = count // 16 * 8
        return _added(values[:half]) + _added(values[half:])
    even = count - count % 8
    lanes = [reduce(add, values[lane:even:8]) for lane in range(8)] if even else [0.0]
    while len(lanes) > 1:
        lanes = [one + other for one, other in zip(lanes[::2], lanes[1::2], strict=True)]
    return reduce(add, values[even:], lanes[0])


def bootstrap(scores: Sequence[float], resamples: int = 1000, seed: int = 0) -> tuple[float, float]:
    """The 95% percentile interval of the clipped mean."""
    if not scores:
        return 0.0, 1.0
    means = sorted(_resampled(scores, resamples, seed))
    return means[int(0.025 * resamples)], means[int(0.975 * resamples)]


def bootstrap_std(scores: Sequence[float], resamples: int = 1000, seed: int = 0) -> float | None:
    """The standard deviation of the clipped mean over resamples of the items; None of nothing. As numpy reckons it, and
    so over the same draws the reference's to the last digit."""
    if not scores:
        return None
    means = _resampled(scores, resamples, seed)
    centre = _added(means) / len(means)
    return math.sqrt(_added([(mean - centre) * (mean - centre) for mean in means]) / len(means))


def _resampled(scores: Sequence[float], resamples: int, seed: int) -> list[float]:
    draw = random.Random(seed)
    return [clipped_mean(draw.choices(scores, k=len(scores))) for _ in range(resamples)]


def paired_bootstrap(
    first: Sequence[float], second: Sequence[float], resamples: int = 1000, seed: int = 0
) -> tuple[float, float, float]:
    """How much better the second of two arms scores over the same items: the 95% percentile interval of the mean
    difference, and the two-sided p-value that there is none. Items are drawn, and each brings its two scores."""
    differences = [b - a for a, b in zip(first, second, strict=True)]
    if not differences:
        return 0.0, 0.0, 1.0
    draw = random.Random(seed)
    means = sorted(fmean(draw.choices(differences, k=len(differences))) for _ in range(resamples))
    tail = min(sum(mean <= 0 for mean in means), sum(mean >= 0 for mean in means))
    # One is added to each count, since no number of draws shows that chance could never do it.
    p_value = min(1.0, 2 * (tail + 1) / (resamples + 1))
    return means[int(0.025 * resamples)], means[int(0.975 * resamples)], p_value


def percentile(values: Sequence[float], p: int) -> float | None:
    """The p-th percentile, interpolated; None of nothing."""
    if len(values) < 2:
        return values[0] if values else None
    return quantiles(values, n=100, method="inclusive")[p - 1]
