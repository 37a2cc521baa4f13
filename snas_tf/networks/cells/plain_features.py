# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The cells of a child network in Keras's own layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import keras

from snas_tf.networks.cells.layer_names import HEAD, block_name, cell_name, edge_name
from snas_tf.networks.cells.plain_cells import PlainCells
from snas_tf.networks.plain_operations import PlainOperations

if TYPE_CHECKING:
    from snas_tf import space
    from snas_tf.networks.cells.child_network import ChildNetwork


def features(
    child: ChildNetwork, operations: PlainOperations, tensor: keras.KerasTensor
) -> keras.KerasTensor:
    """What the head looks at: stem, cells and what stands between them.

    Args:
        child: The network, of which the weights are taken.
        operations: Writes layers of its dtype.
        tensor: Images, as the child takes them.

    Returns:
        The output of the last cell, and of what stands before the classifier.
    """
    skeleton = child.skeleton
    operations = PlainCells(operations.dtype)
    before, last = operations.stem(child.get_layer("stem"), tensor)
    for plan in skeleton.plan(child.genotype.num_nodes):
        if plan.block:
            last = operations.residual_reduction(child.get_layer(block_name(plan)), last)
        inputs = (before, last)[-plan.num_inputs :]
        before, last = last, _cell(child, operations, plan, inputs)
    if skeleton.is_residual:
        last = operations.bn_relu(child.get_layer(HEAD), last)
    return last


def _cell(
    child: ChildNetwork,
    operations: PlainCells,
    plan: space.CellPlan,
    inputs: Sequence[keras.KerasTensor],
) -> keras.KerasTensor:
    """One cell; a node without inputs is zeros."""
    name = cell_name(plan)
    nodes = [*inputs]
    for source in range(len(plan.preprocess_strides)):
        layer = child.get_layer(f"{name}_preprocess_{source}")
        nodes[source] = operations.preprocessing(layer, inputs[source])
    connections = child.genotype.connections(plan.kind)
    for node in plan.nodes:
        arriving = [
            operations.operation(
                connection.operation,
                child.get_layer(edge_name(plan, connection)),
                nodes[connection.source],
            )
            for connection in connections
            if connection.node == node
        ]
        place = f"{name}_node_{node}"
        total = operations.total(place, arriving) if arriving else None
        nodes.append(
            operations.zeros(place, nodes[plan.num_inputs - 1], plan.stride)
            if total is None
            else total
        )
    if plan.output == "last_node":
        return nodes[-1]
    return operations.concatenated(f"{name}_output", nodes[plan.num_inputs :])
