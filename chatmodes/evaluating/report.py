"""What an evaluation found: figures for each arm as a table or JSON."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

import msgspec

from chatmodes.evaluating.arms import MATCHED, Arm, PromptUsed
from chatmodes.evaluating.journal import Record
from chatmodes.evaluating.scoring import (
    bootstrap,
    bootstrap_std,
    clipped_mean,
    mcnemar,
    paired_bootstrap,
    percentile,
    wilson,
)
from chatmodes.evaluating.tagged import TagScore, by_tag


class Figures(msgspec.Struct, kw_only=True):
    """One arm in figures. `tokens` and `cost` are means an item; None is unknown."""

    mode: str
    """The arm's name: a mode, answer-only, maj@N, or maj@k for the arm at Contemplating's spend."""
    model: str
    items: int
    """Answers asked for, repeats included."""
    accuracy: float | None
    """The mean over all items but those ungraded: 1 for right, 0 for wrong and for a run that failed, a rubric's score
    for an open one, the mean of an item's repeats. Without rubrics that is the share that is right; with them it is
    clipped to [0, 1]. None where nothing was graded."""
    low: float
    high: float
    """The 95% interval: Wilson's where every item is right or wrong, the bootstrap's over items where any has a rubric
    or is asked several times."""
    std: float | None = None
    """The bootstrap's standard deviation of `accuracy`; None where nothing was graded."""
    tags: dict[str, TagScore] = {}
    """The score by each tag of the items and of their criteria."""
    attempted: float | None = None
    """Of free text: the share of answers that do not leave the question open."""
    given_attempted: float | None = None
    """The share of those that is correct."""
    f1: float | None = None
    """The harmonic mean of that and of the share of all that is correct (SimpleQA)."""
    tokens: float | None
    tokens_estimated: bool
    """Some streams were cancelled, and their tokens reckoned from their text."""
    input_tokens: float | None = None
    """Read by all calls, a mean an item."""
    cost: float | None
    p50: float | None
    """Seconds."""
    p95: float | None
    errors: int
    """Runs that failed, which count as wrong, and answers whose grader failed, which are left out of the mean."""
    extraction_failures: int
    """Answers in which no short answer was found; they count as wrong."""
    ungraded: int = 0
    """Items whose grader's replies were no verdicts; left out of the mean."""
    drafts: int | None = None
    """The k of maj@k."""
    p_value: float | None = None
    """Paired with the first arm: McNemar's, or the bootstrap's where `low` is the bootstrap's."""
    difference: tuple[float, float] | None = None
    """Where it is the bootstrap's: the 95% interval of the mean difference to the first arm, bootstrapped in pairs."""
    p_matched: float | None = None
    """Contemplating's, paired with the vote at its own spend."""
    better: int | None = None
    worse: int | None = None
    """Items right here and wrong in the first arm, and the other way round."""
    rescued: int | None = None
    """Items where the largest cluster was wrong and the answer right."""
    broken: int | None = None
    """Items where the largest cluster was right and the answer wrong."""
    oracle: float | None = None
    """Share of items where any draft was right, of those whose drafts are read: what the best selection could reach."""


def figures(results: dict[Arm, list[Record]]) -> list[Figures]:
    """The figures of each arm, paired with the first."""
    first = next(iter(results.values()), list[Record]())
    everything = [record for records in results.values() for record in records]
    # A run that failed does not say whether its item has a rubric; another arm's record of that item may.
    rubrics = {record.item for record in everything if _has_rubric(record)}
    in_parts = bool(rubrics) or any(record.repeats for record in everything)
    found = [_figures(arm, records, first, rubrics, in_parts) for arm, records in results.items()]
    matched = next((records for arm, records in results.items() if arm.name == MATCHED), None)
    for each, (arm, records) in zip(found, results.items(), strict=True):
        if matched is not None and arm.name == "contemplating":
            each.p_matched = _paired(matched, records, in_parts)[0]
    return found


def _paired(first: list[Record], second: list[Record], in_parts: bool) -> tuple[float, tuple[float, float] | None]:
    """The p-value that two arms differ by chance; where items are right `in_parts`, the interval of the difference too.

    An item that one of them could not have graded says nothing about the pair.
    """
    one, other = _by_item(first), _by_item(second)
    pairs = [(one[key], other[key]) for key in one if key in other]
    if not in_parts:
        return mcnemar([a == 1 for a, _ in pairs], [b == 1 for _, b in pairs]), None
    low, high, p_value = paired_bootstrap([a for a, _ in pairs], [b for _, b in pairs])
    return p_value, (low, high)


def points(record: Record) -> float | None:
    """What an answer counts in the mean; None for one that could not be graded, which is left out."""
    if record.error and not record.unread:
        return 0.0
    return record.score if record.correct is None else float(record.correct)


def _by_item(records: Sequence[Record]) -> dict[str, float]:
    """What each item that was graded counts: repeats of one are no items of their own."""
    values: dict[str, list[float]] = {}
    for record in records:
        if (counted := points(record)) is not None:
            values.setdefault(record.first, []).append(counted)
    return {key: fmean(each) for key, each in values.items()}


def _has_rubric(record: Record) -> bool:
    return record.score is not None or (record.correct is None and not record.error and not record.judged)


def _figures(arm: Arm, records: list[Record], first: list[Record], rubrics: set[str], in_parts: bool) -> Figures:
    graded = list(_by_item(records).values())
    low, high = bootstrap(graded) if in_parts else wilson(sum(each == 1 for each in graded), len(graded))
    found = Figures(
        mode=arm.name,
        model=arm.model,
        items=len(records),
        accuracy=clipped_mean(graded) if graded else None,
        low=low,
        high=high,
        std=bootstrap_std(graded),
        tags=by_tag(records),
        tokens=_mean([record.tokens for record in records]),
        tokens_estimated=any(record.estimated for record in records),
        input_tokens=_mean([record.input_tokens for record in records]),
        cost=_mean([record.cost for record in records]),
        p50=percentile([record.seconds for record in records], 50),
        p95=percentile([record.seconds for record in records], 95),
        errors=sum(bool(record.error) for record in records),
        extraction_failures=sum(r.extracted is None and r.correct is not None and not r.judged for r in records),
        ungraded=sum(points(record) is None and not record.error for record in records),
    )
    if arm.mode == "contemplating":
        found.drafts = arm.settings.contemplating.agents
    if records is not first:
        found.p_value, found.difference = _paired(first, records, in_parts)
        if not in_parts:
            _count(found, _by_item(first), _by_item(records))
    _tell_attempts(found, [record for record in records if record.judged and points(record) is not None])
    voted = [record for record in records if record.vote_right is not None]
    if voted:
        found.rescued = sum(bool(r.correct) and not r.vote_right for r in voted)
        found.broken = sum(not r.correct and bool(r.vote_right) for r in voted)
    if drafted := [record for record in records if record.drafts]:
        targets = sum(record.item not in rubrics and not record.judged for record in records)
        found.oracle = sum(any(draft.right for draft in record.drafts) for record in drafted) / targets
    return found


def _tell_attempts(found: Figures, judged: list[Record]) -> None:
    """SimpleQA's figures, of answers in free text: its own quotients of shares, which counts would round otherwise."""
    if not judged:
        return
    right, wrong = (sum(record.verdict == verdict for record in judged) / len(judged) for verdict in ("A", "B"))
    found.attempted = right + wrong
    found.given_attempted = given = right / found.attempted if found.attempted else 0.0
    found.f1 = 2 * given * right / (given + right) if given + right else 0.0


def _count(found: Figures, first: dict[str, float], second: dict[str, float]) -> None:
    pairs = [(first[key] == 1, second[key] == 1) for key in first if key in second]
    found.better = sum(b and not a for a, b in pairs)
    found.worse = sum(a and not b for a, b in pairs)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None


HEADER = [
    "mode",
    "accuracy",
    "95%",
    "p vs first",
    "p vs maj@k",
    "read",
    "tokens",
    "cost",
    "p50",
    "p95",
    "no answer",
    "errors",
    "kept",
]
NUMBERS = range(1, 12)


def rows(found: Sequence[Figures]) -> list[list[str]]:
    """The table: an arm a row. The last column tells rescued against broken, and what the drafts held at best."""
    return [_row(f) for f in found]


def _row(f: Figures) -> list[str]:
    told = _facts(f)
    against = f"{told['p vs first']} ({told['difference']})" if told["difference"] else told["p vs first"]
    kept = [[f"{label} {told[label]}" for label in group if told[label]] for group in _KEPT]
    cells = {
        **told,
        "mode": named(f),
        "p vs first": against,
        "kept": "; ".join(", ".join(each) for each in kept if each),
    }
    return [cells[label] for label in HEADER]


def turned(found: Sequence[Figures]) -> list[list[str]]:
    """The same with an arm a column, for a narrow place: the head, and a row for each figure that any arm has."""
    facts = [_facts(f) for f in found]
    labels = facts[0] if facts else ()
    every = [[label, *(each[label] for each in facts)] for label in labels]
    return [["", *map(named, found)], *(row for row in every if any(row[1:]))]


_KEPT = (("rescued", "broken"), ("among drafts",), ("attempted", "of those right", "F1"))


def _facts(f: Figures) -> dict[str, str]:
    """Every figure by its label, in words for a reader; empty where this arm has none."""
    return {
        "accuracy": "unknown" if f.accuracy is None else f"{f.accuracy:.1%}",
        "95%": f"{f.low:.0%}–{f.high:.0%}",
        "p vs first": "" if f.p_value is None else f"{f.p_value:.3f}",
        "difference": _difference(f),
        "p vs maj@k": "" if f.p_matched is None else f"{f.p_matched:.3f}",
        "read": "unknown" if f.input_tokens is None else f"{f.input_tokens:,.0f}",
        "tokens": "unknown" if f.tokens is None else f"{'~' if f.tokens_estimated else ''}{f.tokens:,.0f}",
        "cost": "unknown" if f.cost is None else f"${f.cost:.5f}",
        "p50": "" if f.p50 is None else f"{f.p50:.1f} s",
        "p95": "" if f.p95 is None else f"{f.p95:.1f} s",
        "no answer": str(f.extraction_failures + f.ungraded),
        "errors": str(f.errors),
        "rescued": "" if f.rescued is None else str(f.rescued),
        "broken": "" if f.broken is None else str(f.broken),
        "among drafts": "" if f.oracle is None else f"{f.oracle:.0%}",
        "attempted": "" if f.attempted is None else f"{f.attempted:.0%}",
        "of those right": "" if f.given_attempted is None else f"{f.given_attempted:.0%}",
        "F1": "" if f.f1 is None else f"{f.f1:.2f}",
    }


def _difference(f: Figures) -> str:
    """To the first arm: the interval of the mean difference, or the items won and lost."""
    if f.p_value is None:
        return ""
    return f"+{f.better} −{f.worse}" if f.difference is None else f"{f.difference[0]:+.2f}…{f.difference[1]:+.2f}"


def named(f: Figures) -> str:
    """The arm's name for a reader."""
    return f"{f.mode} (k={f.drafts})" if f.mode == "maj@k" else f.mode


class Graded(msgspec.Struct, frozen=True):
    """Who read the answers that a model has to read, and what that cost."""

    model: str
    cost: float | None
    """US dollars in this session, besides what the answers cost; None is unknown."""


def as_json(
    items: int, problems: list[str], used: list[PromptUsed], grader: Graded | None, results: dict[Arm, list[Record]]
) -> dict[str, Any]:
    """The contract's form, with every answer."""
    return {
        "items": items,
        "problems": problems,
        "prompts": used,
        "grader": grader,
        "modes": figures(results),
        "answers": [record for records in results.values() for record in records],
    }
