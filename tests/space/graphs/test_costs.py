# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What graph networks cost is linear in the decisions, and nothing for what is not built."""

import numpy as np
import pytest

from snas_tf import space
from snas_tf.errors import InvalidInput
from snas_tf.space.graphs.operations import linear_cost

SEARCHED = space.GraphSpace(2, 2, space.ENTITY_OPERATIONS, space.EDGE_OPERATIONS)


def skeleton(task="node", **values):
    return space.GraphSkeleton(task, num_outputs=3, node_features=4, edge_features=2, **values)


def with_option(place, decision, option):
    chosen = {d.name: ["none"] * len(d.places) for d in SEARCHED.decisions}
    chosen[decision][place] = option
    return space.Selection(chosen)


def test_a_linear_map_costs_its_numbers():
    assert linear_cost(5, 3, 2) == space.Cost(8, 30, 25 + 8)
    assert linear_cost(5, 3, 2, bias=False).parameters == 6


@pytest.mark.parametrize("task", space.TASKS)
def test_the_table_is_the_cost_of_every_architecture(task):
    plan = skeleton(task)
    table = space.graph_cost_table(SEARCHED, plan)
    table.check(SEARCHED)
    empty = space.graph_cost(with_option(0, "layer_1_entity", "none"), SEARCHED, plan)
    assert (empty.parameters, empty.multiply_adds, empty.memory_access) == tuple(table.fixed)
    found = SEARCHED.sample(np.random.default_rng(0))
    rows = SEARCHED.encode(found)
    told = sum((rows[k][..., None] * table.tables[k]).sum((0, 1)) for k in rows) + table.fixed
    cost = space.graph_cost(found, SEARCHED, plan)
    assert (cost.parameters, cost.multiply_adds, cost.memory_access) == tuple(told)


def test_an_aggregation_costs_no_weights_and_edges_none_where_they_are_not():
    plan = skeleton()
    base = space.graph_cost(with_option(0, "layer_1_entity", "identity"), SEARCHED, plan)
    found = {
        option: space.graph_cost(with_option(0, "layer_1_entity", option), SEARCHED, plan)
        for option in ("mean", "sum", "max", "std", "gem2", "gem3", "min")
    }
    assert len({cost.parameters for cost in found.values()}) == 1
    width, edge_width = plan.widths
    added = found["sum"].parameters - base.parameters
    of_messages = 2 * (width + 1) * width + (edge_width + 1) * width + (width + 1) * 2 * width
    assert added == of_messages + width * width + 2 * width
    table = space.graph_cost_table(SEARCHED, skeleton(edge_states=False))
    assert [*table.uses] == ["layer_1_entity", "layer_2_entity"]
    assert not table.tables["layer_1_edge"].any()


@pytest.mark.parametrize(
    ("task", "free"), [("node", {"edge"}), ("edge", {"entity"}), ("graph", set())]
)
def test_only_what_no_head_reads_is_free(task, free):
    table = space.graph_cost_table(SEARCHED, skeleton(task))
    for decision, costs in table.tables.items():
        layer, chain = decision.split("_")[1:]
        for place, rows in zip(SEARCHED.places, costs, strict=True):
            is_free = layer == "2" and chain in free and place.state == 3
            assert rows[2:].all() != is_free
            assert not rows[:2].any()  # none and identity


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"task": "nodes"}, "task"),
        ({"num_outputs": 0}, "num_outputs"),
        ({"width": 2.5}, "width"),
        ({"edge_states": 1}, "edge_states"),
        ({"task": "edge", "edge_states": False}, "edge_states"),
    ],
)
def test_other_plans_are_refused(values, named):
    with pytest.raises(InvalidInput, match=f"`{named}`"):
        space.GraphSkeleton(**{"task": "node", "num_outputs": 2, "node_features": 1, **values})


def test_a_plan_is_restored_from_its_config():
    plan = skeleton("graph", width=8)
    assert space.GraphSkeleton.from_config(plan.get_config()) == plan
