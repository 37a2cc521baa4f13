# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A child network in training: its losses, its averaged weights, and clipping under replicas."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from snas_tf.fitting import weight_average
from snas_tf.keras_internals import loss_tracker
from snas_tf.networks import ImageNetwork
from snas_tf.training import replicas, smoothed_labels
from snas_tf.training.step_functions import DistributedModel


class TrainingModel(DistributedModel):
    """Trains a child network on the loss of its logits plus a share of its auxiliary head's.

    In inference mode, and so in a validation, it answers with the averaged weights if there are.

    Args:
        child: The network, with or without an auxiliary head.
        auxiliary_weight: Weight of the auxiliary loss, non-negative.
        label_smoothing: The part s of a label that is spread over all classes, in [0, 1): a
            training step follows the compiled cross-entropy with (1 - s) one_hot + s / classes, see
            `snas_tf.training.smoothed_labels`; an evaluation does not.
        ema_decay: Decay of the moving average of the weights, in [0, 1); 0 for none.

    Call arguments:
        images: (batch, height, width, channels).
        training: Whether batch normalisation uses and updates the batch's statistics.

    Returns:
        float32 logits (batch, classes).
    """

    def __init__(
        self,
        child: ImageNetwork,
        auxiliary_weight: float = 0.0,
        label_smoothing: float = 0.0,
        ema_decay: float = 0.0,
    ) -> None:
        super().__init__(name="training")
        self.child = child
        self.auxiliary_weight = auxiliary_weight
        self.label_smoothing = label_smoothing
        self.ema_decay = ema_decay
        self.average = weight_average.copy_to_average(child) if ema_decay else None
        self.built = True

    def call(self, images: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The logits alone."""
        if self.average is not None and not training:
            return replicas.answers(lambda some: self.average(some, training=False), images)
        return self._answers(images, training)[0]

    def take_weights(self, other: ImageNetwork) -> None:
        """Starts from the weights of another network of the same genotype."""
        self.child.take_weights(other)
        if self.average is not None:
            self.average.take_weights(other)

    def network(self) -> ImageNetwork:
        """The network to keep: without what only training needs, with the averaged weights."""
        kept = self.child.without_auxiliary()
        if self.average is not None:
            kept.take_weights(self.average)  # not the average itself, all of which is frozen
        return kept

    def compile(self, *args: Any, jit_compile: bool | str = False, **kwargs: Any) -> None:
        """As `keras.Model.compile`; the optimizer clips the gradient over all replicas.

        Args:
            *args: As for Keras.
            jit_compile: Whether XLA compiles the forward and backward pass; the updates stay
                outside, where they work under every strategy. "auto" is False.
            **kwargs: As for Keras.

        Raises:
            ValueError: Several replicas cannot synchronise batch normalisation in what XLA
                compiles.
        """
        super().compile(*args, jit_compile=False, **kwargs)
        self.compile_pass(jit_compile, self.child)

    def train_step(self, data: Any) -> dict[str, tf.Tensor]:
        """One update of the weights."""
        images, labels, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        count = replicas.num_examples(images)
        self.check_count(count)
        loss, logits, gradients = self._forward_and_backward(images, labels, sample_weight)
        (gradients,) = replicas.synchronize(self.child, count, gradients)
        shares = replicas.clipped_shares(gradients, self.optimizer)
        self.optimizer.apply(shares, self.child.trainable_variables)
        if self.average is not None:
            steps = tf.convert_to_tensor(self.optimizer.iterations)
            decay = weight_average.decay_after(steps, self.ema_decay)
            weight_average.update(self.average, self.child, decay)
        replicas.track_loss(loss_tracker(self), loss, count)
        return self.compute_metrics(images, labels, logits, sample_weight)

    def forward_and_backward(
        self, images: tf.Tensor, labels: tf.Tensor, sample_weight: tf.Tensor | None
    ) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor]]:
        """The one pass of a step.

        Args:
            images: (batch, height, width, channels).
            labels: What the compiled loss takes.
            sample_weight: float32 (batch,) or None.

        Returns:
            The mean loss of these images' logits, the logits, and the gradients with respect to the
            child's trainable weights: of that loss plus the auxiliary one's share, or under several
            replicas of its sum over the images.
        """
        weights = [weight.value for weight in self.child.trainable_variables]
        with tf.GradientTape() as tape:
            logits, auxiliary = self._answers(images, training=True)
            loss = total = self.own_loss(images, labels, logits, sample_weight)
            if auxiliary is not None:
                side = self.own_loss(images, labels, auxiliary, sample_weight)
                total = loss + self.auxiliary_weight * side
            total = replicas.summed(total, replicas.num_examples(images))
        # A genotype may leave an input of a cell unused, and its preprocessing without gradient.
        unconnected = tf.UnconnectedGradients.ZERO
        gradients = tape.gradient(total, weights, unconnected_gradients=unconnected)
        return loss, logits, gradients

    def compute_loss(
        self,
        x: tf.Tensor | None = None,
        y: tf.Tensor | None = None,
        y_pred: tf.Tensor | None = None,
        sample_weight: tf.Tensor | None = None,
        training: bool = True,
    ) -> tf.Tensor:
        """The compiled loss; in training the one of smoothed labels, if they are smoothed."""
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        if not (training and self.label_smoothing):
            return loss
        own = smoothed_labels.check(self.loss)
        return loss + self.label_smoothing * smoothed_labels.difference(
            own, y, y_pred, sample_weight
        )

    def _answers(self, images: tf.Tensor, training: bool) -> tuple[tf.Tensor, tf.Tensor | None]:
        answer = replicas.answers(lambda some: self.child(some, training=training), images)
        if self.child.auxiliary:
            return answer["logits"], answer["auxiliary"]
        return answer, None
