# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The decisions that a cell leaves open: its edges, and the candidate operations on each."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

from snas_tf.errors import InvalidInput
from snas_tf.space.cells.primitives import PRIMITIVES

KINDS = ("normal", "reduction")
"""The two kinds of cell; all cells of a kind share their decisions."""


class Edge(NamedTuple):
    """An edge from node `source` to node `node`."""

    source: int
    node: int


@dataclasses.dataclass(frozen=True, slots=True)
class CellSpace:
    """All cells that a search may find.

    A cell is a directed acyclic graph. Nodes 0 and 1 are its inputs (the outputs of the two cells
    before it), the intermediate nodes follow, and every node has an edge from every node before it.

    Attributes:
        num_nodes: Number of intermediate nodes, at least 1; 4 in the paper.
        primitives: Names of the candidate operations on every edge, some of `PRIMITIVES`.

    Raises:
        InvalidInput: An argument is out of range.
    """

    num_nodes: int = 4
    primitives: tuple[str, ...] = PRIMITIVES

    def __post_init__(self) -> None:
        if type(self.num_nodes) is not int or self.num_nodes < 1:
            raise InvalidInput(
                f"`num_nodes` must be a whole number, at least 1: given {self.num_nodes!r}"
            )
        object.__setattr__(self, "primitives", tuple(self.primitives))
        unknown = set(self.primitives) - {*PRIMITIVES}
        if unknown or not self.primitives or len({*self.primitives}) < len(self.primitives):
            raise InvalidInput(
                f"`primitives` must be different names among {', '.join(PRIMITIVES)}: "
                f"given {self.primitives}"
            )

    @property
    def nodes(self) -> range:
        """The intermediate nodes, 2 to num_nodes + 1."""
        return range(2, self.num_nodes + 2)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All edges, node by node, sources ascending."""
        return tuple(Edge(source, node) for node in self.nodes for source in range(node))

    @property
    def num_edges(self) -> int:
        """Number of edges; 14 for 4 nodes."""
        return len(self.edges)

    @property
    def num_operations(self) -> int:
        """Number of candidate operations."""
        return len(self.primitives)

    def edges_from(self, source: int) -> list[int]:
        """Positions in `edges` of the edges that leave a node, ascending."""
        return [position for position, edge in enumerate(self.edges) if edge.source == source]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        return {"num_nodes": self.num_nodes, "primitives": list(self.primitives)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> CellSpace:
        """Restores the space from `get_config`."""
        return cls(config["num_nodes"], tuple(config["primitives"]))
