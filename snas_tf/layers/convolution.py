# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Pure functions: depthwise and pointwise convolutions as the paper's framework computes them.

The paper's framework pads symmetrically, kernel_size // 2 on either side. TensorFlow's "SAME" pads
so at stride 1, but shifts the grid at stride 2; there the padding is explicit.
"""

from __future__ import annotations

import tensorflow as tf


def depthwise(inputs: tf.Tensor, kernel: tf.Tensor, stride: int = 1) -> tf.Tensor:
    """Depthwise convolution with symmetric zero padding.

    Args:
        inputs: (batch, height, width, channels).
        kernel: (size, size, channels, 1), size odd.
        stride: 1 or 2.

    Returns:
        (batch, ceil(height / stride), ceil(width / stride), channels).
    """
    strides = (1, stride, stride, 1)
    if stride == 1:
        return tf.nn.depthwise_conv2d(inputs, kernel, strides, "SAME")
    border = kernel.shape[0] // 2
    padding = ((0, 0), (border, border), (border, border), (0, 0))
    return tf.nn.depthwise_conv2d(inputs, kernel, strides, padding)


def dilated_depthwise(
    inputs: tf.Tensor, kernels: list[tf.Tensor], stride: int = 1
) -> list[tf.Tensor]:
    """Depthwise convolutions of one tensor with dilation 2 and symmetric zero padding.

    A convolution with dilation 2 sees only pixels whose coordinates have the parity of its own: it
    is an ordinary convolution of each of the four images that every second row and column make. At
    stride 2 only one of the four is asked for. TensorFlow's own strided dilated depthwise
    convolution is silently wrong, and the four images serve all kernels.

    Args:
        inputs: (batch, height, width, channels), height and width known.
        kernels: Kernels of shape (size, size, channels, 1), size odd; sizes may differ.
        stride: 1 or 2.

    Returns:
        A tensor (batch, ceil(height / stride), ceil(width / stride), channels) a kernel.
    """
    if stride == 2:
        even = inputs[:, ::2, ::2]
        return [depthwise(even, kernel) for kernel in kernels]
    margins = ((0, inputs.shape[1] % 2), (0, inputs.shape[2] % 2))
    images = tf.space_to_batch(inputs, (2, 2), margins)
    return [tf.batch_to_space(depthwise(images, kernel), (2, 2), margins) for kernel in kernels]


def pointwise(inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """A 1x1 convolution.

    Args:
        inputs: (batch, height, width, channels).
        kernel: (channels, filters).

    Returns:
        (batch, height, width, filters).
    """
    return tf.nn.conv2d(inputs, kernel[None, None], strides=1, padding="VALID")


def shifted(inputs: tf.Tensor) -> tf.Tensor:
    """Moves the image up and left by one pixel; the last row and column become zero.

    Args:
        inputs: (batch, height, width, channels).

    Returns:
        A tensor of the same shape.
    """
    return tf.pad(inputs[:, 1:, 1:], ((0, 0), (0, 1), (0, 1), (0, 0)))
