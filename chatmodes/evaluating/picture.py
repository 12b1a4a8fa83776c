"""An evaluation as a picture: accuracy over tokens and over time.

Names stand in a legend and not at the points, since arms of one model often nearly coincide and names would lie over
each other; shapes tell the arms apart beside colours, for a printer without any.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chatmodes.evaluating.report import Figures, named

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHAPES = "os^DvPX*"
APART = 0.035
"""Of an axis' width, 12 points here: closer than that, two markers or the ends of two intervals are one blot."""
SPAN = 4.0
"""An axis reaches at least from a half to twice its middle, or a difference of 2% would fill it."""


def draw(found: Sequence[Figures], path: Path) -> None:
    """Save the picture as PNG or SVG. Raises ImportError without matplotlib."""
    picture(found).savefig(path, dpi=150)


def picture(found: Sequence[Figures]) -> "Figure":
    """Accuracy over tokens and over time, with intervals."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 5), layout="constrained")
    over_tokens, over_time = figure.subplots(1, 2, sharey=True)
    _points(over_tokens, "tokens an item", found, [f.tokens for f in found])
    _points(over_time, "median seconds an item", found, [f.p50 for f in found])
    over_tokens.set_ylabel("accuracy, %, with 95% intervals")
    handles, names = _legend(over_tokens, over_time)
    figure.legend(handles, names, loc="outside lower center", ncols=min(5, max(1, len(names))), frameon=False)
    figure.suptitle(f"{found[0].model}, {found[0].items} items")
    return figure


def _points(axes: "Axes", label: str, found: Sequence[Figures], values: Sequence[float | None]) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    # A logarithm knows no 0, which is what an arm without one answer took.
    arms = [
        (n, f, f.accuracy, x)
        for n, (f, x) in enumerate(zip(found, values, strict=True))
        if x and f.accuracy is not None
    ]
    axes.set_xscale("log")
    low, high = limits([x for *_, x in arms])
    axes.set_xlim(low, high)
    drawn = side_by_side([x for *_, x in arms], low, high)
    for (n, f, accuracy, _), x in zip(arms, drawn, strict=True):
        error = [[100 * max(0.0, accuracy - f.low)], [100 * max(0.0, f.high - accuracy)]]
        hollow = n // len(SHAPES) % 2
        axes.errorbar(
            [x], [100 * accuracy], yerr=error, fmt=SHAPES[n % len(SHAPES)], capsize=4, markersize=7, label=named(f),
            color=f"C{n % 10}", markeredgecolor="black", markerfacecolor="white" if hollow else f"C{n % 10}",
        )  # fmt: skip
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    moved = any(not math.isclose(x, at) for (*_, x), at in zip(arms, drawn, strict=True))
    axes.set_xlabel(f"{label}\n(close ones drawn side by side)" if moved else label)
    axes.grid(alpha=0.3)


def _legend(*panels: "Axes") -> tuple[list["Artist"], list[str]]:
    """Each arm once, also one that only one of the panels can show."""
    entries: dict[str, Artist] = {}
    for axes in panels:
        handles, names = axes.get_legend_handles_labels()
        entries.update(zip(names, handles, strict=True))
    return list(entries.values()), list(entries)


def limits(values: Sequence[float]) -> tuple[float, float]:
    """An axis' two ends on a logarithmic scale, with room beside the outermost points."""
    if not values:
        return 1.0, SPAN
    middle = math.sqrt(min(values) * max(values))
    margin = min(0.4, 0.05 + APART * (len(values) - 1) / 2)  # all but one may be spread around one end
    reach = max(SPAN, (max(values) / min(values)) ** (1 / (1 - 2 * margin))) ** 0.5
    return middle / reach, middle * reach


def side_by_side(values: Sequence[float], low: float, high: float) -> list[float]:
    """Where to draw the points: as they are, but those that would cover each other around their middle, in order."""
    width = math.log(high / low)
    places = [math.log(value / low) / width for value in values]
    order = sorted(range(len(values)), key=lambda at: places[at])
    groups: list[list[int]] = []
    for at in order:
        groups.append([at])
        # A group that was spread may reach the one before it.
        while len(groups) > 1 and _begins(groups[-1], places) - _ends(groups[-2], places) < APART - 1e-9:
            groups[-2:] = [groups[-2] + groups[-1]]
    for group in groups:
        start = _begins(group, places)
        for n, at in enumerate(group):
            places[at] = start + n * APART
    return [low * math.exp(place * width) for place in places]


def _begins(group: list[int], places: list[float]) -> float:
    return sum(places[at] for at in group) / len(group) - APART * (len(group) - 1) / 2


def _ends(group: list[int], places: list[float]) -> float:
    return _begins(group, places) + APART * (len(group) - 1)
