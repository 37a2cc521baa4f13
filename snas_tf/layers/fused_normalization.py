# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""TensorFlow's fused batch normalisation of several tensors, each with its own scale and shift."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import tensorflow as tf


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
