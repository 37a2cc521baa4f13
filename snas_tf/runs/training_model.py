# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A child network in training: with its auxiliary loss, and clipped right under replicas."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf.networks import ChildNetwork
from snas_tf.search import replicas


class TrainingModel(keras.Model):
    """Trains a child network on the loss of its logits plus a share of its auxiliary head's.

    Args:
        child: The network, with or without an auxiliary head.
        auxiliary_weight: Weight of the auxiliary loss, non-negative.

    Call arguments:
        images: (batch, height, width, channels).
        training: Whether batch normalisation uses and updates the batch's statistics.

    Returns:
        float32 logits (batch, classes).
    """

    def __init__(self, child: ChildNetwork, auxiliary_weight: float = 0.0) -> None:
        super().__init__(name="training")
        self.child = child
        self.auxiliary_weight = auxiliary_weight
        self.built = True

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The logits alone."""
        return self._answers(images, training)[0]

    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        """One update of the weights."""
        images, labels, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        weights = self.child.trainable_variables
        with tf.GradientTape() as tape:
            logits, auxiliary = self._answers(images, training=True)
            loss = self.compute_loss(images, labels, logits, sample_weight)
            total = loss
            if auxiliary is not None:
                side = self.compute_loss(images, labels, auxiliary, sample_weight)
                total = loss + self.auxiliary_weight * side
        # A genotype may leave an input of a cell unused, and its preprocessing without gradient.
        gradients = tape.gradient(
            total,
            [weight.value for weight in weights],
            unconnected_gradients=tf.UnconnectedGradients.ZERO,
        )
        shares = replicas.reduced_and_clipped(gradients, self.optimizer)
        self.optimizer.apply(shares, weights)
        replicas.average_statistics(self.child)
        replicas.track_loss(self._loss_tracker, loss, images)
        return self.compute_metrics(images, labels, logits, sample_weight)

    def _answers(self, images: tf.Tensor, training: bool) -> tuple[tf.Tensor, tf.Tensor | None]:
        answer = self.child(images, training=training)
        if self.child.auxiliary:
            return answer["logits"], answer["auxiliary"]
        return answer, None
