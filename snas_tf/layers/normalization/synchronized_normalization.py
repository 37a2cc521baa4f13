# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Batch normalisation by the statistics of all replicas, as one device would have them.

Two sums cross between the devices for all tensors of a layer at once: forward those of which mean
and variance are made, and backward those through which every image of the batch feels every other:

    d loss / d x = scale / sigma * (dy - mean(dy) - x_hat * mean(dy * x_hat)),

with both means over the images and pixels of all replicas (Ioffe and Szegedy, arXiv 1502.03167).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import tensorflow as tf

from snas_tf.layers.normalization.fused_normalization import fused_normalization

_PIXELS = (0, 1, 2)


class Normalized(NamedTuple):
    """What comes of a synchronised normalisation of E tensors of C channels.

    Attributes:
        outputs: List of E tensors like the inputs.
        means: float32 (E, C), over the images of all replicas.
        variances: float32 (E, C), likewise, unbiased.
    """

    outputs: list[tf.Tensor]
    means: tf.Tensor
    variances: tf.Tensor


def several_replicas() -> bool:
    """Whether this runs on one of several replicas."""
    context = tf.distribute.get_replica_context()
    return context is not None and context.num_replicas_in_sync > 1


def normalize(
    inputs: list[tf.Tensor],
    scales: list[tf.Tensor],
    offsets: list[tf.Tensor],
    origins: tf.Tensor,
    epsilon: float,
) -> Normalized:
    """scale * (x - mean) / sqrt(variance + epsilon) + offset for E tensors; call it on a replica.

    Gradients are those of the sum of the replicas' losses.

    Args:
        inputs: E tensors (batch, height, width, C) of one shape, a replica's part of the batch.
        scales: E tensors, float32 (C,).
        offsets: E tensors, float32 (C,).
        origins: float32 (E, C), from where the sums are taken, the same on all replicas: the nearer
            to the means, the smaller the rounding of the variances.
        epsilon: What is added to the variances, positive.

    Returns:
        See `Normalized`; means and variances have no gradient.
    """
    count, means, variances = _moments([tf.stop_gradient(tensor) for tensor in inputs], origins)
    edges = len(inputs)

    @tf.custom_gradient
    def function(*arguments: tf.Tensor) -> tuple[list[tf.Tensor], Callable]:
        inputs, scales, offsets = (arguments[n * edges : (n + 1) * edges] for n in range(3))
        statistics = list(zip(tf.unstack(means), tf.unstack(variances), strict=True))
        results = fused_normalization(
            inputs, scales, offsets, means, variances, epsilon=epsilon, training=False
        )

        def backward(*upstream: tf.Tensor) -> list[tf.Tensor]:
            local = [
                _fixed_gradients(dy, tensor, scale, mean, variance, epsilon)
                for dy, tensor, scale, (mean, variance) in zip(
                    upstream, inputs, scales, statistics, strict=True
                )
            ]
            of_inputs, of_scales, of_offsets = map(list, zip(*local, strict=True))
            sums = _total(tf.stack([*of_scales, *of_offsets])) / count
            slopes, shifts = tf.unstack(sums[:edges]), tf.unstack(sums[edges:])
            for edge, (mean, variance) in enumerate(statistics):
                inverse = tf.math.rsqrt(variance + epsilon)
                # In float32, for a small difference is left of large numbers.
                normalized = (tf.cast(inputs[edge], tf.float32) - mean) * inverse
                common = scales[edge] * inverse * (shifts[edge] + normalized * slopes[edge])
                of_inputs[edge] -= tf.cast(common, inputs[edge].dtype)
            return [*of_inputs, *of_scales, *of_offsets]

        return [result.y for result in results], backward

    outputs = function(*inputs, *scales, *offsets)
    return Normalized(outputs, means, variances * (count / tf.maximum(count - 1.0, 1.0)))


def _moments(inputs: list[tf.Tensor], origins: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Images times pixels of all replicas, and their means and biased variances, (E, C)."""
    shifted = [
        tf.cast(tensor, tf.float32) - origin
        for tensor, origin in zip(inputs, tf.unstack(origins), strict=True)
    ]
    sums = [tf.reduce_sum(tensor, _PIXELS) for tensor in shifted]
    squares = [tf.reduce_sum(tf.square(tensor), _PIXELS) for tensor in shifted]
    ones = tf.ones_like(sums[0]) * tf.cast(tf.reduce_prod(tf.shape(inputs[0])[:3]), tf.float32)
    totals = _total(tf.stack([*sums, *squares, ones]))
    count = totals[-1, 0]
    first, second = tf.split(totals[:-1] / count, 2)
    return count, origins + first, tf.maximum(second - tf.square(first), 0.0)


def _fixed_gradients(
    upstream: tf.Tensor,
    tensor: tf.Tensor,
    scale: tf.Tensor,
    mean: tf.Tensor,
    variance: tf.Tensor,
    epsilon: float,
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Gradients of input, scale and offset as if mean and variance were constants."""
    gradients = tf.raw_ops.FusedBatchNormGradV3(
        y_backprop=upstream,
        x=tensor,
        scale=scale,
        reserve_space_1=mean,
        reserve_space_2=variance,
        reserve_space_3=tf.zeros((0,)),
        epsilon=epsilon,
        is_training=False,
    )
    return gradients.x_backprop, gradients.scale_backprop, gradients.offset_backprop


def _total(tensor: tf.Tensor) -> tf.Tensor:
    context = tf.distribute.get_replica_context()
    return context.all_reduce(tf.distribute.ReduceOp.SUM, tensor)
