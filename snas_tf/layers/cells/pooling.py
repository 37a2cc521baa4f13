# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The candidate operations without trained weights: pooling, followed by batch normalisation."""

from __future__ import annotations

import keras
import tensorflow as tf

from snas_tf.layers.convolution import subsampled
from snas_tf.layers.edge_operation import (
    Computed,
    EdgeOperation,
    EdgeValues,
    Features,
    NormalizedOperation,
    weighted,
)
from snas_tf.layers.normalization.normalization_values import scales_and_offsets
from snas_tf.layers.shape import Shape
from snas_tf.native import average_pool, max_pool
from snas_tf.native.mixture import Shared


class _Pooling(NormalizedOperation):
    """Pooling over 3x3 pixels, then batch normalisation; the edges share all but the weights."""

    def build(self, input_shape: Shape) -> None:
        """Creates the batch normalisation."""
        self.normalization = self.add_normalization([self.downsampled(input_shape)])
        self.built = True

    def features(self, kernels: list[tf.Tensor], inputs: tf.Tensor, training: bool) -> Features:
        """Pools once for all edges."""
        return [self.pool_in_training(inputs) if training else self.pool(inputs)], None

    def part(self, inputs: tf.Tensor, edge_weights: tf.Tensor) -> Shared:
        """The normalised pooled tensor."""
        values = self.normalization.values()
        pooled = self.pool_in_training(tf.cast(inputs, self.compute_dtype))
        normalized, statistics = self.normalization.normalize_shared(values, pooled, training=True)
        self.normalization.update(statistics)
        return Shared(normalized, *scales_and_offsets(values, edge_weights))

    def pool(self, inputs: tf.Tensor) -> tf.Tensor:
        """The pooling itself."""
        raise NotImplementedError

    def pool_in_training(self, inputs: tf.Tensor) -> tf.Tensor:
        """The same, by operations whose gradient is quick."""
        return self.pool(inputs)


@keras.saving.register_keras_serializable(package="snas_tf")
class MaxPooling(_Pooling):
    """`max_pool_3x3`: the greatest of 3x3 pixels, then BN. Arguments of `EdgeOperation`."""

    def pool(self, inputs: tf.Tensor) -> tf.Tensor:
        """Pads one pixel of minus infinity on every side, as "SAME" does at stride 1."""
        if self.stride == 1:
            return tf.nn.max_pool2d(inputs, 3, 1, "SAME")
        # XLA has no pooling with explicit padding.
        border = ((0, 0), (1, 1), (1, 1), (0, 0))
        padded = tf.pad(inputs, border, constant_values=inputs.dtype.min)
        return tf.nn.max_pool2d(padded, 3, 2, "VALID")

    def pool_in_training(self, inputs: tf.Tensor) -> tf.Tensor:
        """Takes a custom C++ op where one is in use."""
        if max_pool.suits(inputs):
            return max_pool.max_pool(inputs, self.stride)
        return self.pool(inputs)

    def convertible(self) -> MaxPooling:
        """The same for other formats, without its weights."""
        return _SubsampledMaxPooling.from_config(self.get_config())


class _SubsampledMaxPooling(MaxPooling):
    """`MaxPooling` without a border of the least float32.

    Eight bits cannot hold a range with that value in it: the interpreter dies of such a file.
    """

    def pool(self, inputs: tf.Tensor) -> tf.Tensor:
        """The greatest of 3x3 pixels at stride 1, of which every second is taken at stride 2."""
        greatest = tf.nn.max_pool2d(inputs, 3, 1, "SAME")
        return greatest if self.stride == 1 else greatest[:, ::2, ::2]


@keras.saving.register_keras_serializable(package="snas_tf")
class AveragePooling(_Pooling):
    """`avg_pool_3x3`: the mean of 3x3 pixels without the border's, then BN."""

    def pool(self, inputs: tf.Tensor) -> tf.Tensor:
        """The mean."""
        return _average(inputs, self.stride)

    def pool_in_training(self, inputs: tf.Tensor) -> tf.Tensor:
        """Takes a custom C++ op where one is in use."""
        return _average(inputs, self.stride, training=True)


@keras.saving.register_keras_serializable(package="snas_tf")
class PlainAveragePooling(EdgeOperation):
    """`avg_pool_3x3_plain`: the mean of 3x3 pixels without the border's, and no BN.

    NAS-Bench-201 calls it avg_pool_3x3. Arguments of `EdgeOperation`.
    """

    def compute(
        self, values: EdgeValues, inputs: tf.Tensor, edge_weights: tf.Tensor | None, training: bool
    ) -> Computed:
        """The mean, weighted for every edge."""
        pooled = self._pooled(inputs, training)
        return weighted(pooled, edge_weights, values.num_edges), []

    def part(self, inputs: tf.Tensor, edge_weights: tf.Tensor) -> Shared:
        """The mean."""
        zeros = tf.zeros((self.num_edges, inputs.shape[-1]))
        return Shared(self._pooled(inputs, training=True), edge_weights, zeros)

    def _pooled(self, inputs: tf.Tensor, training: bool) -> tf.Tensor:
        """The mean; in training by a custom C++ op where one is in use."""
        return _average(tf.cast(inputs, self.compute_dtype), self.stride, training)


def _average(inputs: tf.Tensor, stride: int, training: bool = False) -> tf.Tensor:
    """Averages at stride 1 and subsamples: "SAME" would shift the grid at stride 2."""
    if training and average_pool.suits(inputs):
        average = average_pool.average_pool(inputs)
    else:
        average = tf.nn.avg_pool2d(inputs, 3, 1, "SAME")
    return average if stride == 1 else subsampled(average)
