# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A policy gradient on independent decisions: the distribution of SNAS, for rewards of any kind.

SNAS and this searcher maximise the same, the mean of R(Z) over Z ~ p(Z; alpha), with the same
`ArchitectureDistribution`. SNAS needs a loss that can be differentiated through Z; here a trial
gives a number, and the gradient is its score's, grad log p(Z) = Z - p in every row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from snas_tf.black_box import reinforce
from snas_tf.black_box.searcher import decision_space
from snas_tf.black_box.trial import Trial
from snas_tf.distribution import ArchitectureDistribution, Samples
from snas_tf.space import Architecture, DecisionSpace, Space


class IndependentDecisions:
    """p(Z; alpha) of an `ArchitectureDistribution`, uniform at first; a `reinforce.Network`.

    Args:
        space: The space.
    """

    def __init__(self, space: DecisionSpace) -> None:
        self.distribution = ArchitectureDistribution(space)

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        """The logits."""
        return self.distribution.trainable_variables

    def draw(self, seed: tf.Tensor) -> Samples:
        """Z ~ p, one-hot rows; `seed` is int32 [2]."""
        return self.distribution.categorical_sample(seed)

    def log_prob_and_entropy(self, samples: Samples) -> tuple[tf.Tensor, tf.Tensor]:
        """Both exact: sums over the rows, which are independent."""
        rows = self.distribution.categorical_log_prob(samples).values()
        log_prob = tf.add_n([tf.reduce_sum(each) for each in rows])
        return log_prob, tf.add_n([*self.distribution.entropy().values()])


@dataclasses.dataclass(frozen=True)
class Policy:
    """Proposes what it draws of p(Z; alpha), whose logits follow the rewards of the trials.

    It may propose what was tried before, the more so the surer it is. Failed trials count as the
    worst. It needs a `DecisionSpace`, and one reward.

    Attributes:
        learning_rate: Of Adam, for the logits.
        entropy_weight: What a nat of the entropy of p is worth beside an advantage, which lies
            between -1 and 1 by default; against early certainty.
        window: Among how many of the latest trials, its own included, a reward counts by its rank.
            0 takes the reward itself, in its own unit, less the moving mean of those before.
        baseline_decay: Of that mean, where `window` is 0.

    Raises:
        InvalidInput: A value is out of range.
    """

    learning_rate: float = 0.1
    entropy_weight: float = 0.1
    window: int = 50
    baseline_decay: float = 0.9
    _memo: reinforce.Memo = dataclasses.field(
        default_factory=reinforce.Memo, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        self._steps()

    def propose(
        self, trials: Sequence[Trial], rng: np.random.Generator, space: Space
    ) -> Architecture:
        """A draw of the policy that the trials which ended have made.

        Args:
            trials: Those that ended, in the order in which they ended, then those that still run.
            rng: The trial's chance.
            space: A `DecisionSpace`.

        Returns:
            The architecture.

        Raises:
            InvalidInput: The space has no decisions, or the objective several rewards.
        """
        space = decision_space(space, self)
        learner = self._memo.of(
            space,
            None,
            lambda: reinforce.Learner(IndependentDecisions(space), self._steps(), space),
        )
        learner.follow([trial for trial in trials if trial.ended])
        return space.decode(learner.draw(rng))

    def _steps(self) -> reinforce.Steps:
        return reinforce.Steps(
            self.learning_rate, self.entropy_weight, self.window, self.baseline_decay
        )
