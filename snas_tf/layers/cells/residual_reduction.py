# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What halves the resolution between the stages of NAS-Bench-201 (arXiv 2001.00326)."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf.layers.cells.stem import ConvBN
from snas_tf.layers.edge_operation import uniform_initializer
from snas_tf.layers.shape import Shape


@keras.saving.register_keras_serializable(package="snas_tf")
class ResidualReduction(keras.layers.Layer):
    """[ReLU, 3x3 convolution of stride 2, BN, ReLU, 3x3 convolution, BN], and a shortcut beside it.

    The shortcut is [2x2 average pooling of stride 2, 1x1 convolution], without BN. Of an odd image
    its last row and column are averaged by themselves, so that both have one resolution.

    Args:
        channels: Channels of the output.
    """

    def __init__(self, channels: int, **kwargs: Any) -> None:
        super().__init__(autocast=False, **kwargs)
        self.channels = channels
        self.convolutions = [
            ConvBN(
                channels,
                stride,
                activated=True,
                dtype=self.dtype_policy,
                trainable=self.trainable,
                name=f"convolution_{position}",
            )
            for position, stride in enumerate((2, 1))
        ]

    def build(self, input_shape: Shape) -> None:
        """Creates both convolutions, and the kernel of the shortcut, (C, channels)."""
        shape = input_shape
        for convolution in self.convolutions:
            convolution.build(shape)
            shape = convolution.compute_output_shape(shape)
        self.kernel = self.add_weight(
            shape=(input_shape[-1], self.channels),
            initializer=uniform_initializer(input_shape[-1]),
            name="kernel",
        )
        self.built = True

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """(batch, h, w, any) to (batch, ceil(h / 2), ceil(w / 2), channels)."""
        inputs = tensor = tf.cast(inputs, self.compute_dtype)
        for convolution in self.convolutions:
            tensor = convolution(tensor, training=training)
        pooled = tf.nn.avg_pool2d(inputs, 2, 2, "SAME")
        kernel = tf.cast(self.kernel, self.compute_dtype)[None, None]
        return tensor + tf.nn.conv2d(pooled, kernel, 1, "SAME")

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Resolution halved, rounded up."""
        batch, height, width, _ = input_shape
        return (batch, -(-height // 2), -(-width // 2), self.channels)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "channels": self.channels}
