# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a batch normalisation knows, as tensors, and the affine map that follows from it."""

from __future__ import annotations

from typing import NamedTuple

import tensorflow as tf


class NormalizationValues(NamedTuple):
    """What the variables of a batch normalisation of N inputs on E edges hold.

    Attributes:
        num_edges: E.
        moving_mean: float32 (N, channels).
        moving_variance: float32 (N, channels).
        gamma: float32 (E, channels), or None without affine weights.
        beta: float32 (E, channels), or None likewise.
    """

    num_edges: int
    moving_mean: tf.Tensor
    moving_variance: tf.Tensor
    gamma: tf.Tensor | None = None
    beta: tf.Tensor | None = None


class Statistics(NamedTuple):
    """Those of a batch of N inputs.

    Attributes:
        means: float32 (N, channels).
        variances: float32 (N, channels), unbiased.
    """

    means: tf.Tensor
    variances: tf.Tensor


def scales_and_offsets(
    values: NormalizationValues, edge_weights: tf.Tensor | None
) -> tuple[tf.Tensor, tf.Tensor]:
    """The scales and offsets of a batch normalisation, which carries the edges' weights.

    Args:
        values: What its variables hold.
        edge_weights: float32 (E, channels), the weights Z^k for every channel, or None for ones.

    Returns:
        Z * gamma and Z * beta, each float32 (E, channels).
    """
    shape = (values.num_edges, values.moving_mean.shape[-1])
    scale = tf.ones(shape) if values.gamma is None else values.gamma
    offset = tf.zeros(shape) if values.beta is None else values.beta
    if edge_weights is None:
        return scale, offset
    scale = edge_weights if values.gamma is None else scale * edge_weights
    return scale, offset if values.beta is None else offset * edge_weights


def spread(weights: tf.Tensor, channels: int) -> tf.Tensor:
    """Weights, float32 of any shape, for every channel: (..., channels).

    As a product of matrices, for what broadcasting leaves to the gradient is many operations.
    """
    column = tf.reshape(weights, (-1, 1))
    return tf.reshape(tf.matmul(column, tf.ones((1, channels))), (*weights.shape, channels))
