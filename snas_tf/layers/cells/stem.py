# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What stands before the cells and between them: stems and the preprocessing of a cell's inputs."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf import space
from snas_tf.layers.edge_operation import uniform_initializer
from snas_tf.layers.normalization.batch_normalization import EPSILON, BatchNormalization
from snas_tf.layers.normalization.normalization_values import Statistics, scales_and_offsets
from snas_tf.layers.shape import Shape
from snas_tf.native import convolution as native
from snas_tf.native.mixture import Convolutions, mixture


@keras.saving.register_keras_serializable(package="snas_tf")
class ReLUConvBN(keras.layers.Layer):
    """[ReLU, pointwise convolution, BN]: brings a cell's input to the cell's channels.

    Args:
        channels: Channels of the output.
        affine: Whether batch normalisation has a trained scale and shift.
    """

    def __init__(self, channels: int, affine: bool = True, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.channels = channels
        self.affine = affine

    def build(self, input_shape: Shape) -> None:
        """Creates the kernel and the batch normalisation."""
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.channels),
            initializer=uniform_initializer(input_shape[-1]),
            name="kernel",
        )
        self.normalization = BatchNormalization(
            affine=self.affine,
            dtype=self.dtype_policy,
            trainable=self.trainable,
            name="normalization",
        )
        self.normalization.build([self.compute_output_shape(input_shape)])
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """(batch, height, width, any) to (batch, height, width, channels)."""
        activated = tf.nn.relu(tf.cast(inputs, self.compute_dtype))
        kernels = tf.cast(self.kernel, self.compute_dtype)[None]
        return self.normalization([activated], training=training, kernels=kernels)[0]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """The input's shape with other channels."""
        return (*input_shape[:-1], self.channels)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "channels": self.channels, "affine": self.affine}


@keras.saving.register_keras_serializable(package="snas_tf")
class ConvBN(keras.layers.Layer):
    """[3x3 convolution, BN], preceded by ReLU where asked, padded symmetrically.

    Args:
        channels: Channels of the output.
        stride: 1 or 2.
        activated: Whether a ReLU comes first.
    """

    def __init__(
        self, channels: int, stride: int = 1, activated: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(autocast=False, **kwargs)
        self.channels = channels
        self.stride = stride
        self.activated = activated

    def build(self, input_shape: Shape) -> None:
        """Creates the kernel and the batch normalisation, which always has scale and shift."""
        self.kernel = self.add_weight(
            shape=(3, 3, input_shape[-1], self.channels),
            initializer=uniform_initializer(9 * input_shape[-1]),
            name="kernel",
        )
        self.normalization = BatchNormalization(
            dtype=self.dtype_policy, trainable=self.trainable, name="normalization"
        )
        self.normalization.build([self.compute_output_shape(input_shape)])
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """(batch, h, w, any) to (batch, ceil(h / stride), ceil(w / stride), channels)."""
        tensor = tf.cast(inputs, self.compute_dtype)
        if training and self._is_native(tensor):
            return self._compute_natively(tensor)
        tensor = tf.nn.relu(tensor) if self.activated else tensor
        convolved = tf.nn.conv2d(
            tensor,
            tf.cast(self.kernel, self.compute_dtype),
            strides=self.stride,
            padding=((0, 0), (1, 1), (1, 1), (0, 0)),
        )
        return self.normalization([convolved], training=training)[0]

    def _is_native(self, inputs: tf.Tensor) -> bool:
        """Whether a custom C++ op computes it in training, as the candidates of its kind."""
        normalization = self.normalization
        by_batch = normalization.learns(training=True) and not normalization.meets_replicas()
        fits = self.activated and inputs.shape[-1] == self.channels
        is_float = self.compute_dtype == "float32"
        return by_batch and fits and is_float and native.suits(self.channels, 3, self.stride)

    def _compute_natively(self, inputs: tf.Tensor) -> tf.Tensor:
        kernels = native.Kernels(tf.expand_dims(self.kernel, 0), EPSILON)
        scales = scales_and_offsets(self.normalization.values(), None)
        (output,), means, variances = mixture(inputs, [Convolutions(kernels, *scales)])
        self.normalization.update(Statistics(means[0][0], variances[0][0]))
        return output

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Resolution divided by the stride, rounded up."""
        batch, height, width, _ = input_shape
        return (batch, -(-height // self.stride), -(-width // self.stride), self.channels)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            **super().get_config(),
            "channels": self.channels,
            "stride": self.stride,
            "activated": self.activated,
        }


@keras.saving.register_keras_serializable(package="snas_tf")
class Stem(keras.layers.Layer):
    """Images to the two inputs of the first cell.

    The CIFAR stem is one convolution to three times the initial channels, the plain one to the
    initial channels, and both inputs are its output. The ImageNet stem divides the resolution by
    four for the first input, by eight for the second.

    Args:
        kind: One of `space.STEMS`.
        init_channels: The skeleton's initial channels C.

    Returns:
        Tuple of the two inputs, (batch, height, width, channels) each.
    """

    def __init__(self, kind: str, init_channels: int, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.kind = kind
        self.init_channels = init_channels
        self.convolutions = [
            ConvBN(
                plan.channels,
                plan.stride,
                plan.activated,
                dtype=self.dtype_policy,
                trainable=self.trainable,
                name=f"convolution_{position}",
            )
            for position, plan in enumerate(space.stem_convolutions(kind, init_channels))
        ]

    def build(self, input_shape: Shape) -> None:
        """Builds the convolutions one after the other."""
        for convolution in self.convolutions:
            convolution.build(input_shape)
            input_shape = convolution.compute_output_shape(input_shape)
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool = False) -> tuple[tf.Tensor, tf.Tensor]:
        """Images (batch, height, width, channels) to the first cell's two inputs."""
        tensors = [inputs]
        for convolution in self.convolutions:
            tensors.append(convolution(tensors[-1], training=training))
        return (tensors[-2] if self.kind == "imagenet" else tensors[-1], tensors[-1])

    def compute_output_shape(self, input_shape: Shape) -> tuple[Shape, Shape]:
        """Shapes of the two outputs."""
        shapes = [input_shape]
        for convolution in self.convolutions:
            shapes.append(convolution.compute_output_shape(shapes[-1]))
        return (shapes[-2] if self.kind == "imagenet" else shapes[-1], shapes[-1])

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "kind": self.kind, "init_channels": self.init_channels}
