# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A batch of padded graphs as one graph of many parts, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from snas_tf.layers.graphs.incidence import Incidence, incidence


class Membership(NamedTuple):
    """Where the entities and edges of the parts stand in the batch.

    Attributes:
        entity_places: int32 (n,), ascending, in the batch's graphs * most entities.
        edge_places: int32 (m,), likewise.
        graph_of_entity: int32 (n,), ascending.
        graph_of_edge: int32 (m,), ascending.
        sizes: int32 (3,): graphs, and the most entities and edges that there is room for.
    """

    entity_places: tf.Tensor
    edge_places: tf.Tensor
    graph_of_entity: tf.Tensor
    graph_of_edge: tf.Tensor
    sizes: tf.Tensor


class DisjointGraph(NamedTuple):
    """A batch as one graph.

    Attributes:
        nodes: float32 (n, node features).
        edges: float32 (m, edge features).
        incidence: The edges.
        membership: Where all stand in the batch.
    """

    nodes: tf.Tensor
    edges: tf.Tensor
    incidence: Incidence
    membership: Membership


def disjoint(batch: Mapping[str, tf.Tensor]) -> DisjointGraph:
    """Puts the graphs of a batch beside each other.

    Args:
        batch: "nodes" (batch, most nodes, features), "edges" (batch, most edges, features),
            "sources" and "targets" whole numbers (batch, most edges), those of a graph by its
            target, "num_nodes" and "num_edges" whole numbers (batch,). What lies beyond these
            numbers is not looked at.

    Raises:
        InvalidArgumentError: When it runs: an edge leads to or from no node of its graph, the
            edges are not sorted by their targets, or a graph has more nodes or edges than there is
            room for.
    """
    nodes, edges = (tf.cast(batch[name], tf.float32) for name in ("nodes", "edges"))
    counts = tf.cast(batch["num_nodes"], tf.int32), tf.cast(batch["num_edges"], tf.int32)
    ends = [tf.cast(batch[name], tf.int32) for name in ("sources", "targets")]
    sizes = tf.stack([*tf.unstack(tf.shape(nodes)[:2]), tf.shape(edges)[1]])
    places = [
        tf.cast(tf.where(tf.reshape(tf.sequence_mask(count, most), (-1,)))[:, 0], tf.int32)
        for count, most in zip(counts, (sizes[1], sizes[2]), strict=True)
    ]
    graphs = [
        place // tf.maximum(most, 1)
        for place, most in zip(places, (sizes[1], sizes[2]), strict=True)
    ]
    of_edges = [tf.gather(tf.reshape(end, (-1,)), places[1]) for end in ends]
    starts = tf.gather(tf.cumsum(counts[0], exclusive=True), graphs[1])
    sources, targets = (end + starts for end in of_edges)
    with tf.control_dependencies(_checks(counts, sizes, of_edges, graphs[1], targets)):
        sources = tf.identity(sources)
    features = [
        tf.gather(tf.reshape(values, (-1, values.shape[-1])), place)
        for values, place in zip((nodes, edges), places, strict=True)
    ]
    joined = incidence(sources, targets, tf.shape(places[0])[0])
    return DisjointGraph(*features, joined, Membership(*places, *graphs, sizes))


def padded(rows: tf.Tensor, places: tf.Tensor, graphs: tf.Tensor, most: tf.Tensor) -> tf.Tensor:
    """Rows of the entities or the edges, where they stand in the batch.

    Args:
        rows: (n, width).
        places: int32 (n,), see `Membership`.
        graphs: int32 scalar, of the batch.
        most: int32 scalar, how many of them there is room for.

    Returns:
        (graphs, most, width), zeros beyond what a graph has.
    """
    width = rows.shape[-1]
    flat = tf.scatter_nd(places[:, None], rows, tf.stack([graphs * most, width]))
    return tf.reshape(flat, tf.stack([graphs, most, width]))


def _checks(
    counts: tuple[tf.Tensor, tf.Tensor],
    sizes: tf.Tensor,
    ends: list[tf.Tensor],
    graph_of_edge: tf.Tensor,
    targets: tf.Tensor,
) -> list[Any]:
    """What must hold of a batch, or the operations fail that this gives."""
    room = tf.gather(counts[0], graph_of_edge)
    fits = [
        tf.reduce_all((count >= 0) & (count <= most))
        for count, most in zip(counts, (sizes[1], sizes[2]), strict=True)
    ]
    within = [tf.reduce_all((end >= 0) & (end < room)) for end in ends]
    told = (
        (fits[0], "num_nodes must be from 0 to the number of rows in nodes"),
        (fits[1], "num_edges must be from 0 to the number of rows in edges"),
        (within[0], "sources must be nodes of their graph, from 0 to num_nodes - 1"),
        (within[1], "targets must be nodes of their graph, from 0 to num_nodes - 1"),
        (tf.reduce_all(targets[1:] >= targets[:-1]), "edges must be sorted by targets"),
    )
    checks = [tf.debugging.Assert(right, [message]) for right, message in told]
    return [check for check in checks if check is not None]


@keras.saving.register_keras_serializable(package="snas_tf")
class JoinedGraphs(keras.layers.Layer):
    """`disjoint` as a layer: from the dict of a batch to a `DisjointGraph`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)

    def call(self, batch: Mapping[str, tf.Tensor]) -> DisjointGraph:
        """See `disjoint`."""
        return disjoint(batch)
