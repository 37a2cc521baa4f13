# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every edge has its chart, in the row of its source and the column of its target."""

import warnings

import numpy as np
import pytest
from matplotlib import colors
from matplotlib.backends.backend_agg import FigureCanvasAgg

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.reports import draw_probabilities


def random_probabilities(cells, epochs):
    shape = (epochs, cells.num_edges, cells.num_operations)
    values = np.random.default_rng(epochs).random(shape)
    return values / values.sum(axis=-1, keepdims=True)


SPACES = [
    space.CellSpace(),
    space.CellSpace(1),
    space.CellSpace(2, ("skip_connect", "none")),
    space.CellSpace(6, ("none", "sep_conv_3x3", "max_pool_3x3")),
    space.CellSpace(3, ("dil_conv_5x5",)),
    space.nas_bench_201_cells(),
]


@pytest.mark.slow
@pytest.mark.parametrize("cells", SPACES, ids=lambda cells: f"{cells.num_nodes} nodes")
@pytest.mark.parametrize("epochs", [1, 2, 60])
def test_position_tells_source_and_target(cells, epochs):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw_probabilities(random_probabilities(cells, epochs), cells, cells.kinds[0])
        FigureCanvasAgg(figure).draw()
    assert len(figure.axes) == cells.num_edges
    places = [axes.get_position() for axes in figure.axes]
    lefts = sorted({round(place.x0, 9) for place in places})
    tops = sorted({round(place.y1, 9) for place in places}, reverse=True)
    for edge, place in zip(cells.edges, places, strict=True):
        assert tops.index(round(place.y1, 9)) == edge.source
        assert lefts.index(round(place.x0, 9)) == edge.node - cells.num_inputs


def test_the_most_probable_operation_of_the_last_epoch_is_named():
    cells = space.CellSpace()
    values = random_probabilities(cells, 5)
    titles = [
        axes.get_title(loc="left") for axes in draw_probabilities(values, cells, "normal").axes
    ]
    for title, last in zip(titles, values[-1], strict=True):
        assert title.split() == [cells.primitives[last.argmax()], f"{100 * last.max():.0f}", "%"]


@pytest.mark.parametrize("epochs", [1, 5, 500])
def test_areas_are_as_high_as_the_probabilities_at_both_ends(epochs):
    cells = space.CellSpace(1)
    values = random_probabilities(cells, epochs)
    for edge, axes in enumerate(draw_probabilities(values, cells, "reduction").axes):
        assert len(axes.collections) == cells.num_operations
        for operation, area in enumerate(axes.collections):
            points = area.get_paths()[0].vertices
            for x, row in ((points[:, 0].min(), values[0]), (points[:, 0].max(), values[-1])):
                heights = points[points[:, 0] == x, 1]
                assert np.ptp(heights) == pytest.approx(row[edge, operation], abs=1e-9)
            name = cells.primitives[operation]
            assert colors.to_hex(area.get_facecolor()[0]) == space.OPERATIONS[name].color


def test_long_searches_do_not_make_large_pictures():
    cells = space.CellSpace(1)
    for axes in draw_probabilities(random_probabilities(cells, 1000), cells, "normal").axes:
        assert all(len(area.get_paths()[0].vertices) < 300 for area in axes.collections)


@pytest.mark.parametrize("cells", SPACES, ids=lambda cells: f"{cells.num_nodes} nodes")
def test_one_legend_names_all_operations_and_hides_no_chart(cells):
    figure = draw_probabilities(random_probabilities(cells, 3), cells, cells.kinds[0])
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [*cells.primitives]
    extent = legend.get_window_extent(canvas.get_renderer())
    assert not any(axes.get_tightbbox().overlaps(extent) for axes in figure.axes)
    assert not any(text.get_window_extent().overlaps(extent) for text in figure.texts)
    assert figure.bbox.padded(1).contains(extent.x0, extent.y0)


@pytest.mark.parametrize("shape", [(5, 14, 7), (5, 13, 8), (14, 8), (0, 14, 8)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(InvalidInput, match="`probabilities`"):
        draw_probabilities(np.ones(shape), space.CellSpace(), "normal")


def test_an_unknown_kind_is_refused():
    with pytest.raises(InvalidInput, match="`decision`"):
        draw_probabilities(np.ones((1, 14, 8)), space.CellSpace(), "stem")
