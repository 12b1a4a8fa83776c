"""The picture of an evaluation: readable where arms nearly coincide, and without colours."""

import math
from itertools import pairwise

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from chatmodes.evaluating.picture import APART, SHAPES, limits, picture, side_by_side
from chatmodes.evaluating.report import Figures


def arm(mode: str, tokens: float | None, p50: float | None, accuracy: float = 0.3) -> Figures:
    """An arm's figures, as far as they are drawn."""
    return Figures(
        mode=mode, model="endpoint/m", items=20, accuracy=accuracy, low=0.15, high=0.5, tokens=tokens,
        tokens_estimated=False, cost=None, p50=p50, p95=p50, errors=0, extraction_failures=0, drafts=4,
    )  # fmt: skip


def places(values: list[float]) -> list[float]:
    """Where the points stand, in shares of the axis."""
    low, high = limits(values)
    return [math.log(x / low) / math.log(high / low) for x in side_by_side(values, low, high)]


@pytest.mark.parametrize(
    "values",
    [
        [300.0] * 5,
        [300.0, 302.0, 305.0, 310.0, 312.0],
        [312.0, 300.0, 302.0],
        [100.0, *[1000.0] * 9],
        [100.0, 104.0, 108.0, 900.0, 901.0],
        [7.0],
    ],
)
def test_points_stand_apart_in_their_order_and_on_the_axis(values: list[float]) -> None:
    found = places(values)
    assert all(later - earlier >= APART - 1e-9 for earlier, later in pairwise(sorted(found)))
    assert all(0 < place < 1 for place in found)
    in_order = [found[at] for at in sorted(range(len(values)), key=lambda at: values[at])]
    assert in_order == sorted(in_order)


def test_points_that_are_apart_stand_where_they_are() -> None:
    values = [100.0, 200.0, 1000.0]
    assert side_by_side(values, *limits(values)) == pytest.approx(values)


def test_no_two_names_overlap_and_each_has_a_shape_of_its_own() -> None:
    modes = ("answer-only", "instant", "thinking", "contemplating", "maj@k")
    figure = picture([arm(mode, 300 + n, 15 + n / 10) for n, mode in enumerate(modes)])
    FigureCanvasAgg(figure).draw()
    legend = figure.legends[0]
    texts = list(legend.get_texts())
    assert [text.get_text() for text in texts] == [*modes[:4], "maj@k (k=4)"]
    boxes = [text.get_window_extent() for text in (*texts, *(axes.xaxis.label for axes in figure.axes))]
    assert not any(a.overlaps(b) for n, a in enumerate(boxes) for b in boxes[n + 1 :])
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.width for box in boxes)
    shapes = [container.lines[0].get_marker() for container in figure.axes[0].containers]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]
    assert shapes == list(SHAPES[:5])


def test_an_arm_whose_tokens_are_unknown_or_none_is_left_out_of_that_half() -> None:
    figure = picture([arm("instant", None, 2.0), arm("thinking", 0.0, 2.0), arm("auto", None, None)])
    assert [len(axes.containers) for axes in figure.axes] == [0, 2]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["instant", "thinking"]
