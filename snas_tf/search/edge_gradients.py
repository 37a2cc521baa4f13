# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How hard loss and cost press on each edge: what shows where a constraint acts."""

from __future__ import annotations

import keras
import tensorflow as tf

from snas_tf import space

_DECAY = 0.99  # some hundred steps count


class EdgeGradientNorms(keras.layers.Layer):
    """Moving averages over steps of the norms of the gradients with respect to an edge's logits.

    Only their ratios mean something: they start at zero.

    Args:
        cells: The cell space.
    """

    def __init__(self, cells: space.CellSpace, **kwargs: object) -> None:
        super().__init__(autocast=False, dtype="float32", **kwargs)
        self.norms = {
            kind: self.add_weight(
                shape=(cells.num_edges, 2),
                initializer="zeros",
                trainable=False,
                aggregation="only_first_replica",
                name=f"{kind}_norms",
            )
            for kind in space.KINDS
        }
        self.built = True

    def update(self, of_loss: dict[str, tf.Tensor], of_cost: dict[str, tf.Tensor]) -> None:
        """Adds a step.

        Args:
            of_loss: Gradients of the loss, over all replicas, {kind: float32 (edges, ops)} of the
                kinds that learn.
            of_cost: Gradients of the weighted cost, likewise.
        """
        for kind in of_loss:
            norms = self.norms[kind]
            present = tf.stack([tf.norm(g[kind], axis=-1) for g in (of_loss, of_cost)], axis=-1)
            norms.assign(_DECAY * norms + (1.0 - _DECAY) * present)
