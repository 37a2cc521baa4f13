# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A policy that follows trials: REINFORCE (Williams 1992), replayed from the list of trials.

A trial drew Z from p(Z; theta) and had the reward R. The step that it gives, up Adam's slope, is

    grad_theta [ A log p(Z; theta) + entropy_weight H(theta) ]

with its advantage A, see `advantages`. Steps are taken trial by trial in the order in which they
ended, so that theta is a function of the trials and nothing else need be kept: a search that is
resumed takes the same steps again. With several workers a trial was proposed some steps before its
own, as in every asynchronous policy gradient; nothing corrects for that.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import keras
import numpy as np
import tensorflow as tf

from snas_tf.black_box import advantages
from snas_tf.black_box.trial import Trial
from snas_tf.distribution import Samples
from snas_tf.errors import InvalidInput
from snas_tf.space import DecisionSpace


class Network(Protocol):
    """What gives p(Z; theta)."""

    trainable_variables: list[keras.Variable]

    def draw(self, seed: tf.Tensor) -> Samples:
        """Z ~ p, one-hot rows; `seed` is int32 [2]."""
        ...

    def log_prob_and_entropy(self, samples: Samples) -> tuple[tf.Tensor, tf.Tensor]:
        """log p(Z) and the entropy in nats, scalars with gradients in theta."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Steps:
    """What is the same for every policy.

    Attributes:
        learning_rate: Of Adam.
        entropy_weight: What a nat of entropy is worth beside an advantage, against early certainty.
        window: Among how many latest trials a reward counts by its rank; 0: it counts itself, less
            the moving mean.
        baseline_decay: Of the moving mean.

    Raises:
        InvalidInput: A value is out of range.
    """

    learning_rate: float
    entropy_weight: float
    window: int
    baseline_decay: float

    def __post_init__(self) -> None:
        for name, allowed, right in (
            ("learning_rate", "a positive number", 0 < self.learning_rate < np.inf),
            ("entropy_weight", "a number, at least 0", 0 <= self.entropy_weight < np.inf),
            ("window", "0, or a whole number of 2 or more", _is_window(self.window)),
            ("baseline_decay", "in [0, 1)", 0 <= self.baseline_decay < 1),
        ):
            if not right:
                raise InvalidInput(f"`{name}` must be {allowed}: given {getattr(self, name)!r}")

    def advantages(self, rewards: Sequence[float], first: int) -> list[float]:
        """What the trials from the `first` on are weighed by."""
        if not self.window:
            return advantages.above_moving_mean(rewards, self.baseline_decay)[first:]
        return [
            advantages.rank(rewards[max(0, count - self.window) : count])
            for count in range(first + 1, len(rewards) + 1)
        ]


def surrogate(
    network: Network, samples: Samples, advantage: tf.Tensor | float, entropy_weight: float
) -> tf.Tensor:
    """A scalar whose gradient in theta is a trial's step: A log p(Z) + entropy_weight H.

    Args:
        network: p(Z; theta).
        samples: {decision: float32 (places, options)}, the one-hot Z that was tried.
        advantage: A.
        entropy_weight: As in `Steps`.

    Returns:
        float32 scalar.
    """
    log_prob, entropy = network.log_prob_and_entropy(samples)
    return advantage * log_prob + entropy_weight * entropy


class Learner:
    """A network, and the steps that the trials gave it so far.

    Args:
        network: Fresh.
        steps: How steps are taken.
        space: What the network draws of.
    """

    def __init__(self, network: Network, steps: Steps, space: DecisionSpace) -> None:
        self.network = network
        self._steps = steps
        self._space = space
        self._optimizer = keras.optimizers.Adam(steps.learning_rate)
        self._optimizer.build(network.trainable_variables)
        self._variables = [*network.trainable_variables, *self._optimizer.variables]
        self._fresh = [variable.numpy() for variable in self._variables]
        self._seen: list[Trial] = []
        self._draw = tf.function(network.draw)
        self._step = tf.function(self._take_step)

    def follow(self, trials: Sequence[Trial]) -> None:
        """Takes the steps of trials; those taken before if they are the first of them stay.

        Args:
            trials: That ended, in the order in which they ended.

        Raises:
            InvalidInput: The objective gives several rewards.
        """
        trials = [*trials]
        if trials[: len(self._seen)] != self._seen:
            self._seen = []
            for variable, value in zip(self._variables, self._fresh, strict=True):
                variable.assign(value)
        first = len(self._seen)
        if first == len(trials):
            return
        found = self._steps.advantages([trial.reward for trial in trials], first)
        for trial, advantage in zip(trials[first:], found, strict=True):
            encoded = self._space.encode(trial.architecture)
            samples = {name: tf.constant(rows, tf.float32) for name, rows in encoded.items()}
            self._step(samples, tf.constant(advantage, tf.float32))
        self._seen = trials

    def draw(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Z ~ p(Z; theta), {decision: float32 (places, options)}, one-hot rows."""
        seed = tf.constant(rng.integers(2**31, size=2), tf.int32)
        return {name: rows.numpy() for name, rows in self._draw(seed).items()}

    def _take_step(self, samples: Samples, advantage: tf.Tensor) -> None:
        variables = self.network.trainable_variables
        with tf.GradientTape() as tape:
            loss = -surrogate(self.network, samples, advantage, self._steps.entropy_weight)
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        self._optimizer.apply(gradients, variables)


@dataclasses.dataclass(slots=True)
class Memo:
    """The learner of the space that was searched last; without it all steps are taken anew."""

    key: Any = None
    learner: Learner | None = None

    def of(self, space: DecisionSpace, chance: Any, make: Callable[[], Learner]) -> Learner:
        """The learner, made if it is of another space or of other chance.

        Args:
            space: What is searched.
            chance: What a fresh network depends on besides.
            make: Gives a fresh one.
        """
        if self.learner is None or self.key != (space, chance):
            self.key, self.learner = (space, chance), make()
        return self.learner


def _is_window(window: int) -> bool:
    return type(window) is int and window >= 0 and window != 1
