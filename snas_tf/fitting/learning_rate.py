# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How the learning rate of the weights changes over a stage."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from ml_collections import ConfigDict

Schedule = keras.optimizers.schedules.LearningRateSchedule


@keras.saving.register_keras_serializable(package="snas_tf")
class LinearWarmup(Schedule):
    """A line from 0 to a schedule's first learning rate, and then that schedule from its start.

    Args:
        schedule: What follows.
        steps: Steps of the line, at least 1: step 0 has learning rate 0, step `steps` the
            schedule's first.
    """

    def __init__(self, schedule: Schedule, steps: int) -> None:
        if steps < 1:
            raise ValueError(f"`steps` must be at least 1. Received: {steps}.")
        self.schedule = schedule
        self.steps = steps

    def __call__(self, step: Any) -> tf.Tensor:
        """The learning rate, float32 scalar, of a step counted from 0."""
        step = tf.cast(tf.convert_to_tensor(step), tf.float32)
        first = tf.cast(self.schedule(tf.zeros_like(step)), tf.float32)
        follows = self.schedule(tf.maximum(step - self.steps, 0.0))
        return tf.where(step < self.steps, first * step / self.steps, follows)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        schedule = keras.saving.serialize_keras_object(self.schedule)
        return {"schedule": schedule, "steps": self.steps}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> LinearWarmup:
        """Restores the schedule from `get_config`."""
        return cls(keras.saving.deserialize_keras_object(config["schedule"]), config["steps"])


def cosine(first: float, last: float, steps: int) -> keras.optimizers.schedules.CosineDecay:
    """A cosine from the first step to the last.

    Args:
        first: Learning rate of step 0, above 0.
        last: Learning rate of step `steps` - 1 and of all after it, at least 0.
        steps: Number of steps; with one there is only the first.
    """
    return keras.optimizers.schedules.CosineDecay(first, max(steps - 1, 1), alpha=last / first)


def training_schedule(train: ConfigDict, steps_per_epoch: int) -> Schedule:
    """The learning rate that a config asks for: warm-up, then a cosine or a decay every epoch.

    Args:
        train: The config's section, checked.
        steps_per_epoch: Steps of an epoch.

    Returns:
        The schedule. A warm-up as long as the training, or longer, is all there is of it.
    """
    warmup_epochs = min(train.warmup_epochs, train.epochs)
    schedule = _schedule(train, train.epochs - warmup_epochs, steps_per_epoch)
    if warmup_epochs == 0:
        return schedule
    return LinearWarmup(schedule, train.warmup_epochs * steps_per_epoch)


def _schedule(train: ConfigDict, epochs: int, steps_per_epoch: int) -> Schedule:
    if train.schedule == "exponential":
        return keras.optimizers.schedules.ExponentialDecay(
            train.learning_rate, steps_per_epoch, train.learning_rate_decay, staircase=True
        )
    return cosine(train.learning_rate, train.final_learning_rate, epochs * steps_per_epoch)
