# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Every edge has a lane of its own, and nothing that is drawn lies on anything else."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.reports.cells.cell_layout import place

LABEL_WIDTH, LABEL_HEIGHT = 1.0, 0.2  # more than the longest name takes


@st.composite
def cells(draw, most_nodes=6):
    num_nodes, num_inputs = draw(st.integers(1, most_nodes)), draw(st.sampled_from([1, 2]))
    edges = space.CellSpace(num_nodes, num_inputs=num_inputs).edges
    output = draw(st.sampled_from(space.OUTPUTS))
    kept = draw(st.lists(st.sampled_from(edges), unique=True, max_size=len(edges)))
    connections = [space.Connection(*edge, "skip_connect") for edge in kept]
    return connections, num_nodes, num_inputs, output


def complete(num_nodes, num_inputs=2, output="concatenation"):
    edges = space.CellSpace(num_nodes, num_inputs=num_inputs).edges
    connections = [space.Connection(*edge, "skip_connect") for edge in edges]
    return connections, num_nodes, num_inputs, output


def overlap(first, second):
    """Whether two (left, bottom, right, top) meet."""
    return (
        first[0] < second[2]
        and second[0] < first[2]
        and first[1] < second[3]
        and second[1] < first[3]
    )


def around(x, y, width, height):
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def box_of(box):
    return around(box.x, box.y, box.width, box.height)


def segments(route):
    return [
        (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
        for a, b in itertools.pairwise(route.points)
    ]


def check(connections, num_nodes, num_inputs, output):
    layout = place(connections, num_nodes, num_inputs, output)
    edges = [(source, node) for source, node, _ in connections]
    last = num_nodes + num_inputs
    first = num_inputs if output == "concatenation" else last - 1
    outputs = [(node, last) for node in range(first, last)]
    assert sorted(layout.routes) == sorted(edges + outputs)
    labels = {link: around(*layout.routes[link].label, LABEL_WIDTH, LABEL_HEIGHT) for link in edges}
    boxes = [box_of(box) for box in layout.boxes.values()]
    for first, second in itertools.combinations([*labels.values(), *boxes], 2):
        assert not overlap(first, second)
    for link, label in labels.items():
        for other, route in layout.routes.items():
            assert any(overlap(label, part) for part in segments(route)) == (other == link)
    return layout


@given(cells())
def test_no_label_meets_a_label_a_node_or_a_line_that_is_not_its_own(cell):
    check(*cell)


@pytest.mark.parametrize("num_nodes", [1, 2, 4, 8])
@pytest.mark.parametrize("num_inputs", [1, 2])
def test_a_cell_with_all_its_edges_is_as_clear(num_nodes, num_inputs):
    for output in space.OUTPUTS:
        check(*complete(num_nodes, num_inputs, output))


@given(cells())
def test_lines_of_different_edges_meet_only_where_they_cross(cell):
    layout = place(*cell)
    links = [link for link in layout.routes if link[1] < max(layout.boxes)]
    for first, second in itertools.combinations(links, 2):
        for a, b in itertools.product(*(segments(layout.routes[link]) for link in (first, second))):
            is_crossing = (a[0] == a[2]) != (b[0] == b[2])
            touch = a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]
            assert is_crossing or not touch


@given(cells())
def test_every_line_runs_from_its_source_to_its_target_within_the_picture(cell):
    layout = place(*cell)
    for (source, node), route in layout.routes.items():
        for end, point in ((source, route.points[0]), (node, route.points[-1])):
            left, bottom, right, top = box_of(layout.boxes[end])
            x, y = point
            assert left - 1e-9 <= x <= right + 1e-9 and bottom - 1e-9 <= y <= top + 1e-9
            assert min(abs(x - left), abs(x - right), abs(y - bottom), abs(y - top)) < 1e-9
        for x, y in route.points:
            assert layout.left < x < layout.right and layout.bottom < y < layout.top


@given(cells())
def test_nodes_stand_from_left_to_right(cell):
    boxes = place(*cell).boxes
    last_input = cell[2] - 1
    assert [*boxes] == [*range(cell[1] + cell[2] + 1)] and boxes[0].x == boxes[last_input].x
    assert all(boxes[node].x < boxes[node + 1].x for node in range(last_input, max(boxes)))


def test_a_sparse_cell_is_flatter_than_a_full_one():
    sparse, full = place([], 4), place(*complete(4))
    assert sparse.top - sparse.bottom < 0.6 * (full.top - full.bottom)
