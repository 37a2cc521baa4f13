# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""TensorFlow's fused batch normalisation of several tensors, each with its own scale and shift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf

from snas_tf.native.written_gradient import Gradient, with_gradient


def fused_normalization(
    inputs: Sequence[tf.Tensor],
    scales: Sequence[tf.Tensor],
    offsets: Sequence[tf.Tensor],
    means: tf.Tensor,
    variances: tf.Tensor,
    *,
    epsilon: float,
    training: bool,
) -> list[Any]:
    """scale * (x - mean) / sqrt(variance + epsilon) + offset for E tensors of C channels.

    Args:
        inputs: E tensors (batch, height, width, C).
        scales: E tensors, float32 (C,).
        offsets: E tensors, float32 (C,).
        means: float32 (E, C), which training does not look at.
        variances: float32 (E, C), likewise.
        epsilon: What is added to the variances, positive.
        training: Whether each tensor is normalised by its own mean and variance.

    Returns:
        E results of the operation, with `y`, `batch_mean` and `batch_variance`, the unbiased one.
    """
    statistics = zip(tf.unstack(means), tf.unstack(variances), strict=True)
    return [
        tf.raw_ops.FusedBatchNormV3(
            x=tensor,
            scale=scale,
            offset=offset,
            mean=mean,
            variance=variance,
            epsilon=epsilon,
            is_training=bool(training),  # None would mean True
        )
        for tensor, scale, offset, (mean, variance) in zip(
            inputs, scales, offsets, statistics, strict=True
        )
    ]


def normalized_products(
    inputs: Sequence[tf.Tensor],
    kernels: tf.Tensor,
    scales: tf.Tensor,
    offsets: tf.Tensor,
    *,
    epsilon: float,
) -> tuple[list[tf.Tensor], tf.Tensor, tf.Tensor]:
    """Normalises E pointwise convolutions, each by its own statistics, as training does.

    The gradient is written out: it computes the products again instead of keeping them, which are
    nearly half of what a supernet would keep, and costs a fifteenth of the step; and it says
    nothing of the statistics, of which nobody asks for one.

    Args:
        inputs: E tensors (batch, height, width, C).
        kernels: (E, C, F) in the inputs' dtype.
        scales: float32 (E, F).
        offsets: float32 (E, F).
        epsilon: What is added to the variances, positive.

    Returns:
        E tensors (batch, height, width, F), and their means and unbiased variances before that,
        float32 (E, F), without gradient.
    """
    channels, features = kernels.shape[1:]
    flat, of_product = tf.constant((-1, channels)), tf.constant((-1, features))
    image, image_of_product = (_image_shape(inputs[0], last) for last in (channels, features))
    statistics: list[Any] = []  # beside the outputs, so that nobody asks for their gradient

    @with_gradient
    def normalize(*arguments: tf.Tensor) -> tuple[list[tf.Tensor], Gradient]:
        *inputs, kernels, scales, offsets = arguments
        pixels = [tf.reshape(tensor, flat) for tensor in inputs]
        matrices, slopes = tf.unstack(kernels), tf.unstack(scales)
        results = [
            _normalized(tf.reshape(tf.matmul(rows, matrix), image_of_product), *affine, epsilon)
            for rows, matrix, *affine in zip(
                pixels, matrices, slopes, tf.unstack(offsets), strict=True
            )
        ]
        statistics.extend(results)

        def gradient(*upstream: tf.Tensor) -> list[tf.Tensor]:
            edges = zip(upstream, pixels, matrices, slopes, results, strict=True)
            shapes = of_product, image_of_product
            of_edges = [_gradients_of_edge(*edge, *shapes, epsilon) for edge in edges]
            of_pixels, *rest = map(list, zip(*of_edges, strict=True))
            of_inputs = [tf.reshape(tensor, image) for tensor in of_pixels]
            return [*of_inputs, *map(tf.stack, rest)]

        return [result.y for result in results], gradient

    outputs = normalize(*inputs, kernels, scales, offsets)
    means = tf.stack([result.batch_mean for result in statistics])
    variances = tf.stack([result.batch_variance for result in statistics])
    return outputs, means, variances


def _normalized(images: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, epsilon: float) -> Any:
    empty = tf.zeros((0,))  # training looks at no statistics
    return tf.raw_ops.FusedBatchNormV3(
        x=images, scale=scale, offset=offset, mean=empty, variance=empty, epsilon=epsilon
    )


def _gradients_of_edge(
    upstream: tf.Tensor,
    pixels: tf.Tensor,
    matrix: tf.Tensor,
    scale: tf.Tensor,
    result: Any,
    of_product: tf.Tensor,
    image_of_product: tf.Tensor,
    epsilon: float,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
    """Those of pixels, matrix, scale and offset.

    Args:
        upstream: That of the normalised product.
        pixels: (pixels, C).
        matrix: (C, F).
        scale: (F,).
        result: What the normalisation answered.
        of_product: The shape of a product of matrices, (-1, F).
        image_of_product: Its shape as images.
        epsilon: That of the normalisation.
    """
    with tf.control_dependencies([upstream]):  # or the product would be the first, kept
        delayed = tf.identity(matrix)
    normalization = tf.raw_ops.FusedBatchNormGradV3(
        y_backprop=upstream,
        x=tf.reshape(tf.matmul(pixels, delayed), image_of_product),
        scale=scale,
        reserve_space_1=result.reserve_space_1,
        reserve_space_2=result.reserve_space_2,
        reserve_space_3=result.reserve_space_3,
        epsilon=epsilon,
    )
    gradient = tf.reshape(normalization.x_backprop, of_product)
    return (
        tf.matmul(gradient, matrix, transpose_b=True),
        tf.matmul(pixels, gradient, transpose_a=True),
        normalization.scale_backprop,
        normalization.offset_backprop,
    )


def _image_shape(images: tf.Tensor, channels: int) -> tf.Tensor:
    sides = images.shape[1:-1]
    known = sides if sides.is_fully_defined() else tf.unstack(tf.shape(images)[1:-1])
    return tf.stack([-1, *known, channels])
