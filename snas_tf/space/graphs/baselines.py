# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Known graph networks, as architectures of the space: what a search is to be compared with."""

from __future__ import annotations

from snas_tf.errors import InvalidInput
from snas_tf.space.graphs.graph_space import EDGE, ENTITY, GraphSpace, chains, graph_decision
from snas_tf.space.graphs.operations import IDENTITY, NONE
from snas_tf.space.product_space import Selection

GRAPH_BASELINES = {
    "gcn": ("mean", None, None),
    "gin": ("sum", IDENTITY, None),
    "gated_gcn": ("sum", IDENTITY, "cat"),
}
"""{name: (what makes an entity state of the one before, what of it besides, what an edge state)}:
the mean of neighbours as in GCN (arXiv 1609.02907), their sum beside the entity itself as in GIN
(arXiv 1810.00826), and both with messages that are gated by edges which are updated from their ends
as in GatedGCN (arXiv 1711.07553). All in the form that operations have here."""


def graph_baseline(name: str, space: GraphSpace) -> Selection:
    """A known graph network in the form of a space: a chain, every state of the one before.

    Args:
        name: A key of `GRAPH_BASELINES`.
        space: The space, which must have its operations.

    Returns:
        The architecture.

    Raises:
        InvalidInput: There is no such baseline, or the space has not what it needs.
    """
    if name not in GRAPH_BASELINES:
        raise InvalidInput(
            f"a baseline must be one of {', '.join(GRAPH_BASELINES)}: given {name!r}"
        )
    message, beside, of_edges = GRAPH_BASELINES[name]
    needed = {NONE, message, *([beside] if beside else [])}
    wanted = {ENTITY: needed, EDGE: {NONE, of_edges or IDENTITY}}
    missing = [
        f"{operation} of {chain}"
        for chain, names in wanted.items()
        for operation in sorted(names - {*space.operations(chain)})
    ]
    if missing:
        raise InvalidInput(
            f"the baseline {name!r} must find its operations in the space: given one without "
            f"{', '.join(missing)}"
        )
    chosen = {}
    for layer, chain in chains(space.num_layers):
        before = message if chain == ENTITY else of_edges or IDENTITY
        chosen[graph_decision(layer, chain)] = [
            before
            if place.source == place.state - 1
            else beside
            if beside and chain == ENTITY and place.source == place.state - 2
            else NONE
            for place in space.places
        ]
    return Selection(chosen)
