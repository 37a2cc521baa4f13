# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Pure functions: depthwise and pointwise convolutions as the paper's framework computes them.

The paper's framework pads symmetrically, kernel_size // 2 on either side. TensorFlow's "SAME" pads
so at stride 1, but shifts the grid at stride 2; there the padding is explicit.
"""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from snas_tf.native.written_gradient import Gradient, with_gradient


def depthwise(inputs: Sequence[tf.Tensor], kernels: tf.Tensor, stride: int = 1) -> list[tf.Tensor]:
    """Depthwise convolutions by E kernels, with symmetric zero padding.

    The gradient is written out, for it has quicker operations than TensorFlow's own.

    Args:
        inputs: E tensors (batch, height, width, channels), or one for all kernels.
        kernels: (E, size, size, channels, 1), size odd.
        stride: 1 or 2.

    Returns:
        E tensors (batch, ceil(height / stride), ceil(width / stride), channels).
    """

    @with_gradient
    def convolve(*arguments: tf.Tensor) -> tuple[list[tf.Tensor], Gradient]:
        *inputs, kernels = arguments

        def gradient(*upstream: tf.Tensor) -> list[tf.Tensor]:
            delayed = _after(upstream, inputs)
            return [
                *_input_gradients(upstream, delayed, kernels, stride),
                _kernel_gradients(upstream, delayed, kernels.shape, stride),
            ]

        return _convolved(inputs, kernels, stride), gradient

    return convolve(*inputs, kernels)


def _after(upstream: Sequence[tf.Tensor], inputs: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    """The inputs, from which nothing is computed in advance and kept until `upstream` is there."""
    awaited = [[dy] for dy in upstream] if len(inputs) > 1 else [upstream]
    delayed = []
    for gradients, tensor in zip(awaited, inputs, strict=True):
        with tf.control_dependencies(gradients):
            delayed.append(tf.identity(tensor))
    return delayed


def _by_edge(inputs: Sequence[tf.Tensor], count: int) -> list[tf.Tensor]:
    return list(inputs) if len(inputs) == count else list(inputs) * count


def _convolved(inputs: Sequence[tf.Tensor], kernels: tf.Tensor, stride: int) -> list[tf.Tensor]:
    border = kernels.shape[1] // 2
    # The operation has explicit padding of its own, which leads to slower code.
    padding = "SAME" if stride == 1 else "VALID"
    if stride != 1:
        inputs = _padded(inputs, border, border, border)
    by_edge = _by_edge(inputs, kernels.shape[0])
    return [
        tf.raw_ops.DepthwiseConv2dNative(
            input=tensor, filter=kernel, strides=(1, stride, stride, 1), padding=padding
        )
        for tensor, kernel in zip(by_edge, tf.unstack(kernels), strict=True)
    ]


def _input_gradients(
    upstream: Sequence[tf.Tensor], inputs: Sequence[tf.Tensor], kernels: tf.Tensor, stride: int
) -> list[tf.Tensor]:
    def of_inputs(gradients: list[tf.Tensor]) -> list[tf.Tensor]:
        return gradients if len(inputs) > 1 else [tf.add_n(gradients)]

    if stride == 1:  # the convolution with the turned kernel has the quicker code
        return of_inputs(_convolved(upstream, tf.reverse(kernels, (1, 2)), 1))
    border = kernels.shape[1] // 2
    batch, height, width, channels = tf.unstack(tf.shape(inputs[0]))
    of_padded = [
        tf.raw_ops.DepthwiseConv2dNativeBackpropInput(
            input_sizes=(batch, height + 2 * border, width + 2 * border, channels),
            filter=kernel,
            out_backprop=dy,
            strides=(1, stride, stride, 1),
            padding="VALID",
        )
        for dy, kernel in zip(upstream, tf.unstack(kernels), strict=True)
    ]
    return [
        gradient[:, border : border + height, border : border + width]
        for gradient in of_inputs(of_padded)
    ]


def _kernel_gradients(
    upstream: Sequence[tf.Tensor],
    inputs: Sequence[tf.Tensor],
    shape: tf.TensorShape,
    stride: int,
) -> tf.Tensor:
    """Gradients of the kernels.

    On a CPU only kernels of three columns have quick code: those of five are halves that share the
    middle column, in a third of the time.
    """
    size = shape[1]
    border = size // 2
    if size > 3:
        left, right = (
            _gradients_of_columns(
                _padded(inputs, border, *margins), upstream, shape, border + 1, stride, "VALID"
            )
            for margins in ((border, 0), (0, border))
        )
        return tf.concat([left, right[:, :, 1:]], axis=2)
    if stride == 1:
        return _gradients_of_columns(inputs, upstream, shape, size, stride, "SAME")
    images = _padded(inputs, border, border, border)
    return _gradients_of_columns(images, upstream, shape, size, stride, "VALID")


def _gradients_of_columns(
    inputs: Sequence[tf.Tensor],
    upstream: Sequence[tf.Tensor],
    shape: tf.TensorShape,
    count: int,
    stride: int,
    padding: str,
) -> tf.Tensor:
    """Those of kernels (E, size, count, channels, 1)."""
    sizes = tf.constant((shape[1], count, shape[3], 1))
    gradients = [
        tf.raw_ops.DepthwiseConv2dNativeBackpropFilter(
            input=tensor,
            filter_sizes=sizes,
            out_backprop=dy,
            strides=(1, stride, stride, 1),
            padding=padding,
        )
        for tensor, dy in zip(_by_edge(inputs, len(upstream)), upstream, strict=True)
    ]
    return tf.stack(gradients)


def _padded(inputs: Sequence[tf.Tensor], border: int, left: int, right: int) -> list[tf.Tensor]:
    margins = tf.constant(((0, 0), (border, border), (left, right), (0, 0)))
    return [tf.pad(tensor, margins) for tensor in inputs]


def dilated_depthwise(inputs: tf.Tensor, kernels: tf.Tensor, stride: int = 1) -> list[tf.Tensor]:
    """Depthwise convolutions of one tensor with dilation 2 and symmetric zero padding.

    A convolution with dilation 2 sees only pixels whose coordinates have the parity of its own: it
    is an ordinary convolution of each of the four images that every second row and column make. At
    stride 2 only one of the four is asked for. TensorFlow's own strided dilated depthwise
    convolution is silently wrong, and the four images serve all kernels.

    Args:
        inputs: (batch, height, width, channels), height and width known.
        kernels: (E, size, size, channels, 1), size odd.
        stride: 1 or 2.

    Returns:
        E tensors (batch, ceil(height / stride), ceil(width / stride), channels).
    """
    if stride == 2:
        even = subsampled(inputs)
        return depthwise([even], kernels)
    margins = ((0, inputs.shape[1] % 2), (0, inputs.shape[2] % 2))
    images = tf.space_to_batch(inputs, (2, 2), margins)
    filtered = depthwise([images], kernels)
    return [tf.batch_to_space(tensor, (2, 2), margins) for tensor in filtered]


def joined_convolution(inputs: tf.Tensor, kernels: tf.Tensor, stride: int = 1) -> tf.Tensor:
    """Ordinary convolutions of one tensor by E kernels, as one, with symmetric zero padding.

    Args:
        inputs: (batch, height, width, channels).
        kernels: (E, size, size, channels, filters), size odd.
        stride: 1 or 2.

    Returns:
        (batch, ceil(height / stride), ceil(width / stride), E * filters), edge after edge.
    """
    edges, size, _, channels, filters = kernels.shape
    side_by_side = tf.transpose(kernels, (1, 2, 3, 0, 4))
    joined = tf.reshape(side_by_side, (size, size, channels, edges * filters))
    if stride == 1 or size == 1:
        return tf.nn.conv2d(inputs, joined, stride, "SAME")
    (padded,) = _padded([inputs], size // 2, size // 2, size // 2)
    return tf.nn.conv2d(padded, joined, stride, "VALID")


def pointwise(inputs: tf.Tensor, kernel: tf.Tensor) -> tf.Tensor:
    """A 1x1 convolution.

    Args:
        inputs: (batch, height, width, channels).
        kernel: (channels, filters).

    Returns:
        (batch, height, width, filters).
    """
    return tf.nn.conv2d(inputs, kernel[None, None], 1, "SAME")


def subsampled(inputs: tf.Tensor, first: int = 0) -> tf.Tensor:
    """Every second row and column.

    Neither by brackets nor by strides, whose gradients take six times as long and more.

    Args:
        inputs: (batch, height, width, channels), height and width known.
        first: The first row and column, 0 or 1. From 1 on, an odd height or width has a row or
            column too few, which is zero.

    Returns:
        (batch, ceil(height / 2), ceil(width / 2), channels).
    """
    if first:
        inputs = tf.slice(inputs, (0, 1, 1, 0), (-1, -1, -1, -1))
        # The sizes are now the other way round: even where a row or column is missing.
        height, width = (1 - size % 2 for size in inputs.shape[1:3])
        if height + width:
            inputs = tf.pad(inputs, ((0, 0), (0, height), (0, width), (0, 0)))
    return tf.nn.avg_pool2d(inputs, 1, 2, "VALID")  # over windows of one pixel
