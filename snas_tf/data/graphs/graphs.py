# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Graphs with features of nodes and edges, in NumPy: what every source of graphs gives.

All graphs lie one after the other in flat arrays. Nothing here needs TensorFlow.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from snas_tf.data.graphs import given
from snas_tf.data.graphs.given import NO_CLASS
from snas_tf.errors import InvalidInput


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Graphs:
    """Labelled graphs, their edges directed and sorted by target; use `Graphs.of` to make some.

    Attributes:
        nodes: float32 (all nodes, node features), graph by graph.
        edges: float32 (all edges, edge features), graph by graph.
        sources: int32 (all edges,), the node an edge leaves, counted from 0 within its graph.
        targets: int32 (all edges,), the node that it enters; ascending within a graph.
        num_nodes: int32 (graphs,).
        num_edges: int32 (graphs,).
        labels: int32 classes, from 0, or `NO_CLASS`; or float32 numbers, or NaN. As many as `level`
            says: (graphs,), (all nodes,) or (all edges,).
        level: One of `given.LEVELS`: what has a label.
        class_names: Name of each class; () where labels are numbers.
    """

    nodes: np.ndarray
    edges: np.ndarray
    sources: np.ndarray
    targets: np.ndarray
    num_nodes: np.ndarray
    num_edges: np.ndarray
    labels: np.ndarray
    level: str
    class_names: tuple[str, ...]

    @classmethod
    def of(
        cls,
        graphs: Sequence[Mapping[str, Any]],
        *,
        level: str = "graph",
        class_names: Sequence[str] = (),
    ) -> Graphs:
        """Puts graphs together that are given one by one.

        Args:
            graphs: Of each a mapping of "nodes", numbers (nodes, features); "sources" and
                "targets", whole numbers (edges,) from 0; "edges", numbers (edges, features), 1 each
                where it is missing; and "label", one, or as many as `level` says. A class is a
                whole number from 0, -1 for none.
            level: What has a label: "graph", "node" or "edge".
            class_names: Name of each class. Without them labels that are whole numbers are classes
                named by these, and other ones numbers that are to be predicted.

        Raises:
            InvalidInput: There is no graph, or one is not what it should be; it is named.
        """
        given.check_level(level)
        if not graphs:
            raise InvalidInput("`graphs` must have one graph at least: given none")
        parts = [given.arrays(number, graph, level) for number, graph in enumerate(graphs)]
        joined = {key: given.joined(key, [part[key] for part in parts]) for key in given.KEYS}
        labels, names = given.labels(joined["label"], tuple(class_names))
        return cls(
            nodes=joined["nodes"],
            edges=joined["edges"],
            sources=joined["sources"],
            targets=joined["targets"],
            num_nodes=np.array([len(part["nodes"]) for part in parts], np.int32),
            num_edges=np.array([len(part["sources"]) for part in parts], np.int32),
            labels=labels,
            level=level,
            class_names=names,
        )

    @property
    def size(self) -> int:
        """Number of graphs."""
        return len(self.num_nodes)

    @property
    def regression(self) -> bool:
        """Whether labels are numbers."""
        return not self.class_names

    @property
    def held_bytes(self) -> int:
        """Bytes of all arrays."""
        return sum(array.nbytes for array in self._arrays().values())

    @property
    def num_labels(self) -> np.ndarray:
        """How many labels each graph has, int32 (graphs,)."""
        counts = {"node": self.num_nodes, "edge": self.num_edges}
        return counts.get(self.level, np.ones(self.size, np.int32))

    def take(self, indices: np.ndarray) -> Graphs:
        """The graphs at `indices`, in this order.

        Args:
            indices: Whole numbers (any number,), from 0 to `size` - 1.
        """
        indices = np.asarray(indices, np.int64)
        of_nodes = rows(self.num_nodes, indices)
        of_edges = rows(self.num_edges, indices)
        of_labels = {"graph": indices, "node": of_nodes, "edge": of_edges}[self.level]
        return dataclasses.replace(
            self,
            nodes=self.nodes[of_nodes],
            edges=self.edges[of_edges],
            sources=self.sources[of_edges],
            targets=self.targets[of_edges],
            num_nodes=self.num_nodes[indices],
            num_edges=self.num_edges[indices],
            labels=self.labels[of_labels],
        )

    def with_labels_at(self, positions: np.ndarray) -> Graphs:
        """The same graphs, in which only some labels are to be looked at.

        Args:
            positions: Whole numbers (any number,), of all labels.
        """
        labels = np.full_like(self.labels, np.nan if self.regression else NO_CLASS)
        labels[positions] = self.labels[positions]
        return dataclasses.replace(self, labels=labels)

    def normalized(self, mean: Sequence[float], deviation: Sequence[float]) -> Graphs:
        """The same graphs with features (value - mean) / deviation.

        Args:
            mean: Of each feature of a node, then of each feature of an edge.
            deviation: Likewise, positive.
        """
        width = self.nodes.shape[1]
        mean, deviation = np.asarray(mean, np.float32), np.asarray(deviation, np.float32)
        return dataclasses.replace(
            self,
            nodes=(self.nodes - mean[:width]) / deviation[:width],
            edges=(self.edges - mean[width:]) / deviation[width:],
        )

    def digest(self) -> str:
        """32 hexadecimal digits, the same of the same graphs with the same labels."""
        head = (self.level, self.class_names, self.nodes.shape, self.edges.shape)
        digest = hashlib.sha256(repr(head).encode())
        for array in self._arrays().values():
            digest.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
        return digest.hexdigest()[:32]

    def _arrays(self) -> dict[str, np.ndarray]:
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: value for name, value in fields.items() if isinstance(value, np.ndarray)}


def rows(counts: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Where the rows of some graphs lie in a flat array.

    Args:
        counts: Rows of every graph, (graphs,).
        indices: The graphs, in the order that is wanted.

    Returns:
        int64, the positions of their rows, graph by graph.
    """
    counts = np.asarray(counts, np.int64)
    starts = np.cumsum(counts) - counts
    own = counts[indices]
    within = np.arange(own.sum()) - np.repeat(np.cumsum(own) - own, own)
    return np.repeat(starts[indices], own) + within


def concatenate(parts: Sequence[Graphs]) -> Graphs:
    """All graphs of some records of the same kind, one after the other."""
    names = [*parts[0]._arrays()]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return dataclasses.replace(parts[0], **joined)
