# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What changes over a search: a number, or a schedule of a saved step counter.

A schedule is Keras's own notion, any `keras.optimizers.schedules.LearningRateSchedule`; here are
the two that a search needs beside Keras's. It is a function of the step alone, and the step is
saved with the model, so a search that was stopped goes on to the bit with no state to restore.

What belongs to the logits counts the steps that these have learnt, for before them nothing is to be
decided; what belongs to the weights counts all steps of the search.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from snas_tf.errors import InvalidInput

Schedule = keras.optimizers.schedules.LearningRateSchedule

Scheduled = float | Schedule
"""A number that does not change, or a schedule."""

SHAPES = ("linear", "cosine", "exponential")
"""How a `Change` leads from its first value to its last."""


@keras.saving.register_keras_serializable(package="snas_tf")
class Change(Schedule):
    """From one value to another over some steps; constant before them and after.

    With p the part of the way, from 0 at the first of these steps to 1 at the last:

        linear        first + (last - first) p
        cosine        last + (first - last) (1 + cos(pi p)) / 2
        exponential   first (last / first)^p

    Args:
        first: Value of the step `start`, and of all before it.
        last: Value of the step `start + steps - 1`, and of all after it.
        steps: How many steps it takes, at least 1; of a single step it is the first value.
        shape: One of `SHAPES`.
        start: Number of the step with which it begins.

    Raises:
        InvalidInput: The shape is none of these, a number is no number of steps, or an exponential
            has an end that is not positive.
    """

    def __init__(
        self, first: float, last: float, steps: int, shape: str = "linear", start: int = 0
    ) -> None:
        for name, value, least in (("steps", steps, 1), ("start", start, 0)):
            if type(value) is not int or value < least:
                raise InvalidInput(
                    f"`{name}` must be a whole number, at least {least}: given {value!r}"
                )
        if shape not in SHAPES:
            raise InvalidInput(f"`shape` must be one of {', '.join(SHAPES)}: given {shape!r}")
        if shape == "exponential" and not (first > 0 and last > 0):
            raise InvalidInput(
                "`first` and `last` must be positive where the shape is exponential: given "
                f"{first} and {last}"
            )
        self.first = float(first)
        self.last = float(last)
        self.steps = steps
        self.shape = shape
        self.start = start

    def __call__(self, step: Any) -> tf.Tensor:
        """The value, float32 scalar, of a step counted from 0."""
        done = tf.cast(tf.convert_to_tensor(step), tf.float32) - self.start
        length = float(max(self.steps - 1, 1))
        part = tf.clip_by_value(done, 0.0, length) / length
        if self.shape == "cosine":
            return self.last + (self.first - self.last) * 0.5 * (1.0 + tf.cos(math.pi * part))
        if self.shape == "exponential":
            return self.first * (self.last / self.first) ** part
        return (self.first - self.last) * (1.0 - part) + self.last

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        names = ("first", "last", "steps", "shape", "start")
        return {name: getattr(self, name) for name in names}


@keras.saving.register_keras_serializable(package="snas_tf")
class Gate(Schedule):
    """1 while it is open, 0 before and after: the steps in which something learns.

    Args:
        opens: The first step in which it is open, counted from 0.
        closes: The first one after that in which it is not; None for never.

    Raises:
        InvalidInput: It would close before it opens, or a number is no number of a step.
    """

    def __init__(self, opens: int = 0, closes: int | None = None) -> None:
        whole = [value for value in (opens, closes) if value is not None]
        if any(type(value) is not int or value < 0 for value in whole) or whole != sorted(whole):
            raise InvalidInput(
                "`opens` and `closes` must be numbers of steps, the first at most the second: "
                f"given {opens!r} and {closes!r}"
            )
        self.opens = opens
        self.closes = closes

    def __call__(self, step: Any) -> tf.Tensor:
        """1 or 0, float32 scalar, of a step counted from 0."""
        step = tf.cast(tf.convert_to_tensor(step), tf.int64)
        is_open = step >= self.opens
        if self.closes is not None:
            is_open &= step < self.closes
        return tf.cast(is_open, tf.float32)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {"opens": self.opens, "closes": self.closes}


def value_at(scheduled: Scheduled, step: tf.Tensor) -> tf.Tensor:
    """What a scheduled number is in a step.

    Args:
        scheduled: A number or a schedule.
        step: Integer scalar, counted from 0.

    Returns:
        float32 scalar.
    """
    if not isinstance(scheduled, Schedule):
        return tf.constant(scheduled, tf.float32)
    return tf.cast(scheduled(tf.convert_to_tensor(step)), tf.float32)


def is_constant(scheduled: Scheduled, number: float = 1.0) -> bool:
    """Whether it is a number that never changes: 1, with which a gate is always open, or another.

    Args:
        scheduled: A number or a schedule.
        number: Which; of 0 nothing need be computed that it is the strength of.
    """
    return not isinstance(scheduled, Schedule) and scheduled == number


def check(name: str, scheduled: Scheduled, what: str, allows: Callable[[float], bool]) -> None:
    """Checks a number, or the first value of a schedule.

    Args:
        name: Of the argument.
        scheduled: What was given.
        what: What it must be, for the message.
        allows: Whether a number is that.

    Raises:
        ValueError: It is not.
    """
    if isinstance(scheduled, Schedule):
        first = float(scheduled(tf.constant(0, tf.int64)))
        received = f"a schedule that begins with {first}"
    else:
        first, received = scheduled, repr(scheduled)
    if isinstance(first, bool) or not isinstance(first, numbers.Real) or not allows(first):
        raise ValueError(f"`{name}` must be {what}. Received: {received}.")
