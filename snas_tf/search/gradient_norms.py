# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How hard loss and cost press on each decision: what shows where a constraint acts."""

from __future__ import annotations

import keras
import tensorflow as tf

from snas_tf.space import DecisionSpace

_DECAY = 0.99  # some hundred steps count


class GradientNorms(keras.layers.Layer):
    """Moving averages over steps of the norms of the gradients with respect to a row's logits.

    Only their ratios mean something: they start at zero.

    Args:
        space: The space of the decisions.
    """

    def __init__(self, space: DecisionSpace, **kwargs: object) -> None:
        super().__init__(autocast=False, dtype="float32", **kwargs)
        self.norms = {
            decision.name: self.add_weight(
                shape=(len(decision.places), 2),
                initializer="zeros",
                trainable=False,
                aggregation="only_first_replica",
                name=f"{decision.name}_norms",
            )
            for decision in space.decisions
        }
        self.built = True

    def update(self, of_loss: dict[str, tf.Tensor], of_cost: dict[str, tf.Tensor]) -> None:
        """Adds a step.

        Args:
            of_loss: Gradients of the loss, over all replicas, {decision: float32 (places, options)}
                of those that learn.
            of_cost: Gradients of the weighted cost, likewise.
        """
        for name in of_loss:
            norms = self.norms[name]
            present = tf.stack([tf.norm(g[name], axis=-1) for g in (of_loss, of_cost)], axis=-1)
            norms.assign(_DECAY * norms + (1.0 - _DECAY) * present)
