# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a search is given where its user says nothing: all of it follows from its steps."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import keras
import tensorflow as tf

from snas_tf.errors import InvalidInput

COLDEST = 0.03
"""The temperature at the end, where samples are all but one-hot."""
WARMUP = 0.1
"""Part of the steps in which the weights alone learn."""
WEIGHTS_RATE = 0.002
"""Learning rate of the weights at the start; it falls to zero as a cosine does."""


@dataclasses.dataclass(frozen=True)
class Defaults:
    """The defaults of a search of some length.

    Attributes:
        epochs: Passes over the data.
        steps_per_epoch: Steps of each.
    """

    epochs: int
    steps_per_epoch: int

    def __post_init__(self) -> None:
        for name in ("epochs", "steps_per_epoch"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < 1:
                raise InvalidInput(f"`{name}` must be a whole number, at least 1: given {value!r}")

    @property
    def steps(self) -> int:
        """All steps."""
        return self.epochs * self.steps_per_epoch

    @property
    def warmup_steps(self) -> int:
        """So many first steps train the weights alone."""
        return int(WARMUP * self.steps)

    @property
    def logits_rate(self) -> float:
        """Learning rate of the logits, by which a decision is made neither at once nor too late.

        A logit of Adam's moves by the rate in a step at most; six tell 99 % from the others.
        """
        return min(0.05, max(0.001, 20 / self.steps))

    def temperature(self, warmup_steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
        """From 1, in a straight line over the steps after the warm-up."""
        steps = max(1, self.steps - warmup_steps - 1)
        return keras.optimizers.schedules.PolynomialDecay(1.0, steps, COLDEST)

    def optimizer(self) -> keras.optimizers.Optimizer:
        """Of the weights."""
        return keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(WEIGHTS_RATE, self.steps)
        )

    def architecture_optimizer(self) -> keras.optimizers.Optimizer:
        """Of the logits."""
        return keras.optimizers.Adam(self.logits_rate, beta_1=0.5)

    def __str__(self) -> str:
        return (
            f"Snas.of: {self.steps} steps ({self.epochs} epochs of {self.steps_per_epoch}). "
            "Where you give no other:\n"
            f"  warmup_steps={self.warmup_steps}: at first the weights alone learn\n"
            f"  temperature: from 1 to {COLDEST} in a straight line, over the steps after that\n"
            f"  compile(optimizer=...): Adam at {WEIGHTS_RATE}, falling to 0 as a cosine does\n"
            f"  compile(architecture_optimizer=...): Adam at {self.logits_rate:.3g}, beta_1=0.5"
        )


def steps_in(data: Any, batch_size: int) -> int:
    """How many steps a pass over some data takes.

    Args:
        data: What `fit` is given: a `tf.data.Dataset` of batches, a `keras.utils.PyDataset`, or
            arrays or a nest of them.
        batch_size: Examples of a step, where it is arrays.

    Raises:
        InvalidInput: Nobody can tell.
    """
    if isinstance(data, tf.data.Dataset):
        count = int(data.cardinality())
        if count >= 0:
            return count
    elif isinstance(data, keras.utils.PyDataset) and data.num_batches is not None:
        return data.num_batches
    else:
        first = keras.tree.flatten(data)[0]
        if hasattr(first, "shape") and len(first.shape):
            return math.ceil(first.shape[0] / batch_size)
    raise InvalidInput(
        "`data` must tell how many steps an epoch has: given a "
        f"{type(data).__name__} that does not; do give steps_per_epoch too"
    )
