# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Drop path, as a draw of numbers: which paths are kept, and what those count."""

from __future__ import annotations

import tensorflow as tf


def keep_factors(seed: tf.Tensor, rate: tf.Tensor, shape: tuple[int | tf.Tensor, ...]) -> tf.Tensor:
    """Zero for a dropped path, 1 / (1 - rate) for a kept one, so that the mean is one.

    Args:
        seed: int32 [2].
        rate: float32 scalar in [0, 1), the probability to drop.
        shape: Of what is drawn, such as (batch, paths).

    Returns:
        float32 of that shape.
    """
    uniform = tf.random.stateless_uniform(shape, seed)
    keep = 1.0 - rate
    return tf.where(uniform < keep, 1.0 / keep, 0.0)
