# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The candidate operations that are depthwise separable convolutions, for the edges of a node.

Each is [ReLU, depthwise, pointwise, BN], once or twice in a row. In training a custom C++ op
computes it where one is in use (`snas_tf.native`), elsewhere TensorFlow's do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from snas_tf.layers.cells.native_operation import NativeOperation
from snas_tf.layers.convolution import depthwise, dilated_depthwise
from snas_tf.layers.edge_operation import (
    Computed,
    EdgeOperation,
    EdgeValues,
    Features,
    NormalizedOperation,
    uniform_initializer,
)
from snas_tf.layers.normalization.batch_normalization import EPSILON, BatchNormalization
from snas_tf.layers.normalization.normalization_values import Statistics, scales_and_offsets
from snas_tf.layers.shape import Shape
from snas_tf.native import separable_convolution as native


class _DepthwiseSeparable(NativeOperation):
    """What both have in common: how a custom C++ op computes them in training.

    Args:
        kernel_size: k, odd.
        **kwargs: Arguments of `EdgeOperation`.
    """

    dilation = 1
    """Of the first depthwise convolution."""

    def __init__(self, kernel_size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kernel_size = kernel_size

    def suits(self, channels: int) -> bool:
        """For channels in multiples of 8."""
        return native.suits(channels, self.kernel_size)

    def chain(self, values: EdgeValues) -> native.Chain:
        """All stages."""
        between = [scales_and_offsets(inner, None) for inner in values.normalizations[:-1]]
        return native.Chain(
            values.kernels[::2],
            values.kernels[1::2],
            [scales for scales, _ in between],
            [offsets for _, offsets in between],
            self.stride,
            self.dilation,
            EPSILON,
        )

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "kernel_size": self.kernel_size}


@keras.saving.register_keras_serializable(package="snas_tf")
class SeparableConvolution(_DepthwiseSeparable):
    """`sep_conv_kxk`: twice [ReLU, depthwise kxk, pointwise, BN]; the first depthwise is strided.

    Args:
        kernel_size: k, odd.
        **kwargs: Arguments of `EdgeOperation`.
    """

    def build(self, input_shape: Shape) -> None:
        """Creates two depthwise and pointwise kernels and two batch normalisations."""
        kernels = [
            _separable_kernels(self, self.kernel_size, input_shape[-1], f"_{stage}")
            for stage in (1, 2)
        ]
        self.depthwise_kernels, self.pointwise_kernels = zip(*kernels, strict=True)
        shapes = [self.downsampled(input_shape)] * self.num_edges
        self.normalizations = [
            self.add_normalization(shapes, f"normalization_{stage}") for stage in (1, 2)
        ]
        self.built = True

    def compute_in_tensorflow(
        self, values: EdgeValues, inputs: tf.Tensor, edge_weights: tf.Tensor | None, training: bool
    ) -> Computed:
        """Convolves every edge by its own kernels; only the last BN carries the edge's weight."""
        activated = tf.nn.relu(inputs)
        hidden, inner = self._stage(0, values, [activated], None, training)
        activated = [tf.nn.relu(tensor) for tensor in hidden]
        outputs, outer = self._stage(1, values, activated, edge_weights, training)
        return outputs, [inner, outer]

    def kernel_variables(self) -> Sequence[keras.Variable]:
        """Depthwise and pointwise kernel of the first stage, then of the second."""
        stages = zip(self.depthwise_kernels, self.pointwise_kernels, strict=True)
        return [kernel for stage in stages for kernel in stage]

    def normalization_layers(self) -> Sequence[BatchNormalization]:
        """One a stage."""
        return self.normalizations

    def _stage(
        self,
        stage: int,
        values: EdgeValues,
        inputs: list[tf.Tensor],
        edge_weights: tf.Tensor | None,
        training: bool,
    ) -> tuple[list[tf.Tensor], Statistics | None]:
        """[depthwise, pointwise, BN] of a tensor an edge, or of one for all."""
        kernels = values.kernels[2 * stage : 2 * stage + 2]
        spatial, mixing = (tf.cast(kernel, self.compute_dtype) for kernel in kernels)
        filtered = depthwise(inputs, spatial, self.stride if stage == 0 else 1)
        return self.normalizations[stage].compute(
            values.normalizations[stage], filtered, edge_weights, training, mixing
        )


@keras.saving.register_keras_serializable(package="snas_tf")
class DilatedConvolution(_DepthwiseSeparable, NormalizedOperation):
    """`dil_conv_kxk`: [ReLU, depthwise kxk with dilation 2, pointwise, BN].

    Args:
        kernel_size: k, odd.
        **kwargs: Arguments of `EdgeOperation`.
    """

    dilation = 2

    def build(self, input_shape: Shape) -> None:
        """Creates the depthwise and pointwise kernels and the batch normalisation."""
        self.depthwise_kernel, self.pointwise_kernel = _separable_kernels(
            self, self.kernel_size, input_shape[-1]
        )
        shapes = [self.downsampled(input_shape)] * self.num_edges
        self.normalization = self.add_normalization(shapes)
        self.built = True

    def features(self, kernels: list[tf.Tensor], inputs: tf.Tensor, training: bool) -> Features:
        """Convolves every edge by its own kernels."""
        activated = tf.nn.relu(inputs)
        spatial, mixing = (tf.cast(kernel, self.compute_dtype) for kernel in kernels)
        return dilated_depthwise(activated, spatial, self.stride), mixing

    def kernel_variables(self) -> Sequence[keras.Variable]:
        """Depthwise and pointwise kernel."""
        return self.depthwise_kernel, self.pointwise_kernel


def _separable_kernels(
    layer: EdgeOperation, kernel_size: int, channels: int, suffix: str = ""
) -> tuple[keras.Variable, keras.Variable]:
    """Depthwise (E, k, k, C, 1) and pointwise (E, C, C) kernels."""
    spatial = layer.add_weight(
        shape=(layer.num_edges, kernel_size, kernel_size, channels, 1),
        initializer=uniform_initializer(kernel_size**2),
        name=f"depthwise_kernel{suffix}",
    )
    mixing = layer.add_weight(
        shape=(layer.num_edges, channels, channels),
        initializer=uniform_initializer(channels),
        name=f"pointwise_kernel{suffix}",
    )
    return spatial, mixing
