# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How Z is drawn for a training step, and how the gradient flows back through the draw.

An estimator is a function of the architecture: what it returns goes into the supernet, and the
gradient dL/dZ that comes out of the supernet's backward pass goes back through it to the logits. A
new estimator needs nothing else; where its gradient is not the pathwise one, it defines it by
`tf.custom_gradient`.
"""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from snas_tf.distribution import ArchitectureDistribution, Samples

Estimator = Callable[[ArchitectureDistribution, tf.Tensor, tf.Tensor], Samples]


def concrete(
    architecture: ArchitectureDistribution, temperature: tf.Tensor, seed: tf.Tensor
) -> Samples:
    """SNAS: one relaxed sample of every decision, reparametrised.

        dL/dlog alpha^k = (1/lambda) Z^k (v^k - sum_l Z^l v^l),   v^k = <dL/dx_j, O^k(x_i)>

    Args:
        architecture: The distribution.
        temperature: float32 scalar lambda.
        seed: int32 [2].

    Returns:
        {kind: float32 (edges, ops)}.
    """
    return architecture.sample(temperature, seed)


def softmax(
    architecture: ArchitectureDistribution, temperature: tf.Tensor, seed: tf.Tensor
) -> Samples:
    """DARTS's deterministic mixture, single-level: the probabilities themselves.

    Args:
        architecture: The distribution.
        temperature: Not used.
        seed: Not used.

    Returns:
        {kind: float32 (edges, ops)}.
    """
    del temperature, seed
    return architecture.probabilities()


ESTIMATORS: dict[str, Estimator] = {"concrete": concrete, "softmax": softmax}
