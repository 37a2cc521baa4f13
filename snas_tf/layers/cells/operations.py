# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The candidate operations of the paper's search space, each for the E edges that leave a node.

Structures as in the authors' released code: convolutions are [ReLU, depthwise, pointwise, BN], the
separable ones twice in a row, the dilated ones once with dilation 2; pooling is followed by BN; a
skip connection of stride 2 is a factorized reduction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from snas_tf import space
from snas_tf.layers.convolution import pointwise, subsampled
from snas_tf.layers.edge_operation import (
    Computed,
    EdgeOperation,
    EdgeValues,
    Features,
    NormalizedOperation,
    uniform_initializer,
    weighted,
)
from snas_tf.layers.shape import Shape
from snas_tf.native.mixture import Shared
from snas_tf.space.cells.operation import attribute


@keras.saving.register_keras_serializable(package="snas_tf")
class Zero(EdgeOperation):
    """`none`: the zero tensor, so that the edge does not exist. Arguments of `EdgeOperation`."""

    def compute(
        self, values: EdgeValues, inputs: tf.Tensor, edge_weights: tf.Tensor | None, training: bool
    ) -> Computed:
        """Zeros of the output's shape."""
        inputs = tf.cast(inputs, self.compute_dtype)
        zeros = tf.zeros_like(inputs[:, :: self.stride, :: self.stride])
        return [zeros] * values.num_edges, []

    def convertible(self) -> Zero:
        """The same for other formats."""
        return _FilledZero.from_config(self.get_config())


class _FilledZero(Zero):
    """`Zero` without `tf.zeros_like`, which LiteRT has in float32 alone."""

    def call(self, inputs: tf.Tensor, training: bool = False) -> list[tf.Tensor]:
        """Zeros of the output's shape."""
        _, *shape = self.downsampled(inputs.shape)
        return [tf.zeros((tf.shape(inputs)[0], *shape))]


@keras.saving.register_keras_serializable(package="snas_tf")
class FactorizedReduction(NormalizedOperation):
    """Halves the resolution: [ReLU, two pointwise convolutions of stride 2 a pixel apart, BN].

    Args:
        channels: Channels of an output, even, or None for those of the input.
        **kwargs: Arguments of `EdgeOperation`; the stride is 2.
    """

    def __init__(self, channels: int | None = None, **kwargs: Any) -> None:
        super().__init__(**{"stride": 2, **kwargs})
        if self.stride != 2:
            raise ValueError(f"A factorized reduction has stride 2. Received: {self.stride}.")
        if channels is not None and channels % 2:
            raise ValueError(f"`channels` must be even. Received: {channels}.")
        self.channels = channels

    def build(self, input_shape: Shape) -> None:
        """Creates the two halves' kernels and the batch normalisation."""
        channels = self.channels or input_shape[-1]
        self.kernels = [
            self.add_weight(
                shape=(self.num_edges, input_shape[-1], channels // 2),
                initializer=uniform_initializer(input_shape[-1]),
                name=name,
            )
            for name in ("even_kernel", "odd_kernel")
        ]
        shapes = [self.downsampled(input_shape, channels)] * self.num_edges
        self.normalization = self.add_normalization(shapes)
        self.built = True

    def features(self, kernels: list[tf.Tensor], inputs: tf.Tensor, training: bool) -> Features:
        """Convolves the even and the odd pixels and concatenates."""
        activated = tf.nn.relu(inputs)
        pixels = (subsampled(activated), subsampled(activated, first=1))
        halves = [tf.unstack(tf.cast(kernel, self.compute_dtype)) for kernel in kernels]
        outputs = [
            tf.concat(
                [pointwise(half, kernel) for half, kernel in zip(pixels, edge, strict=True)], -1
            )
            for edge in zip(*halves, strict=True)
        ]
        return outputs, None

    def kernel_variables(self) -> Sequence[keras.Variable]:
        """The two halves' kernels."""
        return self.kernels

    def compute_output_shape(self, input_shape: Shape, *args: Any) -> list[Shape]:
        """Shapes of the E outputs."""
        return [self.downsampled(input_shape, self.channels)] * self.num_edges

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "channels": self.channels}


@keras.saving.register_keras_serializable(package="snas_tf")
class SkipConnection(EdgeOperation):
    """`skip_connect` at stride 1: the identity. Arguments of `EdgeOperation`."""

    def compute(
        self, values: EdgeValues, inputs: tf.Tensor, edge_weights: tf.Tensor | None, training: bool
    ) -> Computed:
        """The input, weighted for every edge."""
        inputs = tf.cast(inputs, self.compute_dtype)
        return weighted(inputs, edge_weights, values.num_edges), []

    def part(self, inputs: tf.Tensor, edge_weights: tf.Tensor) -> Shared:
        """The input."""
        zeros = tf.zeros((self.num_edges, inputs.shape[-1]))
        return Shared(tf.cast(inputs, self.compute_dtype), edge_weights, zeros)


def candidate_operation(
    operation: str,
    *,
    num_edges: int = 1,
    stride: int = 1,
    affine: bool = True,
    **kwargs: Any,
) -> EdgeOperation:
    """The layer of an operation.

    Args:
        operation: Its name; see `snas_tf.space.operation`.
        num_edges: Number of edges that leave the node.
        stride: 1 or 2.
        affine: Whether batch normalisation has a trained scale and shift.
        **kwargs: Further arguments of a Keras layer (name, dtype).

    Returns:
        The unbuilt layer.

    Raises:
        InvalidInput: The operation is unknown.
    """
    record = space.operation(operation).at(stride)
    build = record.layer if callable(record.layer) else attribute(record.layer)
    return build(num_edges=num_edges, stride=stride, affine=affine, **record.arguments, **kwargs)
