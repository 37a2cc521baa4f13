# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How long every piece of a skeleton's networks takes on one device, as it was measured there.

The latency of a child network is modelled as a sum: the constant overhead of a call, the pieces
that every network has, and one entry an edge of every cell. So it is linear in the decisions Z, as
the resource cost of a search needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space.cells.cell_plan import CellPlan
from snas_tf.space.cells.cell_space import CellSpace
from snas_tf.space.cells.genotype import Genotype
from snas_tf.space.cells.network_pieces import Piece, addition_piece, common_pieces, operation_piece
from snas_tf.space.cells.skeleton import Skeleton
from snas_tf.space.latency_record import LatencyRecord, is_of, refuse_twice


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyTable(LatencyRecord):
    """Measured latencies of a skeleton's pieces; all in milliseconds, for one batch.

    Attributes:
        overhead: What a call of any network takes beyond its pieces.
        milliseconds: The latency of every piece.

    Raises:
        InvalidInput: A value is out of range.
    """

    fields: ClassVar[Mapping[str, type]] = {"overhead": float}

    overhead: float
    milliseconds: Mapping[Piece, float]

    def measured(self) -> Iterable[tuple[Any, float]]:
        """See `LatencyRecord`."""
        return (("overhead", self.overhead), *self.milliseconds.items())

    def edge_latencies(self, cells: CellSpace, skeleton: Skeleton) -> dict[str, np.ndarray]:
        """What every candidate operation on every edge takes, summed over the cells of a kind.

        Args:
            cells: The cell space.
            skeleton: The plan of the network.

        Returns:
            {kind: float64 (edges, ops)}, milliseconds; `none` takes none.

        Raises:
            InvalidInput: The table was measured for another skeleton.
        """
        tables = {kind: np.zeros((cells.num_edges, cells.num_operations)) for kind in cells.kinds}
        for plan in skeleton.plan(cells.num_nodes):
            tables[plan.kind] += self.cell_latencies(cells, plan)
        return tables

    def cell_latencies(self, cells: CellSpace, plan: CellPlan) -> np.ndarray:
        """What every candidate operation on every edge of one cell takes.

        Args:
            cells: The cell space.
            plan: The cell's place in the network.

        Returns:
            float64 (edges, ops), milliseconds.

        Raises:
            InvalidInput: The table was measured for another skeleton.
        """
        return np.array(
            [
                [self._edge(plan, edge.source, operation) for operation in cells.primitives]
                for edge in cells.edges
            ],
            np.float64,
        )

    def network_latency(self, num_nodes: int, skeleton: Skeleton) -> float:
        """What every child network of a skeleton takes, its edges left out.

        Args:
            num_nodes: Number of intermediate nodes of a cell.
            skeleton: The plan of the network.

        Returns:
            Milliseconds: overhead, stem, preprocessing, concatenations, classifier; less one
            addition a node, for each edge brings one and the first into a node needs none.

        Raises:
            InvalidInput: The table was measured for another skeleton.
        """
        pieces = sum(self._of(piece) for piece in common_pieces(skeleton, num_nodes))
        firsts = sum(self._of(addition_piece(plan)) for plan in skeleton.plan(num_nodes))
        return self.overhead + pieces - num_nodes * firsts

    def predict(self, genotype: Genotype, skeleton: Skeleton) -> float:
        """The latency of a whole child network.

        Args:
            genotype: The architecture.
            skeleton: The plan of the network.

        Returns:
            Milliseconds for one batch of `batch_size` images.

        Raises:
            InvalidInput: The table was measured for another skeleton.
        """
        total = self.network_latency(genotype.num_nodes, skeleton)
        for plan in skeleton.plan(genotype.num_nodes):
            for source, _, operation in genotype.connections(plan.kind):
                total += self._edge(plan, source, operation)
        return float(total)

    def entries(self) -> list[dict[str, Any]]:
        """See `LatencyRecord`: a record a piece."""
        return [
            {**piece._asdict(), "milliseconds": value} for piece, value in self.milliseconds.items()
        ]

    @classmethod
    def of_entries(cls, data: dict[str, Any], entries: list[Any]) -> LatencyTable:
        """See `LatencyRecord`."""
        found = [_entry(record) for record in entries]
        refuse_twice(found)
        return cls(**data, milliseconds=dict(found))

    def _edge(self, plan: CellPlan, source: int, operation: str) -> float:
        """An operation on an edge, and its addition to the sum of the node."""
        if operation == "none":
            return 0.0
        return self._of(operation_piece(plan, source, operation)) + self._of(addition_piece(plan))

    def _of(self, piece: Piece) -> float:
        if piece not in self.milliseconds:
            raise InvalidInput(
                f"the latency table has no {piece}: it was measured for another skeleton or space; "
                "do measure this one: --mode=latency with the same --config and keys"
            )
        return self.milliseconds[piece]


def _entry(record: Any) -> tuple[Piece, float]:
    """A record of JSON as a piece and its milliseconds."""
    kinds = (str, int, int, list, int, float)
    names = (*Piece._fields, "milliseconds")
    resolution = record.get("resolution") if isinstance(record, dict) else None
    if (
        not isinstance(record, dict)
        or {*record} != {*names}
        or not all(is_of(record[name], kind) for name, kind in zip(names, kinds, strict=True))
        or [type(size) for size in resolution] != [int, int]
    ):
        raise InvalidInput(
            f"an entry of a latency table must have {', '.join(names)}, the resolution a list of "
            f"two whole numbers: given {record!r}"
        )
    fields = {name: record[name] for name in Piece._fields}
    return Piece(**{**fields, "resolution": tuple(resolution)}), float(record["milliseconds"])
