# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Edges, their order, and what a cell space refuses."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.errors import InvalidInput
from snas_tf.space import KINDS, PRIMITIVES, CellSpace, DecisionSpace, Edge


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
    ("primitives", "words"),
    [
        ((), "`primitives` must be different operations"),
        (("none", "none"), "given ('none', 'none')"),
        (("none", "conv_7x7"), "given 'conv_7x7'"),
    ],
    ids=["empty", "twice", "unknown"],
)
def test_wrong_operations_are_refused(primitives, words):
    with pytest.raises(InvalidInput) as caught:
        CellSpace(4, primitives)
    message = str(caught.value)
    assert words in message and ", ".join(PRIMITIVES[1:3]) in message


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


ONE_KIND = CellSpace(
    3, ("none", "skip_connect", "max_pool_3x3"), num_inputs=1, kinds=("cell",), output="last_node"
)


@given(st.integers(1, 6), st.integers(1, 2))
def test_every_number_of_inputs(num_nodes, num_inputs):
    cells = CellSpace(num_nodes, num_inputs=num_inputs)
    assert list(cells.nodes) == list(range(num_inputs, num_inputs + num_nodes))
    assert {*cells.edges} == {(i, j) for j in cells.nodes for i in range(j)}


def test_a_decision_a_kind_names_edges_and_operations():
    (decision,) = ONE_KIND.decisions
    assert decision.name == "cell" and decision.options == ONE_KIND.primitives
    assert decision.places == ("0->1", "0->2", "1->2", "0->3", "1->3", "2->3")
    assert [decision.name for decision in CellSpace().decisions] == ["normal", "reduction"]
    assert isinstance(ONE_KIND, DecisionSpace)


@pytest.mark.parametrize("cells", [ONE_KIND, CellSpace(2), CellSpace(1, ("skip_connect", "none"))])
def test_samples_and_mutants_are_genotypes_of_the_space(cells, rng):
    for _ in range(20):
        genotype = cells.sample(rng)
        assert cells.decode(cells.encode(genotype)) == genotype
        assert cells.from_json(genotype.to_json()) == genotype
        mutant = cells.mutate(genotype, rng)
        rows, others = cells.encode(genotype), cells.encode(mutant)
        differ = sum((rows[kind] != others[kind]).any(axis=1).sum() for kind in cells.kinds)
        assert differ == 1


def test_every_operation_of_every_edge_is_sampled_and_reached_by_mutations(rng):
    drawn = {kind: 0 for kind in ONE_KIND.kinds}
    reached = dict(drawn)
    for _ in range(300):
        genotype = ONE_KIND.sample(rng)
        drawn["cell"] += ONE_KIND.encode(genotype)["cell"]
        reached["cell"] += ONE_KIND.encode(ONE_KIND.mutate(ONE_KIND.empty, rng))["cell"]
    assert (drawn["cell"] > 60).all() and (reached["cell"] > 5).all()


def test_a_space_of_one_operation_has_no_mutant(rng):
    cells = CellSpace(1, ("none",))
    assert cells.mutate(cells.empty, rng) == cells.empty == cells.sample(rng)


def test_a_genotype_of_another_space_is_refused(rng):
    genotype = CellSpace(3).sample(rng)
    for function in (ONE_KIND.encode, lambda found: ONE_KIND.mutate(found, rng)):
        with pytest.raises(InvalidInput, match="num_inputs 2, the cell space 1"):
            function(genotype)
    with pytest.raises(InvalidInput, match="kinds of cell normal, reduction.*space normal"):
        CellSpace(3, kinds=("normal",)).from_json(genotype.to_json())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"num_inputs": 0}, "`num_inputs` must be 1 or 2: given 0"),
        ({"kinds": ()}, "kinds of cell must be .*: given none"),
        ({"kinds": ("a", "a")}, "kinds of cell must be .*: given a, a"),
        ({"kinds": ("num_nodes",)}, "kinds of cell must be .*: given num_nodes"),
        ({"output": "sum"}, "`output` must be one of concatenation, last_node: given 'sum'"),
    ],
)
def test_a_wrong_form_of_cell_is_refused(arguments, words):
    with pytest.raises(InvalidInput, match=words):
        CellSpace(**arguments)


def test_a_config_of_before_means_the_cells_of_the_paper():
    assert CellSpace.from_config({"num_nodes": 4, "primitives": list(PRIMITIVES)}) == CellSpace()
    assert CellSpace.from_config(json.loads(json.dumps(ONE_KIND.get_config()))) == ONE_KIND
