# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The picture shows exactly the genotype: read back from its texts, boxes and arrows."""

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import colors
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.reports import draw_cell

EDGES = space.CellSpace().edges
OPERATIONS = [name for name in space.PRIMITIVES if name != "none"]
NAMES = [r"$c_{k{-}2}$", r"$c_{k{-}1}$", "2", "3", "4", "5"]


@st.composite
def genotypes(draw):
    kept = draw(st.lists(st.sampled_from(EDGES), unique=True, max_size=14))
    return with_operations([(edge, draw(st.sampled_from(OPERATIONS))) for edge in kept])


def with_operations(pairs):
    connections = tuple(space.Connection(*edge, operation) for edge, operation in pairs)
    return space.Genotype({"normal": connections, "reduction": ()})


def full(operation):
    return with_operations([(edge, operation) for edge in EDGES])


class Drawing:
    """A rendered cell, in pixels."""

    def __init__(self, genotype, kind="normal"):
        self.figure = draw_cell(genotype, kind)
        canvas = FigureCanvasAgg(self.figure)
        canvas.draw()
        self.renderer = canvas.get_renderer()
        self.axes = self.figure.axes[0]
        self.labels = [text for text in self.axes.texts if text.get_text() in space.PRIMITIVES]
        patches = self.axes.patches
        self.boxes = [patch for patch in patches if isinstance(patch, FancyBboxPatch)]
        self.arrows = [patch for patch in patches if isinstance(patch, FancyArrowPatch)]

    def label_extents(self):
        return [label.get_bbox_patch().get_window_extent(self.renderer) for label in self.labels]

    def node_extents(self):
        """{name: extent of the box that it stands in}."""
        extents = [box.get_window_extent(self.renderer) for box in self.boxes]
        found = {}
        for text in self.axes.texts:
            inside = text.get_window_extent(self.renderer)
            center = (inside.x0 + inside.x1) / 2, (inside.y0 + inside.y1) / 2
            found |= {text.get_text(): e for e in extents if e.contains(*center)}
        return found

    def line(self, arrow):
        """Points along an arrow, close together: (points, 2)."""
        parts = arrow.get_path().to_polygons(arrow.get_transform(), closed_only=False)
        steps = np.linspace(0, 1, 200)[:, None]
        pieces = [a + steps * (b - a) for part in parts for a, b in itertools.pairwise(part)]
        return np.concatenate(pieces)

    def connections(self):
        """The connections that the picture shows, a label an arrow."""
        lines = [(arrow, self.line(arrow)) for arrow in self.arrows]
        nodes = self.node_extents()
        for label, extent in zip(self.labels, self.label_extents(), strict=True):
            through = [(a, line) for a, line in lines if count_inside(extent, line)]
            assert len(through) == 1, f"{label.get_text()} lies on {len(through)} arrows"
            arrow, line = through[0]
            color = space.OPERATIONS[label.get_text()].color
            assert colors.to_hex(arrow.get_edgecolor()) == color
            touched = [n for n, name in enumerate(NAMES) if count_inside(padded(nodes[name]), line)]
            assert len(touched) == 2
            yield space.Connection(*touched, label.get_text())


def count_inside(extent, points):
    low, high = np.array([extent.x0, extent.y0]), np.array([extent.x1, extent.y1])
    return int(((points > low) & (points < high)).all(axis=1).sum())


def padded(extent):
    return extent.padded(4)  # arrow heads end just before the box


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(genotypes())
def test_the_genotype_can_be_read_off_the_picture(genotype):
    assert sorted(Drawing(genotype).connections()) == sorted(genotype.connections("normal"))


@pytest.mark.parametrize("name", space.PUBLISHED)
@pytest.mark.parametrize("kind", space.KINDS)
def test_published_genotypes_can_be_read_off_their_pictures(name, kind):
    genotype = space.PUBLISHED[name]
    assert sorted(Drawing(genotype, kind).connections()) == sorted(genotype.connections(kind))


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(genotypes() | st.sampled_from(OPERATIONS).map(full))
def test_no_text_lies_on_another_or_outside_of_the_picture(genotype):
    drawing = Drawing(genotype)
    extents = [text.get_window_extent(drawing.renderer) for text in drawing.axes.texts]
    for first, second in itertools.combinations(extents, 2):
        assert not first.overlaps(second)
    for first, second in itertools.combinations(drawing.label_extents(), 2):
        assert not first.overlaps(second)
    for label, box in itertools.product(drawing.label_extents(), drawing.boxes):
        assert not label.overlaps(box.get_window_extent(drawing.renderer))
    for extent in extents:
        assert drawing.figure.bbox.containsx(extent.x0) and drawing.figure.bbox.containsx(extent.x1)
        assert drawing.figure.bbox.containsy(extent.y0) and drawing.figure.bbox.containsy(extent.y1)


def test_every_node_flows_into_the_output():
    genotype = space.PUBLISHED["DARTS_V2"]
    assert len(Drawing(genotype).arrows) == len(genotype.connections("normal")) + genotype.num_nodes


def test_what_is_unused_is_dashed_and_noted():
    drawing = Drawing(space.PUBLISHED["SNAS_AGGRESSIVE"], "reduction")
    dashed = [box for box in drawing.boxes if box.get_linestyle() != "-"]
    assert len(dashed) == 3  # the second input and the last two nodes
    texts = [text.get_text() for text in drawing.axes.texts]
    assert texts.count("no inputs:\nadds zeros") == 2
    solid = Drawing(space.PUBLISHED["SNAS_MILD"], "reduction")
    assert all(box.get_linestyle() == "-" for box in solid.boxes)


def test_the_kind_is_named_and_checked():
    genotype = space.PUBLISHED["SNAS_MILD"]
    for kind in space.KINDS:
        assert f"{kind} cell" in [
            text.get_text() for text in draw_cell(genotype, kind).axes[0].texts
        ]
    with pytest.raises(InvalidInput, match="'reduce'"):
        draw_cell(genotype, "reduce")


@pytest.mark.parametrize("num_nodes", [1, 2, 6])
def test_other_numbers_of_nodes_are_drawn_without_a_warning(num_nodes):
    edges = space.CellSpace(num_nodes).edges
    connections = tuple(space.Connection(*edge, "dil_conv_5x5") for edge in edges)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawing = Drawing(
            space.Genotype({"normal": connections, "reduction": connections}, num_nodes=num_nodes)
        )
    assert len(drawing.labels) == len(edges)
    assert len(drawing.boxes) == num_nodes + 3
