# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A cell as equations."""

from __future__ import annotations

from snas_tf import space
from snas_tf.space.cells.cell_grid import node_name

OUTPUT = "c_k"
"""Name of a cell's output."""


def arrivals(genotype: space.Genotype, kind: str) -> dict[int, tuple[space.Connection, ...]]:
    """What every intermediate node adds up.

    Args:
        genotype: The architecture.
        kind: A kind of cell that it has, such as "normal".

    Returns:
        {node: its connections}, without any for a node that contributes zeros.
    """
    connections = genotype.connections(kind)
    return {
        node: tuple(connection for connection in connections if connection.node == node)
        for node in range(genotype.num_inputs, genotype.num_inputs + genotype.num_nodes)
    }


def equations(genotype: space.Genotype, kind: str) -> list[str]:
    """A cell as one equation a node.

    Args:
        genotype: The architecture.
        kind: A kind of cell that it has, such as "normal".

    Returns:
        Such as "node 3 = skip_connect(c_{k-2}) + dil_conv_3x3(2)".
    """
    lines = []
    for node, connections in arrivals(genotype, kind).items():
        terms = [
            f"{operation}({node_name(source, genotype.num_inputs)})"
            for source, _, operation in connections
        ]
        lines.append(f"node {node} = {' + '.join(terms) or 'zeros (no inputs)'}")
    return lines
