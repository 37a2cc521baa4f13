# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every network is a point, seen whole, and the diagonal is where it should be."""

import warnings

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from snas_tf.errors import InvalidInput
from snas_tf.reports import draw_latencies


def drawn(predicted, measured):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw_latencies(predicted, measured)
        FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    return axes


def test_points_and_diagonal():
    predicted, measured = [1.0, 2.5, 1.7], [1.1, 2.4, 1.9]
    axes = drawn(predicted, measured)
    diagonal, points = axes.lines
    np.testing.assert_array_equal(diagonal.get_xdata(), diagonal.get_ydata())
    assert tuple(diagonal.get_xdata()) == axes.get_xlim() == axes.get_ylim()
    assert [*points.get_xdata()] == predicted and [*points.get_ydata()] == measured
    assert axes.get_xlabel() == "predicted latency (ms)"
    assert axes.get_title(loc="left") == "measured latency (ms)"


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("values", [([3.0], [3.0]), ([1.0, 1.0], [0.0, 9.0]), ([0.0], [0.0])])
def test_all_points_lie_inside(values, scale):
    predicted, measured = (np.array(side) * scale for side in values)
    axes = drawn(predicted, measured)
    low, high = axes.get_xlim()
    assert low < min(*predicted, *measured) and max(*predicted, *measured) < high


def test_the_legend_hides_no_point():
    axes = drawn([1.0, 2.0], [2.0, 1.0])
    assert not axes.get_legend().get_window_extent().overlaps(axes.bbox)


@pytest.mark.parametrize(
    ("predicted", "measured"),
    [([], []), ([1.0], []), ([1.0], [1.0, 2.0]), ([1.0], [float("nan")])],
)
def test_what_cannot_be_drawn_is_refused(predicted, measured):
    with pytest.raises(InvalidInput, match="`predicted` and `measured`"):
        draw_latencies(predicted, measured)
