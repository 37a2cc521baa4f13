# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Edges, their order, and what a cell space refuses."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.errors import InvalidInput
from snas_tf.space import KINDS, PRIMITIVES, CellSpace, Edge


def test_the_paper_has_fourteen_edges_node_by_node():
    cells = CellSpace()
    assert cells.edges == (
        *((0, 2), (1, 2)),
        *((0, 3), (1, 3), (2, 3)),
        *((0, 4), (1, 4), (2, 4), (3, 4)),
        *((0, 5), (1, 5), (2, 5), (3, 5), (4, 5)),
    )
    assert cells.edges[3] == Edge(source=1, node=3)
    assert (cells.num_edges, cells.num_operations) == (14, 8)
    assert list(cells.nodes) == [2, 3, 4, 5]
    assert cells.primitives == PRIMITIVES
    assert KINDS == ("normal", "reduction")


@given(st.integers(1, 12))
def test_every_number_of_nodes(num_nodes):
    cells = CellSpace(num_nodes)
    assert cells.num_edges == num_nodes * (num_nodes + 3) // 2
    assert list(cells.edges) == sorted(cells.edges, key=lambda edge: (edge.node, edge.source))
    assert len({*cells.edges}) == cells.num_edges
    assert all(0 <= source < node and node >= 2 for source, node in cells.edges)
    leaving = [cells.edges_from(source) for source in range(num_nodes + 2)]
    assert sorted(sum(leaving, [])) == list(range(cells.num_edges))
    for source, positions in enumerate(leaving):
        assert positions == sorted(positions)
        assert all(cells.edges[position].source == source for position in positions)
    assert leaving[-1] == []


def test_some_operations_in_any_order():
    cells = CellSpace(2, ["skip_connect", "none"])
    assert cells.primitives == ("skip_connect", "none") and cells.num_operations == 2


@pytest.mark.parametrize("num_nodes", [0, -1, 2.0, "4", None, True])
def test_a_wrong_number_of_nodes_is_refused(num_nodes):
    with pytest.raises(InvalidInput) as caught:
        CellSpace(num_nodes)
    assert "`num_nodes`" in str(caught.value) and repr(num_nodes) in str(caught.value)


@pytest.mark.parametrize(
    "primitives",
    [(), ("none", "none"), ("none", "conv_7x7"), "none"],
    ids=["empty", "twice", "unknown", "text"],
)
def test_wrong_operations_are_refused(primitives):
    with pytest.raises(InvalidInput) as caught:
        CellSpace(4, primitives)
    message = str(caught.value)
    assert "`primitives`" in message and str(tuple(primitives)) in message
    assert ", ".join(PRIMITIVES) in message


def test_it_is_a_value():
    cells = CellSpace(3, ["none", "skip_connect"])
    assert cells == CellSpace(3, ("none", "skip_connect")) != CellSpace(3)
    assert len({cells, CellSpace(3, ("none", "skip_connect"))}) == 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        cells.num_nodes = 4


@given(
    st.integers(1, 9), st.lists(st.sampled_from(PRIMITIVES), min_size=1, max_size=8, unique=True)
)
def test_config_round_trip_through_json(num_nodes, primitives):
    cells = CellSpace(num_nodes, tuple(primitives))
    assert CellSpace.from_config(json.loads(json.dumps(cells.get_config()))) == cells
