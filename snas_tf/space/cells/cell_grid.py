# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The edges of a cell in charts: rows are source nodes, columns target nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snas_tf.space.cells.operations import operation
from snas_tf.space.grid import Grid

if TYPE_CHECKING:
    from snas_tf.space.cells.cell_space import CellSpace

_INPUTS = ("c_{k-2}", "c_{k-1}")


def node_name(node: int, num_inputs: int = 2) -> str:
    """The name of a node: its number, as in the genotype, whose first nodes are the inputs.

    Args:
        node: The node as `Edge` and the names of layers count it.
        num_inputs: Number of inputs of the cell.

    Returns:
        "c_{k-2}" and "c_{k-1}" for two inputs, "c_{k-1}" for one, "2" for a later node.
    """
    return _INPUTS[-num_inputs:][node] if node < num_inputs else str(node)


def math_name(node: int, num_inputs: int = 2) -> str:
    """The name of a node as matplotlib typesets it, without spaces around the minus sign."""
    name = node_name(node, num_inputs)
    return f"${name.replace('-', '{-}')}$" if node < num_inputs else name


def cell_grid(cells: CellSpace, kind: str) -> Grid:
    """The layout of a kind of cell.

    Args:
        cells: The space.
        kind: The kind of cell.
    """
    records = [operation(name) for name in cells.primitives]
    sources = range(cells.num_inputs + cells.num_nodes - 1)
    return Grid(
        title=cells.title(kind),
        place_word="edge",
        option_word="operation",
        places=tuple((edge.node - cells.num_inputs, edge.source) for edge in cells.edges),
        names=("",) * cells.num_edges,
        columns=tuple(f"to node {node}" for node in cells.nodes),
        rows=tuple(_origin(source, cells.num_inputs) for source in sources),
        options=tuple((record.label, record.color) for record in records),
        free=cells.num_nodes - 1,
    )


def _origin(node: int, num_inputs: int) -> str:
    """Where an edge comes from, typeset: an input, or "node 2"."""
    return f"from {'' if node < num_inputs else 'node '}{math_name(node, num_inputs)}"
