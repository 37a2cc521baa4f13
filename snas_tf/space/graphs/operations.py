# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The candidate operations of the two chains of a graph cell, by name, and what each costs.

Nodes are called entities here, as in EGNAS, lest they be taken for the states of a cell. v_u and
v_w are the states of the entities at the source u and the target w of an edge, e its own state.

    message       m = sigmoid(B h) * P(v_u) + C h,    h = LeakyReLU(A e),
                  P(v) = P2 LeakyReLU(P1 LeakyReLU(v))
    pair          r = LeakyReLU(X_u v_u + X_w v_w)
    cat           e' = LeakyReLU(R r + S e)
    gru           e' = GRUCell(input r, state e)
    film          e' = sigmoid(W1 r) * e + W2 r
    pair_*        e' = sigmoid(B t) * e + C t,    t = LeakyReLU(T phi(v_u, v_w))

Each ends in a linear map and a batch normalisation. The published code has a second linear map
behind several of these hidden layers, with nothing between it and the next one: a product of two
linear maps is one, so those are left out. The functions are the same ones.
"""

from __future__ import annotations

from snas_tf.space.cost import Cost

NONE, IDENTITY = "none", "identity"

AGGREGATIONS = ("mean", "sum", "max", "std", "gem2", "gem3", "min")
"""How the messages that arrive at an entity become one: what there is besides none and identity.

"gem2" and "gem3" are generalised means, (mean m^a)^(1/a) of messages clamped to 1e-5 from below."""

PAIRS = ("difference", "gaussian", "max", "sum", "mean", "product")
"""phi of the operations `pair_...`: |u - w|, exp(-(u - w)^2 / 2), and by place the greatest, the
sum, the mean and the product."""

ENTITY_OPERATIONS = (NONE, IDENTITY, *AGGREGATIONS)
"""All that may make an entity state from an earlier one."""

EDGE_OPERATIONS = (NONE, IDENTITY, "cat", "gru", "film", *(f"pair_{phi}" for phi in PAIRS))
"""All that may make an edge state from an earlier one."""

EGNAS_ENTITY_OPERATIONS = (NONE, IDENTITY, "mean", "sum", "max")
"""Those of EGNAS."""

EGNAS_EDGE_OPERATIONS = (NONE, IDENTITY, "cat", "gru", "film")
"""Those of EGNAS."""


def linear_cost(rows: int, inputs: int, outputs: int, bias: bool = True) -> Cost:
    """What a linear map of some rows costs.

    Args:
        rows: Number of rows.
        inputs: Width before.
        outputs: Width behind.
        bias: Whether there is a vector to add.
    """
    weights = inputs * outputs + outputs * bias
    return Cost(weights, rows * inputs * outputs, rows * (inputs + outputs) + weights)


def entity_operation_cost(
    operation: str, sizes: tuple[int, int], widths: tuple[int, int], edge_states: bool = True
) -> Cost:
    """What an operation of the entity chain costs, its batch normalisation with scale and shift.

    Args:
        operation: One of `ENTITY_OPERATIONS`.
        sizes: Entities and edges of a graph.
        widths: Of entity and edge states.
        edge_states: Whether messages depend on the edges.

    Returns:
        Trainable weights, multiply-adds of the linear maps, and the elements that these, gathering
        and aggregation read and write.
    """
    if operation in (NONE, IDENTITY):
        return Cost()
    (entities, edges), (width, edge_width) = sizes, widths
    total = linear_cost(entities, width, width) + linear_cost(entities, width, width)
    if edge_states:
        total += linear_cost(edges, edge_width, width) + linear_cost(edges, width, 2 * width)
    moved = Cost(memory_access=width * (3 * edges + entities))
    return total + moved + _end(entities, width)


def edge_operation_cost(operation: str, sizes: tuple[int, int], widths: tuple[int, int]) -> Cost:
    """As `entity_operation_cost`, of the edge chain.

    Args:
        operation: One of `EDGE_OPERATIONS`.
        sizes: Entities and edges of a graph.
        widths: Of entity and edge states.
    """
    if operation in (NONE, IDENTITY):
        return Cost()
    (entities, edges), (width, edge_width) = sizes, widths
    if operation.startswith("pair_"):
        # The pairs of all edges are gathered first, at the width of entities.
        gathered = Cost(memory_access=4 * edges * width)
        total = gathered + linear_cost(edges, width, edge_width)
        total += linear_cost(edges, edge_width, 2 * edge_width)
        return total + _end(edges, edge_width)
    total = linear_cost(entities, width, edge_width)
    total += linear_cost(entities, width, edge_width, bias=False)
    total += Cost(memory_access=4 * edges * edge_width)
    if operation == "cat":
        total += linear_cost(edges, edge_width, edge_width)
        total += linear_cost(edges, edge_width, edge_width, bias=False)
    elif operation == "gru":
        total += linear_cost(edges, edge_width, 3 * edge_width)
        total += linear_cost(edges, edge_width, 3 * edge_width, bias=False)
        total += Cost(parameters=edge_width)
    else:
        total += linear_cost(edges, edge_width, 2 * edge_width)
    return total + _end(edges, edge_width)


def _end(rows: int, width: int) -> Cost:
    """The linear map and the batch normalisation that end an operation."""
    return linear_cost(rows, width, width, bias=False) + Cost(parameters=2 * width)
