# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Metrics over all that has a label, counted one by one over all batches and replicas.

A class below 0, and a number that is NaN, is no label. What has none of a class has no part in the
mean over classes.
"""

from __future__ import annotations

import abc
from typing import Any

import keras
import tensorflow as tf

from snas_tf.training.labelled_losses import absolute_errors


class _Ratio(keras.metrics.Metric):
    """A sum over a number."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.total = self.add_weight(name="total", shape=(), initializer="zeros")
        self.count = self.add_weight(name="count", shape=(), initializer="zeros")

    def _add(self, values: tf.Tensor, there: tf.Tensor) -> None:
        counted = tf.cast(there, tf.float32)
        self.total.assign_add(tf.reduce_sum(tf.cast(values, tf.float32) * counted))
        self.count.assign_add(tf.reduce_sum(counted))

    def result(self) -> tf.Tensor:
        """The mean so far; 0 before there is a label."""
        return tf.math.divide_no_nan(
            tf.convert_to_tensor(self.total), tf.convert_to_tensor(self.count)
        )


@keras.saving.register_keras_serializable(package="snas_tf")
class LabelledAccuracy(_Ratio):
    """The part of the labels whose class has the greatest logit."""

    def __init__(self, name: str = "accuracy", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def update_state(
        self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: None = None
    ) -> None:
        """Counts classes (...) and logits (..., classes)."""
        labels = tf.cast(y_true, tf.int32)
        answers = tf.argmax(y_pred, axis=-1, output_type=tf.int32)
        self._add(answers == labels, labels >= 0)


@keras.saving.register_keras_serializable(package="snas_tf")
class LabelledMeanAbsoluteError(_Ratio):
    """The mean distance from numbers."""

    def __init__(self, name: str = "mean_absolute_error", **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)

    def update_state(
        self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: None = None
    ) -> None:
        """Counts numbers (...) and answers (..., 1)."""
        self._add(*absolute_errors(y_true, y_pred))


class _ByClass(keras.metrics.Metric):
    """Counts labels, answers, and answers that are right, class by class.

    Args:
        num_classes: Number of classes.
    """

    def __init__(self, num_classes: int, name: str, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.num_classes = num_classes
        self.labels, self.answers, self.right = (
            self.add_weight(name=what, shape=(num_classes,), initializer="zeros")
            for what in ("labels", "answers", "right")
        )

    def update_state(
        self, y_true: tf.Tensor, y_pred: tf.Tensor, sample_weight: None = None
    ) -> None:
        """Counts classes (...) and logits (..., classes)."""
        labels = tf.reshape(tf.cast(y_true, tf.int32), [-1])
        answers = tf.reshape(tf.argmax(y_pred, axis=-1, output_type=tf.int32), [-1])
        # What is no class has no place in a row of `one_hot`.
        label = tf.one_hot(labels, self.num_classes)
        answer = tf.one_hot(tf.where(labels >= 0, answers, -1), self.num_classes)
        self.labels.assign_add(tf.reduce_sum(label, 0))
        self.answers.assign_add(tf.reduce_sum(answer, 0))
        self.right.assign_add(tf.reduce_sum(label * answer, 0))

    @abc.abstractmethod
    def by_class(self, labels: tf.Tensor, answers: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
        """What each class counts for, (classes,), from counts (classes,)."""

    def result(self) -> tf.Tensor:
        """The mean over the classes that there are so far."""
        labels, answers, right = map(tf.convert_to_tensor, (self.labels, self.answers, self.right))
        there = tf.cast(labels > 0, tf.float32)
        total = tf.reduce_sum(self.by_class(labels, answers, right) * there)
        return tf.math.divide_no_nan(total, tf.reduce_sum(there))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "num_classes": self.num_classes}


@keras.saving.register_keras_serializable(package="snas_tf")
class BalancedAccuracy(_ByClass):
    """The mean over classes of the part of each that is right, as CLUSTER is measured by."""

    def __init__(self, num_classes: int, name: str = "balanced_accuracy", **kwargs: Any) -> None:
        super().__init__(num_classes, name, **kwargs)

    def by_class(self, labels: tf.Tensor, answers: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
        """The recall of each class."""
        return tf.math.divide_no_nan(right, labels)


@keras.saving.register_keras_serializable(package="snas_tf")
class F1(_ByClass):
    """The mean over classes of F1, the harmonic mean of precision and recall; or that of one.

    Args:
        num_classes: Number of classes.
        positive: The class whose F1 it is, such as 1 of two; None for the mean.
    """

    def __init__(
        self, num_classes: int, positive: int | None = None, name: str = "f1", **kwargs: Any
    ) -> None:
        super().__init__(num_classes, name, **kwargs)
        self.positive = positive

    def by_class(self, labels: tf.Tensor, answers: tf.Tensor, right: tf.Tensor) -> tf.Tensor:
        """The F1 of each class."""
        return tf.math.divide_no_nan(2 * right, labels + answers)

    def result(self) -> tf.Tensor:
        """That of `positive`, or the mean over the classes that there are so far."""
        if self.positive is None:
            return super().result()
        counts = (self.labels, self.answers, self.right)
        return self.by_class(*map(tf.convert_to_tensor, counts))[self.positive]

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "positive": self.positive}
