# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The function that a server calls for graphs: flat arrays of one or more graphs in, classes out.

What a client sent is checked before anything is computed of it: a request may not say that there
is more than it holds, lead an edge to where there is no node, or ask for more room than is meant.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from snas_tf.data.graphs import Graphs, padded
from snas_tf.networks import ImageNetwork
from snas_tf.serving.frozen_function import frozen
from snas_tf.serving.signatures import Signature
from snas_tf.serving.warm_up import VALUE

GRAPH_SIGNATURE = "serving_default"

Flat = dict[str, tf.Tensor]
"""{name: flat array}, all that a request holds."""

_ORDER = ("num_nodes", "num_edges", "sources", "targets", "nodes", "edges")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ServedGraphs:
    """A network of graphs with all that stands between it and a client.

    Attributes:
        network: The network.
        normalization: The layer from a batch of padded graphs to the network's input.
        class_names: Name of each class; () where a number is told.
        most_images: Graphs that a request may hold.
        most_nodes: Nodes that a request may take room for: those of its largest graph, times the
            number of its graphs.
        most_edges: Likewise.

    Raises:
        ValueError: The names are not one for each class.
    """

    network: ImageNetwork
    normalization: keras.layers.Layer
    class_names: Sequence[str]
    most_images: int
    most_nodes: int
    most_edges: int

    def __post_init__(self) -> None:
        numbers = not self.class_names and self.network.skeleton.num_outputs == 1
        if not numbers and len(self.class_names) != self.network.skeleton.num_outputs:
            raise ValueError(
                f"`class_names` must hold a name for each of the "
                f"{self.network.skeleton.num_outputs} classes. Received: {len(self.class_names)}."
            )

    def signatures(self) -> dict[str, Signature]:
        """The function that is served, by name.

        Returns:
            `serving_default` of `num_nodes` and `num_edges`, int32 (graphs,); `nodes`, float32 (all
            nodes, features), graph by graph; `edges`, float32 (all edges, features), `sources` and
            `targets`, int32 (all edges,), nodes counted from 0 within a graph, the edges of a graph
            in any order. It answers {"class_id": int64 (rows,), "class_name": string (rows,),
            "probabilities": float32 (rows, classes), "logits": the same}, a row a graph, or a row
            a node or edge as they were given; or where numbers are told {"value": float32 (rows,)}.
        """
        specs = self._specs()

        @tf.function(input_signature=[specs[name] for name in _ORDER])
        def logits_of(*arrays: tf.Tensor) -> tf.Tensor:
            batch, order = _padded(dict(zip(_ORDER, arrays, strict=True)))
            logits = self.network(self.normalization(batch), training=False)
            return self._rows(logits, batch, order)

        logits_of = frozen(logits_of)

        # A server names inputs as the arguments are named.
        @tf.function(input_signature=[specs[name] for name in _ORDER])
        def of_graphs(
            num_nodes: tf.Tensor,
            num_edges: tf.Tensor,
            sources: tf.Tensor,
            targets: tf.Tensor,
            nodes: tf.Tensor,
            edges: tf.Tensor,
        ) -> Flat:
            arrays = (num_nodes, num_edges, sources, targets, nodes, edges)
            given = self._checked(dict(zip(_ORDER, arrays, strict=True)), specs)
            return self._answer(logits_of(*(given[name] for name in _ORDER)))

        return {GRAPH_SIGNATURE: of_graphs}

    def flat(self, graphs: Graphs) -> dict[str, np.ndarray]:
        """Graphs as a request holds them.

        Args:
            graphs: At least one, as they were found, not normalised.
        """
        return {name: np.asarray(getattr(graphs, name)) for name in _ORDER}

    def expected(self, graphs: Graphs) -> dict[str, np.ndarray]:
        """What the network answers, by another way than what is served: padded by NumPy."""
        batch, _ = padded(graphs)

        @tf.function
        def logits_of(inputs: Flat) -> tf.Tensor:
            return self.network(self.normalization(inputs), training=False)

        logits = logits_of({name: tf.constant(value) for name, value in batch.items()}).numpy()
        task = self.network.skeleton.task
        if task != "graph":
            counts = batch["num_nodes" if task == "node" else "num_edges"]
            logits = logits[np.arange(logits.shape[1]) < counts[:, None]]
        answer = self._answer(tf.constant(logits))
        return {name: value.numpy() for name, value in answer.items()}

    def _specs(self) -> dict[str, tf.TensorSpec]:
        skeleton = self.network.skeleton
        rows = {"nodes": skeleton.node_features, "edges": skeleton.edge_features}
        return {
            name: tf.TensorSpec((None, rows[name]), tf.float32, name=name)
            if name in rows
            else tf.TensorSpec((None,), tf.int32, name=name)
            for name in _ORDER
        }

    def _checked(self, given: Flat, specs: dict[str, tf.TensorSpec]) -> Flat:
        """A request as it is, or the reason why it is none."""
        given = {name: tf.ensure_shape(given[name], spec.shape) for name, spec in specs.items()}
        graphs = tf.shape(given["num_nodes"], tf.int64)[0]
        counts = {name: tf.cast(given[f"num_{name}"], tf.int64) for name in ("nodes", "edges")}
        rows = {name: tf.shape(given[name], tf.int64)[0] for name in counts}
        checks = [
            _holds(
                (graphs > 0) & (graphs <= self.most_images),
                f"num_nodes must be of 1 to {self.most_images} graphs",
            ),
            tf.debugging.assert_equal(graphs, tf.shape(given["num_edges"], tf.int64)[0]),
            _holds(tf.reduce_all(counts["nodes"] >= 1), "num_nodes must be 1 or more"),
            _holds(tf.reduce_all(counts["edges"] >= 0), "num_edges must be 0 or more"),
        ]
        for name, most in (("nodes", self.most_nodes), ("edges", self.most_edges)):
            count = counts[name]
            checks += [
                _holds(tf.reduce_all(count <= most), f"{name} must be at most {most}"),
                _holds(
                    tf.reduce_max(count) * graphs <= most,
                    f"{name} must take room for at most {most}, those of the largest graph times "
                    "the number of graphs",
                ),
                _holds(
                    tf.reduce_sum(count) == rows[name], f"{name} must be as many as num_{name} say"
                ),
                _holds(
                    tf.reduce_all(tf.math.is_finite(given[name])), f"{name} must be finite numbers"
                ),
            ]
        for name in ("sources", "targets"):
            checks.append(
                _holds(
                    tf.shape(given[name], tf.int64)[0] == rows["edges"],
                    f"{name} must be as many as edges",
                )
            )
        with tf.control_dependencies(checks):
            own = tf.repeat(given["num_nodes"], tf.identity(given["num_edges"]))
            inside = [
                _holds(
                    tf.reduce_all((given[name] >= 0) & (given[name] < own)),
                    f"{name} must be nodes of the graph of their edge",
                )
                for name in ("sources", "targets")
            ]
        with tf.control_dependencies([*checks, *inside]):
            return {name: tf.identity(value) for name, value in given.items()}

    def _rows(self, logits: tf.Tensor, batch: Flat, order: tf.Tensor) -> tf.Tensor:
        """The logits of what has a class, without padding, in the order of the request."""
        task = self.network.skeleton.task
        if task == "graph":
            return logits
        counts = batch["num_nodes" if task == "node" else "num_edges"]
        rows = tf.boolean_mask(logits, tf.sequence_mask(counts, tf.shape(logits)[1]))
        if task == "node":
            return rows
        return tf.scatter_nd(order[:, None], rows, tf.shape(rows, tf.int64))

    def _answer(self, logits: tf.Tensor) -> Flat:
        if not self.class_names:
            return {VALUE: logits[:, 0]}
        class_id = tf.argmax(logits, axis=-1)
        return {
            "class_id": class_id,
            "class_name": tf.gather(tf.constant([*self.class_names]), class_id),
            "probabilities": tf.nn.softmax(logits),
            "logits": logits,
        }


def _holds(condition: tf.Tensor, words: str) -> tf.Operation:
    return tf.debugging.Assert(condition, [words])


def _padded(given: Flat) -> tuple[Flat, tf.Tensor]:
    """A request as a batch of padded graphs, and which edge of the request is which of the batch.

    Returns:
        The batch, its edges sorted by target; and int64 (all edges,).
    """
    graphs = tf.shape(given["num_edges"])[0]
    graph = tf.cast(tf.repeat(tf.range(graphs), given["num_edges"]), tf.int64)
    room = tf.cast(tf.reduce_max(given["num_nodes"]), tf.int64)
    order = tf.argsort(graph * room + tf.cast(given["targets"], tf.int64), stable=True)
    order = tf.cast(order, tf.int64)

    def batched(values: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
        counts = tf.cast(counts, tf.int64)
        return tf.RaggedTensor.from_row_lengths(values, counts, validate=False).to_tensor()

    edges = {name: tf.gather(given[name], order) for name in ("edges", "sources", "targets")}
    batch = {
        "nodes": batched(given["nodes"], given["num_nodes"]),
        **{name: batched(values, given["num_edges"]) for name, values in edges.items()},
        "num_nodes": given["num_nodes"],
        "num_edges": given["num_edges"],
    }
    return batch, order
