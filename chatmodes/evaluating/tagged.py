"""Scores by tag: HealthBench's themes and axes, a benchmark's subjects."""

from collections.abc import Mapping, Sequence
from statistics import fmean

import msgspec

from chatmodes.evaluating.journal import Record
from chatmodes.evaluating.scoring import bootstrap_std, clipped_mean


class TagScore(msgspec.Struct, frozen=True):
    """What one arm scores by one tag."""

    score: float
    """The clipped mean over the items that have the tag."""
    items: int
    std: float
    """Of the clipped mean over resamples of those items."""


def by_tag(records: Sequence[Record]) -> dict[str, TagScore]:
    """The scores by every tag of these records, in the tags' own order; those ungraded have none, and an item that was
    asked several times counts once, by the mean."""
    values: dict[str, dict[str, list[float]]] = {}
    for record in records:
        for tag, score in record.tags.items():
            values.setdefault(tag, {}).setdefault(record.first, []).append(score)
    found: dict[str, TagScore] = {}
    for tag, items in sorted(values.items()):
        scores = [fmean(each) for each in items.values()]
        found[tag] = TagScore(clipped_mean(scores), len(scores), bootstrap_std(scores) or 0.0)
    return found


def tag_rows(arms: Mapping[str, Mapping[str, TagScore]]) -> list[list[str]]:
    """A table of arms over tags: its head, and a row for each tag; empty where nothing is tagged."""
    tags = sorted({tag for scores in arms.values() for tag in scores})
    if not tags:
        return []
    rows = [["by tag", "items", *arms]]
    for tag in tags:
        found = [scores.get(tag) for scores in arms.values()]
        items = max(score.items for score in found if score)
        rows.append([tag, str(items), *(f"{score.score:.1%} ±{score.std:.1%}" if score else "" for score in found)])
    return rows
