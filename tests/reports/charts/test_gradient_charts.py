# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every edge has its two bars, in the row of its source and the column of its target."""

import warnings

import numpy as np
import pytest
from matplotlib import colors
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.reports import draw_gradient_shares
from snas_tf.reports.charts import palette
from snas_tf.reports.charts.gradient_charts import parts


def norms(cells, seed=0):
    return np.random.default_rng(seed).random((cells.num_edges, 2))


def render(shares, cells):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw_gradient_shares(shares, cells)
        FigureCanvasAgg(figure).draw()
    return figure


def bars(axes, color):
    """Rectangles of a color, an edge one after another."""
    return [
        patch
        for patch in axes.patches
        if isinstance(patch, Rectangle) and colors.to_hex(patch.get_facecolor()) == color
    ]


def percents(axes):
    texts = [text.get_text() for text in axes.texts]
    return [text for text in texts if text.endswith("%")]


def test_parts_are_those_of_the_definition():
    found = parts([[3.0, 1.0], [0.0, 2.0], [5.0, 0.0], [0.0, 0.0]])
    assert found == pytest.approx(np.array([[1 / 4, 1 / 3], [1, 2 / 3], [0, 0], [0, 0]]))


def test_parts_do_not_depend_on_the_unit_and_a_kinds_edges_add_up_to_one():
    values = norms(space.CellSpace())
    assert parts(1e-9 * values) == pytest.approx(parts(values))
    assert parts(values)[:, 1].sum() == pytest.approx(1)
    assert not parts(values * [1, 0]).any()


@pytest.mark.parametrize("num_nodes", [1, 2, 4, 6])
def test_bars_are_as_long_as_the_parts_and_position_tells_the_edge(num_nodes):
    cells = space.CellSpace(num_nodes)
    shares = {kind: norms(cells, seed) for seed, kind in enumerate(space.KINDS)}
    figure = render(shares, cells)
    assert [axes.get_label() for axes in figure.axes] == [*space.KINDS]
    for axes, values in zip(figure.axes, shares.values(), strict=True):
        shown = parts(values)
        (full,) = {bar.get_width() for bar in bars(axes, palette.FILL)}
        of_edge, of_cost = bars(axes, palette.CHILD), bars(axes, palette.SUPERNET)
        lengths = [bar.get_width() / full for bar in of_edge]
        assert lengths == pytest.approx(shown[:, 0])
        lengths = [bar.get_width() / full for bar in of_cost]
        assert lengths == pytest.approx(shown[:, 1] / shown[:, 1].max())
        assert percents(axes) == [f"{100 * value:.0f} %" for value in shown.ravel()]
        lefts = sorted({bar.get_x() for bar in of_edge})
        tops = sorted({bar.get_y() for bar in of_edge})
        for edge, bar in zip(cells.edges, of_edge, strict=True):
            assert lefts.index(bar.get_x()) == edge.node - 2
            assert tops.index(bar.get_y()) == edge.source


@pytest.mark.parametrize("num_nodes", [1, 4])
def test_no_text_hides_another_or_leaves_the_picture(num_nodes):
    cells = space.CellSpace(num_nodes)
    figure = render({kind: np.ones((cells.num_edges, 2)) for kind in space.KINDS}, cells)
    (legend,) = figure.legends
    texts = [text for axes in figure.axes for text in axes.texts] + legend.get_texts()
    boxes = [text.get_window_extent() for text in texts]
    for box in boxes:
        assert box.count_overlaps(boxes) == 1
        assert figure.bbox.contains(*box.min) and figure.bbox.contains(*box.max)


def test_a_cost_that_took_no_part_has_empty_bars():
    cells = space.CellSpace()
    (axes,) = render({"normal": norms(cells) * [1, 0]}, cells).axes
    assert {bar.get_width() for bar in bars(axes, palette.CHILD)} == {0}
    assert {bar.get_width() for bar in bars(axes, palette.SUPERNET)} == {0}
    assert {*percents(axes)} == {"0 %"}


@pytest.mark.parametrize(
    ("shares", "fragment"),
    [
        ({}, "none"),
        ({"normal": np.ones((14, 3))}, r"normal.*\(14, 3\)"),
        ({"normal": np.ones((14, 2)), "reduction": np.ones((13, 2))}, r"reduction.*\(13, 2\)"),
        ({"normal": -np.ones((14, 2))}, "norms"),
        ({"normal": np.full((14, 2), np.nan)}, "norms"),
    ],
)
def test_what_is_no_norm_of_every_edge_is_refused(shares, fragment):
    with pytest.raises(InvalidInput, match=f"`shares`.*{fragment}"):
        draw_gradient_shares(shares, space.CellSpace())
