# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Batch normalisation of the edges that leave one node, with their architecture weights folded in.

An operation of the paper ends in a batch normalisation (BN), and the supernet multiplies its output
by the edge's weight Z^k. Both are one affine map of the normalised tensor,

    Z * (gamma * x_hat + beta) = (Z * gamma) * x_hat + (Z * beta),

so Z becomes the scale of the fused BN kernel: no weighted copy of the output is kept, and
the kernel's own gradient of its scale is dL/dZ^k = <dL/dx_j, O^k(x_i)> (section 2.3
of arXiv 1812.09926).
"""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf.layers.convolution import pointwise
from snas_tf.layers.normalization import synchronized_normalization
from snas_tf.layers.normalization.frozen_statistics import are_frozen
from snas_tf.layers.normalization.fused_normalization import (
    fused_normalization,
    normalized_products,
)
from snas_tf.layers.normalization.normalization_values import (
    NormalizationValues,
    Statistics,
    scales_and_offsets,
    spread,
)

MOMENTUM = 0.9
EPSILON = 1e-5


@keras.saving.register_keras_serializable(package="snas_tf")
class BatchNormalization(keras.layers.Layer):
    """Normalises the outputs of one operation on the E edges that leave a node.

    The layer takes either one tensor an edge, each normalised by its own statistics, or a single
    tensor that all edges share (a pooled input, say), which is normalised once. Running statistics
    follow the paper's framework: momentum 0.9, epsilon 1e-5, and the unbiased batch variance.

    A frozen layer (`trainable = False`) is in inference mode whatever it is called with, as
    `keras.layers.BatchNormalization` is.

    Under replicas the statistics are each replica's own, unless they are synchronised; the running
    ones are averaged by `snas_tf.Snas` in every step.

    Args:
        num_edges: Number of edges E, positive.
        affine: Whether each edge has a trained scale and shift. The paper's search has none.
        momentum: Share of the old running statistics that one step keeps, in [0, 1).
        synchronized: Whether the batch's statistics are those of the images of all replicas.

    Call arguments:
        inputs: List of E tensors (batch, height, width, channels), or of one that all edges share.
        edge_weights: float32 (E,), the weights Z^k of this operation, or None for ones.
        training: Whether to normalise by the batch's statistics and to update the running ones.
        kernels: (E, C, channels) of the inputs' dtype, or None. With them it is the pointwise
            convolutions of the E inputs that are normalised.

    Returns:
        List of E tensors of the inputs' shape and dtype.
    """

    def __init__(
        self,
        num_edges: int = 1,
        affine: bool = True,
        momentum: float = MOMENTUM,
        synchronized: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.num_edges = num_edges
        self.affine = affine
        self.momentum = momentum
        self.synchronized = synchronized

    def build(self, input_shapes: list[tuple[int | None, ...]]) -> None:
        """Creates the statistics, a row an input, and the affine weights, a row an edge."""
        channels = input_shapes[0][-1]
        statistics_shape = (len(input_shapes), channels)
        # Alone, Keras would cast them under a mixed policy; the fused kernel takes float32.
        fixed = {"trainable": False, "autocast": False}
        self.moving_mean = self.add_weight(
            shape=statistics_shape, initializer="zeros", name="moving_mean", **fixed
        )
        self.moving_variance = self.add_weight(
            shape=statistics_shape, initializer="ones", name="moving_variance", **fixed
        )
        if self.affine:
            shape = (self.num_edges, channels)
            self.gamma = self.add_weight(
                shape=shape, initializer="ones", autocast=False, name="gamma"
            )
            self.beta = self.add_weight(
                shape=shape, initializer="zeros", autocast=False, name="beta"
            )
        self.built = True

    def call(
        self,
        inputs: list[tf.Tensor],
        edge_weights: tf.Tensor | None = None,
        training: bool = False,
        kernels: tf.Tensor | None = None,
    ) -> list[tf.Tensor]:
        """Normalises, scales and shifts; see the class."""
        outputs, statistics = self.compute(self.values(), inputs, edge_weights, training, kernels)
        self.update(statistics)
        return outputs

    def values(self) -> NormalizationValues:
        """What the variables hold now."""
        variables = [self.moving_mean, self.moving_variance]
        if self.affine:
            variables += [self.gamma, self.beta]
        return NormalizationValues(self.num_edges, *map(tf.convert_to_tensor, variables))

    def compute(
        self,
        values: NormalizationValues,
        inputs: list[tf.Tensor],
        edge_weights: tf.Tensor | None,
        training: bool,
        kernels: tf.Tensor | None = None,
    ) -> tuple[list[tf.Tensor], Statistics | None]:
        """What the layer computes, without a look at its variables, and without an update.

        Args:
            values: Those of the layer's edges, or of some of them.
            inputs: As for a call.
            edge_weights: As for a call, of the same edges as the values.
            training: As for a call.
            kernels: As for a call, of the same edges as the values.

        Returns:
            The outputs of a call, and the batch's statistics where it normalises by them.
        """
        training = self.learns(training)
        if edge_weights is not None:
            edge_weights = spread(edge_weights, values.moving_mean.shape[-1])
        scales, offsets = scales_and_offsets(values, edge_weights)
        if kernels is not None:
            return self._normalize_products(values, inputs, kernels, scales, offsets, training)
        scales, offsets = tf.unstack(scales), tf.unstack(offsets)
        if len(inputs) == values.num_edges:
            return self._normalize(values, inputs, scales, offsets, training)
        normalized, statistics = self.normalize_shared(values, inputs[0], training)
        outputs = [normalized * tf.cast(scale, normalized.dtype) for scale in scales]
        if self.affine:
            outputs = [
                output + tf.cast(offset, output.dtype)
                for output, offset in zip(outputs, offsets, strict=True)
            ]
        return outputs, statistics

    def compute_joined(
        self,
        values: NormalizationValues,
        tensor: tf.Tensor,
        edge_weights: tf.Tensor | None,
        training: bool,
    ) -> tuple[list[tf.Tensor], Statistics | None]:
        """As `compute`, of the edges' tensors in one, their channels side by side.

        Args:
            values: As for `compute`.
            tensor: (batch, height, width, E * channels), edge after edge.
            edge_weights: As for a call.
            training: As for a call.

        Returns:
            E tensors (batch, height, width, channels), and the batch's statistics where it
            normalises by them.
        """
        shape = values.moving_mean.shape
        if edge_weights is not None:
            edge_weights = spread(edge_weights, shape[-1])
        scales, offsets = (
            tf.reshape(part, (-1,)) for part in scales_and_offsets(values, edge_weights)
        )
        means, variances = (tf.reshape(part, (1, -1)) for part in values[1:3])
        joined = NormalizationValues(1, means, variances)
        (normalized,), statistics = self._normalize(
            joined, [tensor], [scales], [offsets], self.learns(training)
        )
        if statistics is not None:
            statistics = Statistics(*(tf.reshape(part, shape) for part in statistics))
        return tf.split(normalized, values.num_edges, axis=-1), statistics

    def normalize_shared(
        self, values: NormalizationValues, tensor: tf.Tensor, training: bool
    ) -> tuple[tf.Tensor, Statistics | None]:
        """Normalises a tensor that all edges share, without their scales and offsets.

        Args:
            values: As for `compute`.
            tensor: (batch, height, width, channels).
            training: As for a call.

        Returns:
            A tensor like it, and the batch's statistics where it normalises by them.
        """
        channels = tensor.shape[-1]
        ones, zeros = [tf.ones(channels)], [tf.zeros(channels)]
        (normalized,), statistics = self._normalize(
            values, [tensor], ones, zeros, self.learns(training)
        )
        return normalized, statistics

    def _normalize_products(
        self,
        values: NormalizationValues,
        inputs: list[tf.Tensor],
        kernels: tf.Tensor,
        scales: tf.Tensor,
        offsets: tf.Tensor,
        training: bool,
    ) -> tuple[list[tf.Tensor], Statistics | None]:
        if training and not self.meets_replicas():
            outputs, means, variances = normalized_products(
                inputs, kernels, scales, offsets, epsilon=EPSILON
            )
            return outputs, Statistics(means, variances)
        pairs = zip(inputs, tf.unstack(kernels), strict=True)
        products = [pointwise(tensor, kernel) for tensor, kernel in pairs]
        scales, offsets = tf.unstack(scales), tf.unstack(offsets)
        return self._normalize(values, products, scales, offsets, training)

    def learns(self, training: bool) -> bool:
        """Whether it takes the batch's statistics: in training, unless the layer is frozen."""
        return bool(training) and self.trainable

    def meets_replicas(self) -> bool:
        """Whether the statistics of a batch are those of several replicas, in training."""
        return self.synchronized and synchronized_normalization.several_replicas()

    def _normalize(
        self,
        values: NormalizationValues,
        inputs: list[tf.Tensor],
        scales: list[tf.Tensor],
        offsets: list[tf.Tensor],
        training: bool,
    ) -> tuple[list[tf.Tensor], Statistics | None]:
        moving = values.moving_mean, values.moving_variance
        if training and self.meets_replicas():
            result = synchronized_normalization.normalize(
                inputs, scales, offsets, moving[0], EPSILON
            )
            return result.outputs, Statistics(result.means, result.variances)
        normalized = fused_normalization(
            inputs, scales, offsets, *moving, epsilon=EPSILON, training=training
        )
        outputs = [result.y for result in normalized]
        if not training:
            return outputs, None
        return outputs, Statistics(
            tf.stack([result.batch_mean for result in normalized]),
            tf.stack([result.batch_variance for result in normalized]),
        )

    def update(self, statistics: Statistics | None, where: tf.Tensor | None = None) -> None:
        """Takes a batch's statistics into the running ones.

        Args:
            statistics: What `compute` gave, None for no update.
            where: bool (N, 1), for which inputs; None for all.
        """
        if statistics is None or not self.trainable or are_frozen():
            return
        for moving, batch in zip((self.moving_mean, self.moving_variance), statistics, strict=True):
            before = tf.convert_to_tensor(moving)
            updated = before + (1.0 - self.momentum) * (batch - before)
            moving.assign(updated if where is None else tf.where(where, updated, before))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "num_edges": self.num_edges,
            "affine": self.affine,
            "momentum": self.momentum,
            "synchronized": self.synchronized,
        }
