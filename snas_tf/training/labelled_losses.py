# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Losses over what has a label, where not all of an example has: nodes and edges of padded graphs.

A class below 0, and a number that is NaN, is no label. An example's loss is the mean over its
labels, so that it is the same by itself and in any batch, whatever it is padded to; Keras takes
the mean over examples. One without any label has a loss of 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from snas_tf.errors import InvalidInput


@keras.saving.register_keras_serializable(package="snas_tf")
class LabelledCrossentropy(keras.losses.Loss):
    """Cross-entropy of classes, optionally with a weight a class.

    Args:
        class_weights: Of each class, positive; None for 1 each. An example's loss is the weighted
            mean over its labels where it has several, and weight times cross-entropy where it has
            one.

    Call arguments:
        y_true: Classes (batch,) or (batch, places), below 0 where there is none.
        y_pred: Logits (batch, classes) or (batch, places, classes).

    Raises:
        InvalidInput: A weight is not positive.
    """

    def __init__(
        self,
        class_weights: Sequence[float] | None = None,
        name: str = "labelled_crossentropy",
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        if class_weights is not None and not all(weight > 0 for weight in class_weights):
            raise InvalidInput(
                f"`class_weights` must be positive numbers: given {[*class_weights]}"
            )
        self.class_weights = None if class_weights is None else [*map(float, class_weights)]

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """float32 (batch,)."""
        labels = tf.cast(y_true, tf.int32)
        there = labels >= 0
        classes = tf.where(there, labels, 0)
        losses = self.of_classes(classes, tf.cast(y_pred, tf.float32))
        weights = tf.ones_like(losses)
        if self.class_weights is not None:
            weights = tf.gather(tf.constant(self.class_weights), classes)
        if labels.shape.rank == 1:
            return tf.where(there, losses * weights, 0.0)
        return _mean_by_example(losses, tf.where(there, weights, 0.0))

    def of_classes(self, classes: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """The loss of every label by itself.

        Args:
            classes: int32 (...).
            logits: float32 (..., classes).

        Returns:
            float32 (...).
        """
        return tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "class_weights": self.class_weights}


class UniformCrossentropy(LabelledCrossentropy):
    """The same where every label has an equal share of all classes, and the weight of its own."""

    def of_classes(self, classes: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        """The mean over classes of each one's cross-entropy."""
        return -tf.reduce_mean(tf.nn.log_softmax(logits), axis=-1)


@keras.saving.register_keras_serializable(package="snas_tf")
class LabelledAbsoluteError(keras.losses.Loss):
    """Absolute error of numbers.

    Call arguments:
        y_true: Numbers (batch,) or (batch, places), NaN where there is none.
        y_pred: (batch, 1) or (batch, places, 1).
    """

    def __init__(self, name: str = "labelled_absolute_error", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        """float32 (batch,)."""
        errors, there = absolute_errors(y_true, y_pred)
        weights = tf.cast(there, tf.float32)
        return errors if errors.shape.rank == 1 else _mean_by_example(errors, weights)


def absolute_errors(y_true: tf.Tensor, y_pred: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Distances from numbers, 0 where there is none, and where there is one.

    Args:
        y_true: Numbers (...), or NaN.
        y_pred: (..., 1).

    Returns:
        float32 (...) and bool (...).
    """
    numbers = tf.cast(y_true, tf.float32)
    there = tf.math.is_finite(numbers)
    answers = tf.cast(tf.squeeze(y_pred, -1), tf.float32)
    # NaN would pass through the gradient of what is masked only afterwards.
    return tf.where(there, tf.abs(answers - tf.where(there, numbers, 0.0)), 0.0), there


def _mean_by_example(losses: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    axes = [*range(1, losses.shape.rank)]
    total = tf.reduce_sum(losses * weights, axes)
    return tf.math.divide_no_nan(total, tf.reduce_sum(weights, axes))
