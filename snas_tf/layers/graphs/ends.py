# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What stands around the operations of a graph network: the end of a layer, and the head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from snas_tf.layers.edge_operation import uniform_initializer
from snas_tf.layers.graphs.disjoint import Membership, padded
from snas_tf.layers.graphs.rows import leaky, normalized_product
from snas_tf.layers.normalization.batch_normalization import BatchNormalization


class _Normalized(keras.layers.Layer):
    """Linear, batch normalisation with scale and shift, leaky ReLU, and a linear map or none.

    Args:
        inputs: Width before.
        hidden: Width behind the first map.
        outputs: Width behind the second; None to end in the first, without it.
    """

    def __init__(self, inputs: int, hidden: int, outputs: int | None, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.inputs, self.hidden, self.outputs = inputs, hidden, outputs
        common = {"dtype": self.dtype_policy, "trainable": self.trainable}
        self.normalization = BatchNormalization(name="normalization", **common)

    def build(self, input_shape: Any = None) -> None:
        """Creates the weights, which the widths tell."""
        self.kernel = self.add_weight(
            shape=(1, self.inputs, self.hidden),
            initializer=uniform_initializer(self.inputs),
            name="kernel",
        )
        self.normalization.build([(None, 1, 1, self.hidden)])
        if self.outputs is not None:
            self.last = self.add_weight(
                shape=(self.hidden, self.outputs),
                initializer=uniform_initializer(self.hidden),
                name="last",
            )
            self.bias = self.add_weight(shape=(self.outputs,), initializer="zeros", name="bias")
        self.built = True

    def transformed(self, rows: tf.Tensor, training: bool, dtype: Any) -> tf.Tensor:
        """(rows, inputs) to (rows, outputs or hidden); the last map is in `dtype`."""
        kernel = tf.cast(self.kernel, self.compute_dtype)
        rows = tf.cast(rows, self.compute_dtype)
        rows = leaky(normalized_product(self.normalization, rows, kernel, training))
        if self.outputs is None:
            return rows
        return tf.matmul(tf.cast(rows, dtype), tf.cast(self.last, dtype)) + tf.cast(
            self.bias, dtype
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        return {**config, "inputs": self.inputs, "hidden": self.hidden, "outputs": self.outputs}


@keras.saving.register_keras_serializable(package="snas_tf")
class StateSum(keras.layers.Layer):
    """The sum of what arrives at a state, which may have no rows.

    Keras's own `Add` takes a tensor of no rows for a bias, and fails where a graph has no edges.
    """

    def call(self, arriving: Sequence[tf.Tensor]) -> tf.Tensor:
        """List of (rows, width) to (rows, width)."""
        return tf.add_n(arriving)

    def compute_output_spec(self, arriving: Sequence[keras.KerasTensor]) -> keras.KerasTensor:
        """(rows, width)."""
        return keras.KerasTensor(arriving[0].shape, self.compute_dtype)


@keras.saving.register_keras_serializable(package="snas_tf")
class JoinedStates(_Normalized):
    """The end of a layer for one chain: from all its states to what the next layer is given.

    [joined, leaky ReLU, linear, BN, leaky ReLU, linear]; the last layer has no second linear map.
    """

    def call(self, states: Sequence[tf.Tensor], training: bool = False) -> tf.Tensor:
        """List of (rows, width) to (rows, width)."""
        joined = leaky(tf.cast(tf.concat(states, axis=-1), self.compute_dtype))
        return self.transformed(joined, training, self.compute_dtype)

    def compute_output_spec(
        self, states: Sequence[keras.KerasTensor], *args: Any, **kwargs: Any
    ) -> keras.KerasTensor:
        """(rows, width)."""
        return keras.KerasTensor((None, self.outputs or self.hidden), self.compute_dtype)


@keras.saving.register_keras_serializable(package="snas_tf")
class GraphHead(_Normalized):
    """What is told of nodes, edges or graphs, float32: [linear, BN, leaky ReLU, linear].

    Of a graph it reads the mean and the greatest of all its entities, and of its edges.

    Args:
        task: "node", "edge" or "graph".
        **kwargs: Arguments of `_Normalized`.

    Call arguments:
        states: The chains that are read: (n, width) of entities, (m, edge width) of edges.
        membership: Where they stand in the batch.
        unread: States of which nothing comes; they stay parts of a functional model.

    Returns:
        float32 (batch, most nodes or most edges, outputs), zeros beyond what a graph has; or
        (batch, outputs).
    """

    def __init__(self, task: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.task = task

    def call(
        self,
        states: Sequence[tf.Tensor],
        membership: Membership,
        unread: Sequence[tf.Tensor] = (),
        training: bool = False,
    ) -> tf.Tensor:
        """States to what is told; see the class."""
        graphs, most_entities, most_edges = tf.unstack(membership.sizes)
        if self.task == "graph":
            owners = (membership.graph_of_entity, membership.graph_of_edge)
            of_chains = zip(states, owners, strict=False)
            parts = [part for rows, owner in of_chains for part in pooled(rows, owner, graphs)]
            return self.transformed(tf.concat(parts, axis=-1), training, tf.float32)
        of_edges = self.task == "edge"
        places = membership.edge_places if of_edges else membership.entity_places
        told = self.transformed(states[0], training, tf.float32)
        return padded(told, places, graphs, most_edges if of_edges else most_entities)

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> keras.KerasTensor:
        """(batch, outputs), or (batch, most nodes or edges, outputs)."""
        between = () if self.task == "graph" else (None,)
        return keras.KerasTensor((None, *between, self.outputs), "float32")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "task": self.task}


def pooled(rows: tf.Tensor, owners: tf.Tensor, graphs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The mean and the greatest of the rows of every graph, zeros where it has none.

    Args:
        rows: (n, width).
        owners: int32 (n,), the graph of each, ascending.
        graphs: int32 scalar, how many there are.

    Returns:
        Two of float32 (graphs, width).
    """
    rows = tf.cast(rows, tf.float32)
    totals = tf.sparse.segment_sum(rows, tf.range(tf.shape(rows)[0]), owners, num_segments=graphs)
    ones = tf.ones_like(owners, tf.float32)
    counts = tf.math.unsorted_segment_sum(ones, owners, graphs)[:, None]
    greatest = tf.math.segment_max(rows, owners)
    missing = graphs - tf.shape(greatest)[0]
    greatest = tf.ensure_shape(tf.pad(greatest, ((0, missing), (0, 0))), (None, rows.shape[1]))
    return totals / tf.maximum(counts, 1.0), greatest
