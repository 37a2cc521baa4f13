# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What operations have in common that a custom C++ op computes in training (`snas_tf.native`).

Such an operation says what its op takes (`chain`), and for which images it can (`suits`); without
it, and for other images, TensorFlow's operations compute it.
"""

from __future__ import annotations

import tensorflow as tf

from snas_tf.layers.edge_operation import Computed, EdgeOperation, EdgeValues
from snas_tf.layers.normalization.normalization_values import Statistics, scales_and_offsets, spread
from snas_tf.native.mixture import Chain, Convolutions, mixture


class NativeOperation(EdgeOperation):
    """An operation that ends in a batch normalisation, with all before it in a custom C++ op."""

    def chain(self, values: EdgeValues) -> Chain:
        """What the op takes, of these values."""
        raise NotImplementedError

    def suits(self, channels: int) -> bool:
        """Whether the op is in use and can take float32 images of so many channels."""
        raise NotImplementedError

    def compute_in_tensorflow(
        self, values: EdgeValues, inputs: tf.Tensor, edge_weights: tf.Tensor | None, training: bool
    ) -> Computed:
        """As `compute`, by TensorFlow's operations."""
        return super().compute(values, inputs, edge_weights, training)

    def compute(
        self, values: EdgeValues, inputs: tf.Tensor, edge_weights: tf.Tensor | None, training: bool
    ) -> Computed:
        """By the custom C++ op where it can."""
        inputs = tf.cast(inputs, self.compute_dtype)
        if not (training and self.is_native(inputs)):
            return self.compute_in_tensorflow(values, inputs, edge_weights, training)
        by_channel = None if edge_weights is None else spread(edge_weights, inputs.shape[-1])
        outputs, means, variances = mixture(inputs, [self._convolutions(values, by_channel)])
        return outputs, [Statistics(*stage) for stage in zip(means[0], variances[0], strict=True)]

    def is_native(self, inputs: tf.Tensor) -> bool:
        """Whether the op computes all of it in training: in float32, by the batch's statistics."""
        stages = self.normalization_layers()
        by_batch = all(stage.learns(training=True) for stage in stages)
        alone = not any(stage.meets_replicas() for stage in stages)
        is_float = self.compute_dtype == "float32"
        return by_batch and alone and is_float and self.suits(inputs.shape[-1])

    def part(self, inputs: tf.Tensor, edge_weights: tf.Tensor) -> Convolutions | None:
        """All of it."""
        if not self.is_native(inputs):
            return None
        return self._convolutions(self.values(), edge_weights)

    def _convolutions(self, values: EdgeValues, edge_weights: tf.Tensor | None) -> Convolutions:
        last = values.normalizations[-1]
        return Convolutions(self.chain(values), *scales_and_offsets(last, edge_weights))
