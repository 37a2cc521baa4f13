# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the candidate operations have in common: one operation on the E edges that leave a node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import tensorflow as tf

from snas_tf.layers.normalization.batch_normalization import BatchNormalization
from snas_tf.layers.normalization.normalization_values import NormalizationValues, Statistics
from snas_tf.layers.shape import Shape
from snas_tf.native.mixture import Convolutions, Shared

Part = Convolutions | Shared
"""What a mixture adds up."""


class EdgeValues(NamedTuple):
    """What the variables of an operation on E edges hold.

    Attributes:
        num_edges: E.
        kernels: Tensors (E, ...), in the order of `EdgeOperation.kernel_variables`.
        normalizations: Those of its batch normalisations, in the order in which they are applied.
    """

    num_edges: int
    kernels: list[tf.Tensor]
    normalizations: list[NormalizationValues]


Computed = tuple[list[tf.Tensor], list[Statistics | None]]
"""Outputs, an edge each, and of every batch normalisation the batch's statistics in training."""


Features = tuple[list[tf.Tensor], tf.Tensor | None]
"""What a batch normalisation takes: a tensor an edge, or one that all edges share; and the kernels,
(E, C, channels), of the pointwise convolutions before it, or None for none."""


class EdgeOperation(keras.layers.Layer):
    """One candidate operation O^k on the E edges that leave the same node.

    Every edge has its own weights, stacked along a leading axis; what the edges can share (the
    activation, the pooling, the rearrangement of a dilated convolution) is computed once. A child
    network uses the same layer with one edge.

    Args:
        num_edges: Number of edges E, positive.
        stride: 1, or 2 on the edges from the inputs of a reduction cell.
        affine: Whether batch normalisation has a trained scale and shift.

    Call arguments:
        inputs: The source node, (batch, height, width, channels).
        edge_weights: float32 (E,), the weights Z^k of this operation, or None for ones.
        training: Whether batch normalisation uses and updates the batch's statistics.

    Returns:
        List of E tensors (batch, ceil(height / stride), ceil(width / stride), channels), in the
        layer's compute dtype: Z^k O^k(inputs).
    """

    def __init__(
        self, num_edges: int = 1, stride: int = 1, affine: bool = True, **kwargs: Any
    ) -> None:
        # Architecture weights stay float32 under every policy, so nothing is cast behind our back.
        super().__init__(autocast=False, **kwargs)
        if num_edges < 1:
            raise ValueError(f"`num_edges` must be positive. Received: {num_edges}.")
        if stride not in (1, 2):
            raise ValueError(f"`stride` must be 1 or 2. Received: {stride}.")
        self.num_edges = num_edges
        self.stride = stride
        self.affine = affine

    def call(
        self, inputs: tf.Tensor, edge_weights: tf.Tensor | None = None, training: bool = False
    ) -> list[tf.Tensor]:
        """Computes with the layer's own variables, and updates running statistics in training."""
        outputs, statistics = self.compute(self.values(), inputs, edge_weights, training)
        for layer, batch in zip(self.normalization_layers(), statistics, strict=True):
            layer.update(batch)
        return outputs

    def compute(
        self,
        values: EdgeValues,
        inputs: tf.Tensor,
        edge_weights: tf.Tensor | None,
        training: bool,
    ) -> Computed:
        """What the operation computes, without a look at its variables, and without an update.

        Args:
            values: Those of the layer's edges, or of some of them.
            inputs: As for a call.
            edge_weights: As for a call, of the same edges as the values.
            training: As for a call.

        Returns:
            The outputs of a call, and of every batch normalisation the batch's statistics, which
            are None unless in training.
        """
        raise NotImplementedError

    def is_native(self, inputs: tf.Tensor) -> bool:
        """Whether a custom C++ op computes all of it in training; by default it does not.

        Args:
            inputs: As for a call.
        """
        return False

    def part(self, inputs: tf.Tensor, edge_weights: tf.Tensor) -> Part | None:
        """What it is in a mixture (`snas_tf.native.mixture`) in training.

        An operation that is native gives its convolutions, whose running statistics the mixture's
        are for; one whose edges differ by an affine map gives what they share, and updates its
        running statistics, as a call does.

        Args:
            inputs: As for a call.
            edge_weights: float32 (E, channels), the weights Z^k for every channel.

        Returns:
            The part, or None for an operation that has to be called; so by default.
        """
        return None

    def kernel_variables(self) -> Sequence[keras.Variable]:
        """The trained kernels, (E, ...) each; none by default."""
        return ()

    def normalization_layers(self) -> Sequence[BatchNormalization]:
        """The batch normalisations, in the order in which they are applied; none by default."""
        return ()

    def add_normalization(
        self, input_shapes: Sequence[Shape], name: str = "normalization"
    ) -> BatchNormalization:
        """A batch normalisation for the layer's edges, built: what `build` keeps as an attribute.

        Args:
            input_shapes: Of the E tensors that it takes, or of one that all edges share.
            name: Its name, another one for each that the layer has.
        """
        layer = BatchNormalization(
            self.num_edges,
            self.affine,
            dtype=self.dtype_policy,
            trainable=self.trainable,
            name=name,
        )
        layer.build(list(input_shapes))
        return layer

    def values(self) -> EdgeValues:
        """What the variables hold now."""
        return EdgeValues(
            self.num_edges,
            [tf.convert_to_tensor(kernel) for kernel in self.kernel_variables()],
            [layer.values() for layer in self.normalization_layers()],
        )

    def downsampled(self, input_shape: Shape, channels: int | None = None) -> Shape:
        """The shape of one output: resolution divided by the stride, rounded up."""
        batch, height, width, input_channels = input_shape
        return (
            batch,
            None if height is None else -(-height // self.stride),
            None if width is None else -(-width // self.stride),
            channels or input_channels,
        )

    def compute_output_shape(self, input_shape: Shape, *args: Any) -> list[Shape]:
        """Shapes of the E outputs."""
        return [self.downsampled(input_shape)] * self.num_edges

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "num_edges": self.num_edges,
            "stride": self.stride,
            "affine": self.affine,
        }


class NormalizedOperation(EdgeOperation):
    """An operation that ends in its only batch normalisation, which carries the edge's weight.

    It has it as the attribute `normalization`, from `add_normalization`.
    """

    def compute(
        self, values: EdgeValues, inputs: tf.Tensor, edge_weights: tf.Tensor | None, training: bool
    ) -> Computed:
        """Normalises and weights what comes before."""
        features, mixing = self.features(
            values.kernels, tf.cast(inputs, self.compute_dtype), training
        )
        outputs, statistics = self.normalization.compute(
            values.normalizations[0], features, edge_weights, training, mixing
        )
        return outputs, [statistics]

    def features(self, kernels: list[tf.Tensor], inputs: tf.Tensor, training: bool) -> Features:
        """What comes before the normalisation.

        Args:
            kernels: What `kernel_variables` hold, for all edges.
            inputs: As for a call, in the compute dtype.
            training: As for a call.
        """
        raise NotImplementedError

    def normalization_layers(self) -> Sequence[BatchNormalization]:
        """The one normalisation."""
        return (self.normalization,)


def uniform_initializer(fan_in: int) -> keras.initializers.Initializer:
    """Uniform in +-1/sqrt(fan_in): the default of the paper's framework for a convolution."""
    bound = fan_in**-0.5
    return keras.initializers.RandomUniform(-bound, bound)


def weighted(tensor: tf.Tensor, edge_weights: tf.Tensor | None, num_edges: int) -> list[tf.Tensor]:
    """A tensor that all edges share, once for every edge, times the edge's weight.

    Args:
        tensor: What the edges share, of any shape.
        edge_weights: float32 (E,), or None for ones.
        num_edges: E.

    Returns:
        List of E tensors like `tensor`.
    """
    if edge_weights is None:
        return [tensor] * num_edges
    return [tensor * weight for weight in tf.unstack(tf.cast(edge_weights, tensor.dtype))]
