# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Optimizers with the coupled weight decay of the papers.

The weight decay of the papers' framework adds `l2 * w` to the gradient, after clipping, before
momentum and second moments; the `weight_decay` of a Keras optimizer shrinks the weights apart from
the gradient, and an L2 regularizer would pass through the clipping and show in the loss. These are
Keras's optimizers with the papers' term.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import tensorflow as tf


class _CoupledDecay:
    """Mixin: adds `l2 * variable` to the gradient of every variable."""

    l2: float

    def update_step(self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: Any) -> None:
        """One variable's update."""
        if self.l2:
            gradient = gradient + self.l2 * tf.cast(variable, gradient.dtype)
        super().update_step(gradient, variable, learning_rate)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "l2": self.l2}


@keras.saving.register_keras_serializable(package="snas_tf")
class SGD(_CoupledDecay, keras.optimizers.SGD):
    """`keras.optimizers.SGD` with coupled weight decay.

    Args:
        learning_rate: As for Keras.
        l2: What the paper's framework calls `weight_decay`, non-negative.
        **kwargs: Further arguments of `keras.optimizers.SGD`.
    """

    def __init__(self, learning_rate: Any = 0.01, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(learning_rate, **kwargs)
        self.l2 = _non_negative(l2)


@keras.saving.register_keras_serializable(package="snas_tf")
class Adam(_CoupledDecay, keras.optimizers.Adam):
    """`keras.optimizers.Adam` with coupled weight decay.

    Args:
        learning_rate: As for Keras.
        l2: What the paper's framework calls `weight_decay`, non-negative.
        **kwargs: Further arguments of `keras.optimizers.Adam`.
    """

    def __init__(self, learning_rate: Any = 0.001, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(learning_rate, **kwargs)
        self.l2 = _non_negative(l2)


def _non_negative(l2: float) -> float:
    if not l2 >= 0:
        raise ValueError(f"`l2` must not be negative. Received: {l2}.")
    return l2


def of_two_groups(
    weights_optimizer: keras.optimizers.Optimizer,
    logits_optimizer: keras.optimizers.Optimizer,
    logits: Iterable[keras.Variable],
) -> keras.optimizers.MultiOptimizer:
    """One optimizer, which Keras saves and restores whole, made of two.

    Args:
        weights_optimizer: For every variable that is not among the logits.
        logits_optimizer: For the logits.
        logits: The logits, known by their paths.

    Returns:
        The optimizer, not yet built.
    """
    by_path = {variable.path: logits_optimizer for variable in logits}
    # Keras's own name would count those that the process made before, in its variables' paths too.
    return keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(weights_optimizer, by_path), name="weights_and_logits"
    )
