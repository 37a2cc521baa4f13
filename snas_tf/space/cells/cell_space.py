# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The decisions that a cell leaves open: its edges, and the candidate operations on each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space.cells.cell_grid import cell_grid
from snas_tf.space.cells.degeneracy import defects
from snas_tf.space.cells.derivation import RULES
from snas_tf.space.cells.genotype import Connection, Genotype, check_kinds, check_numbers
from snas_tf.space.cells.operation import Operation
from snas_tf.space.cells.operations import operation_names
from snas_tf.space.cells.primitives import PRIMITIVES
from snas_tf.space.decision import Decision
from snas_tf.space.grid import Grid

KINDS = ("normal", "reduction")
"""The kinds of cell of the paper; all cells of a kind share their decisions."""

OUTPUTS = ("concatenation", "last_node")
"""What a cell gives: all its intermediate nodes, their channels side by side, or the last one."""


def cell_title(kind: str) -> str:
    """What a kind of cell is called: "normal cell"; where there is but one kind, "cell"."""
    return kind if kind == "cell" else f"{kind} cell"


class Edge(NamedTuple):
    """An edge from node `source` to node `node`."""

    source: int
    node: int


@dataclasses.dataclass(frozen=True, slots=True)
class CellSpace:
    """All cells that a search may find: a `DecisionSpace` whose architectures are genotypes.

    A cell is a directed acyclic graph. Its first nodes are its inputs, the outputs of the cells
    before it; the intermediate nodes follow, and every one has an edge from every node before it.

    Attributes:
        num_nodes: Number of intermediate nodes, at least 1; 4 in the paper.
        primitives: The candidate operations on every edge, names of `OPERATIONS` or records of the
            user's own; kept as names.
        num_inputs: 2, the outputs of the two cells before, as in the paper; or 1, of the last.
        kinds: The kinds of cell, each with decisions of its own that all its cells share.
        output: One of `OUTPUTS`.

    Raises:
        InvalidInput: An argument is out of range.
    """

    num_nodes: int = 4
    primitives: tuple[str | Operation, ...] = PRIMITIVES
    _: dataclasses.KW_ONLY
    num_inputs: int = 2
    kinds: tuple[str, ...] = KINDS
    output: str = "concatenation"

    def __post_init__(self) -> None:
        check_numbers(self.num_nodes, self.num_inputs)
        object.__setattr__(self, "primitives", operation_names(self.primitives))
        object.__setattr__(self, "kinds", tuple(self.kinds))
        if not self.primitives or len({*self.primitives}) < len(self.primitives):
            raise InvalidInput(
                f"`primitives` must be different operations, such as {', '.join(PRIMITIVES)}: "
                f"given {self.primitives}"
            )
        check_kinds(self.kinds)
        if self.output not in OUTPUTS:
            raise InvalidInput(
                f"`output` must be one of {', '.join(OUTPUTS)}: given {self.output!r}"
            )

    @property
    def nodes(self) -> range:
        """The intermediate nodes; 2 to 5 in the paper."""
        return range(self.num_inputs, self.num_inputs + self.num_nodes)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """All edges, node by node, sources ascending."""
        return tuple(Edge(source, node) for node in self.nodes for source in range(node))

    @property
    def num_edges(self) -> int:
        """Number of edges; 14 in the paper."""
        return len(self.edges)

    @property
    def num_operations(self) -> int:
        """Number of candidate operations."""
        return len(self.primitives)

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """A decision a kind of cell: its edges, such as "0->2", and the operations on each."""
        places = tuple(f"{source}->{node}" for source, node in self.edges)
        return tuple(Decision(kind, places, self.primitives) for kind in self.kinds)

    @property
    def empty(self) -> Genotype:
        """The genotype without any connection."""
        return self._genotype({})

    def edges_from(self, source: int) -> list[int]:
        """Positions in `edges` of the edges that leave a node, ascending."""
        return [position for position, edge in enumerate(self.edges) if edge.source == source]

    def encode(self, genotype: Genotype) -> dict[str, np.ndarray]:
        """The decisions Z of a genotype, what `decode` reads it off.

        Args:
            genotype: A genotype of this space.

        Returns:
            {kind: float32 (edges, ops)}, one-hot rows; of an edge that it has not, `none`, or
            nothing but zeros in a space without it.

        Raises:
            InvalidInput: The genotype is of another space.
        """
        genotype.validate(self)
        found = {}
        for kind in self.kinds:
            chosen = self._chosen(genotype, kind)
            names = [chosen.get(edge, "none") for edge in self.edges]
            found[kind] = np.array(
                [[name == other for other in self.primitives] for name in names], np.float32
            )
        return found

    def decode(self, scores: Mapping[str, np.ndarray], rule: str = "argmax") -> Genotype:
        """Reads a genotype off scores of the operations; ties go to the first.

        Args:
            scores: {kind: (edges, ops)}, probabilities or whatever has the same order.
            rule: "argmax" keeps the most probable operation of every edge, and an edge where that
                is `none` vanishes (section 2.1 of arXiv 1812.09926). "top2" keeps, into each node,
                the two edges whose most probable operation other than `none` is strongest (DARTS,
                arXiv 1806.09055).

        Returns:
            The genotype.

        Raises:
            InvalidInput: The rule is unknown, or an array has another shape or holds NaN.
        """
        if rule not in RULES:
            raise InvalidInput(f"`rule` must be one of {', '.join(RULES)}: given {rule!r}")
        shape = (self.num_edges, self.num_operations)
        connections = {}
        for kind in self.kinds:
            values = np.asarray(scores[kind])
            if values.shape != shape:
                raise InvalidInput(
                    f"`scores` of the {kind} cell must be {shape} (edges, operations): "
                    f"given {values.shape}"
                )
            if np.isnan(values).any():
                raise InvalidInput(
                    f"`scores` of the {kind} cell must be numbers: given NaN, as after a search "
                    "that diverged; do lower its learning rates"
                )
            connections[kind] = tuple(RULES[rule](values, self))
        return self._genotype(connections)

    def title(self, kind: str) -> str:
        """What a kind of cell is called, see `cell_title`."""
        return cell_title(kind)

    def grid(self, kind: str) -> Grid:
        """Where its edges stand in charts; see `cell_grid`."""
        return cell_grid(self, kind)

    def defects(self, genotype: Genotype, kind: str) -> Iterator[tuple[str, str]]:
        """What is wrong with a cell that a search found: what, and the sentence that tells it."""
        return defects(genotype, kind, self)

    def sample(self, rng: np.random.Generator) -> Genotype:
        """A genotype with one of the operations on every edge, all as likely.

        Args:
            rng: Where the chance comes from.

        Returns:
            The genotype.
        """
        shape = (len(self.kinds), self.num_edges)
        rows = np.eye(self.num_operations)[rng.integers(self.num_operations, size=shape)]
        return self.decode(dict(zip(self.kinds, rows, strict=True)))

    def mutate(self, genotype: Genotype, rng: np.random.Generator) -> Genotype:
        """A genotype with another operation on one edge of one kind, all such as likely.

        Args:
            genotype: A genotype of this space.
            rng: Where the chance comes from.

        Returns:
            The genotype; the same in a space of one operation, which has no other.

        Raises:
            InvalidInput: The genotype is of another space.
        """
        genotype.validate(self)
        kind = self.kinds[rng.integers(len(self.kinds))]
        edge = self.edges[rng.integers(self.num_edges)]
        chosen = self._chosen(genotype, kind)
        others = [name for name in self.primitives if name != chosen.get(edge, "none")]
        if not others:
            return genotype
        chosen[edge] = others[rng.integers(len(others))]
        kept = [Connection(*edge, name) for edge, name in chosen.items() if name != "none"]
        return self._genotype({**dict(genotype.cells), kind: kept})

    def from_json(self, text: str) -> Genotype:
        """Reads what `Genotype.to_json` wrote.

        Args:
            text: JSON.

        Returns:
            The genotype.

        Raises:
            InvalidInput: It is no genotype, or one of another space.
        """
        genotype = Genotype.from_json(text)
        genotype.validate(self)
        return genotype

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments, as plain data."""
        return {
            "num_nodes": self.num_nodes,
            "primitives": list(self.primitives),
            "num_inputs": self.num_inputs,
            "kinds": list(self.kinds),
            "output": self.output,
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> CellSpace:
        """Restores the space from `get_config`; what an older version did not write is the default.

        Args:
            config: From `get_config`.
        """
        return cls(**config)

    def _genotype(self, connections: Mapping[str, Any]) -> Genotype:
        """Of connections by kind; a kind that is not named has none."""
        cells = {kind: connections.get(kind, ()) for kind in self.kinds}
        return Genotype(cells, self.num_nodes, self.num_inputs)

    def _chosen(self, genotype: Genotype, kind: str) -> dict[tuple[int, int], str]:
        """{edge: operation} of a kind of cell."""
        return {
            Edge(source, node): operation for source, node, operation in genotype.connections(kind)
        }
