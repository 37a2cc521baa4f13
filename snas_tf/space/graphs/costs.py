# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the networks of graph cells cost, exactly, and linear in what is decided."""

from __future__ import annotations

import dataclasses

import numpy as np

from snas_tf.space.cost import Cost
from snas_tf.space.cost_table import CostTable
from snas_tf.space.graphs.graph_space import EDGE, ENTITY, GraphSpace, chains, graph_decision
from snas_tf.space.graphs.operations import (
    edge_operation_cost,
    entity_operation_cost,
    linear_cost,
)
from snas_tf.space.graphs.skeleton import GraphSkeleton
from snas_tf.space.product_space import Selection

_NAMES = ("parameters", "multiply_adds", "memory_access")
_UNITS = {"parameters": "parameters", "multiply_adds": "multiply-adds"}


def graph_cost(architecture: Selection, space: GraphSpace, skeleton: GraphSkeleton) -> Cost:
    """The cost of the network of an architecture for one typical graph.

    Args:
        architecture: Of the space.
        space: The space.
        skeleton: The plan around it.

    Returns:
        All trainable weights of the child network; the multiply-adds of its linear maps; and the
        elements that these, gathering and aggregation read and write.

    Raises:
        InvalidInput: The architecture is of another space.
    """
    table, rows = graph_cost_table(space, skeleton), space.encode(architecture)
    total = table.fixed + sum(np.einsum("po,poc->c", rows[k], t) for k, t in table.tables.items())
    return Cost(*(int(value) for value in total))


def graph_cost_table(space: GraphSpace, skeleton: GraphSkeleton) -> CostTable:
    """What the networks of a space cost.

    Args:
        space: The space.
        skeleton: The plan around it.

    Returns:
        The costs parameters, multiply_adds and memory_access; those of `graph_cost`. What is
        decided of edges has no part where there are no edge states, and what leads to a state of
        which nothing can come costs nothing, for it is not built.
    """
    tables = {
        graph_decision(layer, chain): _table(space, skeleton, layer, chain)
        for layer, chain in chains(space.num_layers)
    }
    uses = {
        name: (table[None], np.ones(1))
        for name, table in tables.items()
        if skeleton.edge_states or name.endswith(ENTITY)
    }
    fixed = np.array(dataclasses.astuple(_around(space, skeleton)), np.float64)
    return CostTable(_NAMES, fixed, tables, uses, _UNITS)


def _table(space: GraphSpace, skeleton: GraphSkeleton, layer: int, chain: str) -> np.ndarray:
    """float64 (places, options, costs)."""
    costs = [
        dataclasses.astuple(
            entity_operation_cost(name, skeleton.sizes, skeleton.widths, skeleton.edge_states)
            if chain == ENTITY
            else edge_operation_cost(name, skeleton.sizes, skeleton.widths)
        )
        for name in space.operations(chain)
    ]
    dead = [
        skeleton.is_dead(layer, chain, place.state, space.num_layers, space.num_states)
        for place in space.places
    ]
    return np.where(np.array(dead)[:, None, None], 0.0, np.array(costs, np.float64)[None])


def _around(space: GraphSpace, skeleton: GraphSkeleton) -> Cost:
    """All but the operations: what takes features in, what ends a layer, and the head."""
    total = Cost()
    for chain, rows, width, features in zip(
        (ENTITY, EDGE),
        skeleton.sizes,
        skeleton.widths,
        (skeleton.node_features, skeleton.edge_features),
        strict=True,
    ):
        if chain == EDGE and not skeleton.edge_states:
            continue
        total += linear_cost(rows, features, width)
        for layer in range(1, space.num_layers + 1):
            last = layer == space.num_layers
            if last and chain not in skeleton.read:
                continue
            joined = (space.num_states + 2) * width
            total += linear_cost(rows, joined, width, bias=False) + Cost(parameters=2 * width)
            if not last:
                total += linear_cost(rows, width, width)
    return total + _head(skeleton)


def _head(skeleton: GraphSkeleton) -> Cost:
    width = {"node": skeleton.width, "edge": skeleton.edge_width}.get(skeleton.task)
    rows = {"node": skeleton.typical_nodes, "edge": skeleton.typical_edges}.get(skeleton.task, 1)
    if width is None:  # the mean and the greatest of both chains
        width = 2 * (skeleton.width + (skeleton.edge_width if skeleton.edge_states else 0))
    hidden = skeleton.hidden
    return (
        linear_cost(rows, width, hidden, bias=False)
        + Cost(parameters=2 * hidden)
        + linear_cost(rows, hidden, skeleton.num_outputs)
    )
