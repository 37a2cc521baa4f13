# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A split of graphs in memory, whose reader gives padded batches from one trace."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from snas_tf.data.graphs.given import NO_CLASS
from snas_tf.data.graphs.graphs import Graphs
from snas_tf.data.graphs.source import Known, example_labels, in_one_graph
from snas_tf.data.images.framing import Frame, Framing
from snas_tf.data.splits import GRAPHS, IndexedSplit, Reader


class GraphSplit(IndexedSplit):
    """Graphs, each of which is an example of a batch.

    Batches are as those of `padding.padded`, padded to the largest graph of each: their sizes vary,
    their specification does not, so that nothing is traced anew. Where all labels are those of the
    nodes or edges of one graph, a part of a split is this very graph, of which only some labels are
    to be looked at.

    Args:
        graphs: The graphs.
        known: What their features are, which a run records; None where nobody asks.
        image_shape: What `shape` says of all; None for that of these.

    Attributes:
        labels: int32 classes, or float32 numbers: all that are to be looked at.
        image_shape: (nodes, node features, edges, edge features): of a typical graph, see `shape`.
    """

    in_memory = True
    dtype = GRAPHS

    def __init__(
        self,
        graphs: Graphs,
        known: Known | None = None,
        image_shape: tuple[int, int, int, int] | None = None,
    ) -> None:
        there = np.isfinite(graphs.labels) if graphs.regression else graphs.labels >= 0
        counted = graphs.labels[there]
        super().__init__(counted, image_shape or shape(graphs), Framing())
        self.labels = counted  # which may be numbers
        self.graphs = graphs
        self.known = known
        self.labelled = f"{graphs.level}s"
        # As in ArraySplit: by reference into the pipelines, and not onto a GPU.
        with tf.init_scope(), tf.device("CPU:0"):
            self._nodes = _ragged(graphs.nodes, graphs.num_nodes)
            self._edges = {
                name: _ragged(getattr(graphs, name), graphs.num_edges)
                for name in ("edges", "sources", "targets")
            }
            counts = {"node": graphs.num_nodes, "edge": graphs.num_edges}.get(graphs.level)
            self._labels = (
                tf.constant(graphs.labels) if counts is None else _ragged(graphs.labels, counts)
            )
            self._num_nodes = tf.constant(graphs.num_nodes)
            self._num_edges = tf.constant(graphs.num_edges)

    @property
    def size(self) -> int:
        """Number of graphs."""
        return self.graphs.size

    @property
    def strata(self) -> np.ndarray:
        """The class by which each example is divided; examples are graphs, or a graph's nodes."""
        return example_labels(self.graphs)

    @property
    def held_bytes(self) -> int:
        """Bytes of all graphs, which are held twice."""
        return 2 * self.graphs.held_bytes

    def subset(self, indices: np.ndarray) -> GraphSplit:
        """The graphs at `indices`; or the one graph with the labels at `indices` alone."""
        if in_one_graph(self.graphs):
            return GraphSplit(self.graphs.with_labels_at(indices), self.known, self.image_shape)
        return GraphSplit(self.graphs.take(indices), self.known)

    def record(self) -> dict[str, Any]:
        """What the features of graphs are, see `Known`."""
        return {} if self.known is None else {"graphs": self.known.record()}

    def reader(self, frame: Frame | None = None) -> Reader:
        """Gathers a whole batch at once; graphs have no frame."""
        none = np.nan if self.graphs.regression else NO_CLASS

        def read(
            positions: tf.Tensor, seeds: tf.Tensor | None = None
        ) -> tuple[dict[str, tf.Tensor], tf.Tensor]:
            del seeds
            batch = {
                "nodes": tf.gather(self._nodes, positions).to_tensor(),
                **{
                    name: tf.gather(ragged, positions).to_tensor()
                    for name, ragged in self._edges.items()
                },
                "num_nodes": tf.gather(self._num_nodes, positions),
                "num_edges": tf.gather(self._num_edges, positions),
            }
            labels = tf.gather(self._labels, positions)
            if isinstance(labels, tf.RaggedTensor):
                labels = labels.to_tensor(tf.constant(none, labels.dtype))
            return batch, labels

        return read


def shape(graphs: Graphs) -> tuple[int, int, int, int]:
    """The sizes of a typical graph.

    Args:
        graphs: Some graphs.

    Returns:
        The mean number of nodes, the features of one, the mean number of edges, at least 1, and the
        features of one.
    """
    nodes, edges = (
        max(round(float(count.mean())), 1) for count in (graphs.num_nodes, graphs.num_edges)
    )
    return nodes, graphs.nodes.shape[1], edges, graphs.edges.shape[1]


def _ragged(values: np.ndarray, counts: np.ndarray) -> tf.RaggedTensor:
    return tf.RaggedTensor.from_row_lengths(values, counts.astype(np.int64))
