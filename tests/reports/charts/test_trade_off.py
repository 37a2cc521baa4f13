# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every network is where its cost and accuracy are, with its group's mean and spread."""

import dataclasses
import statistics
import warnings

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.container import ErrorbarContainer

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.reports import TradeOffPoint, draw_trade_off
from snas_tf.reports.charts import palette
from snas_tf.reports.charts.trade_off import QUANTITIES


def render(points, quantity="parameters"):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw_trade_off(points, quantity)
        FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    return axes


def point(label, parameters, accuracy):
    return TradeOffPoint(label=label, cost=space.Cost(parameters=parameters), accuracy=accuracy)


def path(*accuracies):
    places = enumerate(accuracies)
    return [point(TradeOffPoint.EPOCHS, 9000 - 100 * number, value) for number, value in places]


def marks(axes, size):
    """[(x, y)] of all marks of a size, a line one after another."""
    return [
        (float(x), float(y))
        for line in axes.lines
        if line.get_marker() not in ("", "None", "|", "_") and line.get_markersize() == size
        for x, y in zip(*line.get_data(), strict=True)
    ]


def same(found, expected):
    return np.allclose(found, expected, rtol=1e-12, atol=0)


def names(axes):
    legend = axes.get_legend()
    return [text.get_text() for text in (legend.get_texts() if legend else axes.texts)]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_network_is_drawn_where_it_belongs(trade_off, quantity):
    axes = render(trade_off, quantity)
    expected = [(getattr(p.cost, quantity), p.accuracy) for p in trade_off]
    assert same(sorted(marks(axes, 3.5)), sorted(expected))
    assert axes.get_xlabel() == QUANTITIES[quantity]


def test_a_group_has_its_mean_and_one_sample_deviation_to_each_side(trade_off):
    axes = render(trade_off[:6])
    assert same(marks(axes, 8.0), [(40_000, 0.98), (12_000, 0.94)])
    bars = [box for box in axes.containers if isinstance(box, ErrorbarContainer)]
    assert len(bars) == 2
    for box, (x, y) in zip(bars, marks(axes, 8.0), strict=True):
        horizontal, vertical = (lines.get_segments()[0] for lines in box[2])
        assert horizontal[:, 0] == pytest.approx([x - 500, x + 500])
        assert vertical[:, 1] == pytest.approx([y - 0.004, y + 0.004])
    assert statistics.stdev([-1, 0, 1]) == 1
    assert names(axes) == ["mild (n = 3)", "aggressive (n = 3)"]


def test_a_single_network_has_no_error_bars():
    axes = render([point("mild", 40_000, 0.98), point("none", 60_000, 0.99)])
    assert not axes.containers
    assert marks(axes, 8.0) == [(40_000, 0.98), (60_000, 0.99)]
    assert names(axes) == ["mild", "none"]


def test_the_epochs_of_a_search_are_joined_in_their_order():
    points = path(0.5, 0.7, 0.6)
    axes = render(points)
    joined, last = axes.lines
    assert [*zip(*joined.get_data(), strict=True)] == [
        (p.cost.parameters, p.accuracy) for p in points
    ]
    assert joined.get_linestyle() == "-"
    assert marks(axes, 8.0) == [(8800, 0.6)]
    assert {joined.get_color(), last.get_color()} == {palette.CHILD}


def test_time_is_told_by_numbers_and_a_line_that_darkens():
    points = path(*[0.5 + 0.01 * number for number in range(10)])
    axes = render(points)
    numbered = {text.get_text(): text.xy for text in axes.texts if text.get_text().isdigit()}
    assert {"1", "3", "6", "9"} == {*numbered}
    assert same(numbered["6"], (points[5].cost.parameters, points[5].accuracy))
    (line,) = axes.collections
    shades = line.get_colors()[:, 3]
    assert len(shades) == 9 and (shades[1:] > shades[:-1]).all() and shades[-1] == 1


def test_differences_of_chance_span_no_whole_chart():
    bottom, top = render([point("a", 1000, 0.98), point("b", 2000, 0.981)]).get_ylim()
    assert top - bottom == pytest.approx(0.05)


def test_a_bad_beginning_does_not_flatten_all_else():
    points = path(0.1, 0.2, *[0.9 + 0.01 * number for number in range(8)])
    bottom, top = render([*points, point("mild", 5000, 0.85)]).get_ylim()
    assert 0.7 < bottom < 0.85 and 0.97 < top < 1.1
    # Few epochs are all shown, and so is a last one that is bad.
    assert render(points[:4]).get_ylim()[0] < 0.1
    assert render([*points, *path(0.3)]).get_ylim()[0] < 0.3


def test_groups_are_told_apart_by_color_and_mark():
    points = [point(f"group {number}", 1000 * number, 0.9) for number in range(7)]
    axes = render(points)
    looks = {(line.get_color(), line.get_marker()) for line in axes.lines}
    assert len(looks) == 7
    assert names(axes) == [f"group {number}" for number in range(7)]


def test_few_groups_are_named_beside_their_marks_where_nothing_is_hidden(trade_off):
    axes = render(trade_off[:6])
    assert axes.get_legend() is None
    boxes = [text.get_window_extent() for text in axes.texts]
    places = axes.transData.transform([(p.cost.parameters, p.accuracy) for p in trade_off[:6]])
    for text, box in zip(axes.texts, boxes, strict=True):
        assert box.count_overlaps(boxes) == 1
        assert not any(box.contains(*place) for place in places)
        assert axes.bbox.contains(*box.min) and axes.bbox.contains(*box.max)
        # A name belongs to the nearest mark.
        x, y = axes.transData.transform(text.xy)
        assert min(abs(box.x0 - x), abs(box.x1 - x), abs((box.x0 + box.x1) / 2 - x)) < 20
        assert min(abs(box.y0 - y), abs(box.y1 - y), abs((box.y0 + box.y1) / 2 - y)) < 20


def test_without_room_there_is_a_legend_that_hides_no_point():
    crowd = [
        point(f"{number} a name of more than half the width of a chart", 1000, 0.9)
        for number in range(4)
    ]
    axes = render(crowd)
    assert not axes.texts
    assert len(names(axes)) == 4
    extent = axes.get_legend().get_window_extent()
    assert not extent.overlaps(axes.bbox)
    assert extent.x1 < axes.figure.bbox.x1


def test_one_network_makes_a_picture():
    assert names(render([point("mild", 0, 1.0)])) == ["mild"]


def test_what_cannot_be_drawn_is_refused(trade_off):
    with pytest.raises(InvalidInput, match="`quantity`.*'latency'"):
        draw_trade_off(trade_off, "latency")
    with pytest.raises(InvalidInput, match="`points`"):
        draw_trade_off(())


def test_the_given_points_are_not_changed(trade_off):
    before = [dataclasses.asdict(p) for p in trade_off]
    draw_trade_off(trade_off)
    assert [dataclasses.asdict(p) for p in trade_off] == before
