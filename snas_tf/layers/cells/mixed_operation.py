# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""All candidate operations on the edges that leave one node, mixed by the sampled weights."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf import space
from snas_tf.layers.cells.operations import candidate_operation
from snas_tf.layers.chosen_operation import ChosenOperation, values_by_edge
from snas_tf.layers.normalization.normalization_values import Statistics, spread
from snas_tf.layers.shape import Shape
from snas_tf.native.mixture import Shared, mixture


@keras.saving.register_keras_serializable(package="snas_tf")
class MixedOperation(keras.layers.Layer):
    """The mixed operations of the E edges that leave node i.

        Otilde_(i,j)(x_i) = sum_k Z^k_(i,j) O^k_(i,j)(x_i)

    Args:
        primitives: Names of the K candidate operations.
        num_edges: Number of edges E that leave the node.
        stride: 1, or 2 on the edges from the inputs of a reduction cell.
        affine: Whether batch normalisation has a trained scale and shift.

    Call arguments:
        inputs: The source node x_i, (batch, height, width, channels).
        samples: float32 (E, K), the rows of Z for these edges.
        training: Whether batch normalisation uses and updates the batch's statistics.
        chosen: Given, the rows of Z are one-hot, and it runs the chosen operation of each edge
            alone: the others neither compute, nor get a gradient other than zero, nor update
            running statistics. None runs all operations.

    Returns:
        List of E tensors, Otilde_(i,j)(x_i) for every target node j.
    """

    def __init__(
        self,
        primitives: tuple[str, ...],
        num_edges: int,
        stride: int = 1,
        affine: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.primitives = tuple(primitives)
        self.num_edges = num_edges
        self.stride = stride
        self.affine = affine
        self.operations = [
            candidate_operation(
                primitive,
                num_edges=num_edges,
                stride=stride,
                affine=affine,
                dtype=self.dtype_policy,
                trainable=self.trainable,
                name=space.operation(primitive).label,
            )
            for primitive in self.primitives
        ]

    def build(self, inputs_shape: Shape, samples_shape: Shape | None = None) -> None:
        """Builds every candidate operation."""
        for operation in self.operations:
            operation.build(inputs_shape)
        self.built = True

    def call(
        self,
        inputs: tf.Tensor,
        samples: tf.Tensor,
        training: bool = False,
        chosen: ChosenOperation | None = None,
    ) -> list[tf.Tensor]:
        """Runs every operation and sums; `none` is left out of the sum, where it adds nothing."""
        if chosen is not None:
            return self._run_chosen(chosen, inputs, samples, training)
        columns = [
            column
            for column, primitive in enumerate(self.primitives)
            if space.operation(primitive).group != "none" or len(self.primitives) == 1
        ]
        terms = []
        if training and any(self.operations[column].is_native(inputs) for column in columns):
            mixed, columns = self._mix(inputs, samples, columns)
            terms.append(mixed)
        weights = tf.unstack(samples, axis=1)
        terms += [
            self.operations[column](inputs, weights[column], training=training)
            for column in columns
        ]
        return [tf.add_n(edge) for edge in zip(*terms, strict=True)]

    def _mix(
        self, inputs: tf.Tensor, samples: tf.Tensor, columns: list[int]
    ) -> tuple[list[tf.Tensor], list[int]]:
        """In training, the sum of the operations that can be parts of a mixture; and the others."""
        layers, convolutions, shared, others = [], [], [], []
        by_channel = tf.unstack(spread(samples, inputs.shape[-1]), axis=1)
        for column in columns:
            part = self.operations[column].part(inputs, by_channel[column])
            if part is None:
                others.append(column)
            elif isinstance(part, Shared):
                shared.append(part)
            else:
                layers.append(self.operations[column])
                convolutions.append(part)
        outputs, *statistics = mixture(tf.cast(inputs, self.compute_dtype), convolutions, shared)
        for operation, *by_stage in zip(layers, *statistics, strict=True):
            stages = zip(operation.normalization_layers(), *by_stage, strict=True)
            for normalization, means, variances in stages:
                normalization.update(Statistics(means, variances))
        return outputs, others

    def _run_chosen(
        self, chosen: ChosenOperation, inputs: tf.Tensor, samples: tf.Tensor, training: bool
    ) -> list[tf.Tensor]:
        frozen = tuple(
            not layer.trainable
            for operation in self.operations
            for layer in operation.normalization_layers()
        )
        kind = (self.primitives, self.stride, self.affine, self.dtype_policy.name, frozen)
        values = [values_by_edge(operation.values()) for operation in self.operations]
        results = [
            chosen(self.operations, kind, edge_values, inputs, row, training)
            for edge_values, row in zip(zip(*values, strict=True), tf.unstack(samples), strict=True)
        ]
        outputs, statistics = zip(*results, strict=True)
        if training:
            self._update(tf.stack(statistics, axis=2), samples)
        return list(outputs)

    def _update(self, statistics: tf.Tensor, samples: tf.Tensor) -> None:
        """Takes (2, R, E, channels) to the running statistics of the operations that ran."""
        by_stage = [Statistics(*tf.unstack(stage)) for stage in tf.unstack(statistics, axis=1)]
        for operation, weights in zip(self.operations, tf.unstack(samples, axis=1), strict=True):
            ran = tf.reshape(weights != 0, (-1, 1))
            for layer, batch in zip(operation.normalization_layers(), by_stage, strict=False):
                if layer.moving_mean.shape[0] < self.num_edges:  # one input for all edges
                    first = tf.argmax(ran)
                    shared = Statistics(*(tf.gather(part, first) for part in batch))
                    layer.update(shared, tf.reduce_any(ran, axis=0, keepdims=True))
                else:
                    layer.update(batch, ran)

    def operation(self, primitive: str) -> keras.layers.Layer:
        """The layer of one candidate operation."""
        return self.operations[self.primitives.index(primitive)]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "primitives": self.primitives,
            "num_edges": self.num_edges,
            "stride": self.stride,
            "affine": self.affine,
        }
