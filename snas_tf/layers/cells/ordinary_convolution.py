# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The candidate operations that are ordinary convolutions, of NAS-Bench-201 (arXiv 2001.00326).

They take the same activated node, so those of all E edges that leave it are one convolution with E
times as many outputs, and its normalisation is one over all of these. In training a custom C++ op
computes it where one is in use (`snas_tf.native`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from snas_tf.layers.cells.native_operation import NativeOperation
from snas_tf.layers.convolution import joined_convolution
from snas_tf.layers.edge_operation import Computed, EdgeValues, uniform_initializer
from snas_tf.layers.normalization.batch_normalization import EPSILON, BatchNormalization
from snas_tf.layers.shape import Shape
from snas_tf.native import convolution as native


@keras.saving.register_keras_serializable(package="snas_tf")
class Convolution(NativeOperation):
    """`nor_conv_kxk`: [ReLU, convolution kxk, BN].

    Args:
        kernel_size: k, odd.
        **kwargs: Arguments of `EdgeOperation`.
    """

    def __init__(self, kernel_size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kernel_size = kernel_size

    def build(self, input_shape: Shape) -> None:
        """Creates the kernels, (E, k, k, C, C), and the batch normalisation."""
        channels, size = input_shape[-1], self.kernel_size
        self.kernel = self.add_weight(
            shape=(self.num_edges, size, size, channels, channels),
            initializer=uniform_initializer(size**2 * channels),
            name="kernel",
        )
        shapes = [self.downsampled(input_shape)] * self.num_edges
        self.normalization = self.add_normalization(shapes)
        self.built = True

    def suits(self, channels: int) -> bool:
        """At stride 1, for channels in multiples of 8."""
        return native.suits(channels, self.kernel_size, self.stride)

    def chain(self, values: EdgeValues) -> native.Kernels:
        """The convolution."""
        return native.Kernels(values.kernels[0], EPSILON)

    def compute_in_tensorflow(
        self, values: EdgeValues, inputs: tf.Tensor, edge_weights: tf.Tensor | None, training: bool
    ) -> Computed:
        """Convolves and normalises all edges at once."""
        activated = tf.nn.relu(inputs)
        kernels = tf.cast(values.kernels[0], self.compute_dtype)
        joined = joined_convolution(activated, kernels, self.stride)
        outputs, statistics = self.normalization.compute_joined(
            values.normalizations[0], joined, edge_weights, training
        )
        return outputs, [statistics]

    def kernel_variables(self) -> Sequence[keras.Variable]:
        """The one kernel."""
        return (self.kernel,)

    def normalization_layers(self) -> Sequence[BatchNormalization]:
        """The one normalisation."""
        return (self.normalization,)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "kernel_size": self.kernel_size}
