# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A policy gradient on a recurrent network that decides in turn, as in MONAS (arXiv 1806.10332).

Places are decided one after another, in the order of the decisions of the space, each knowing what
was chosen before: p(Z; theta) = prod_t p(Z_t | Z_1 ... Z_(t-1); theta). So it can learn what
independent rows cannot, such as "a large kernel in one place, whichever, but in no other".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from snas_tf.black_box import reinforce
from snas_tf.black_box.searcher import decision_space, generator_of_all
from snas_tf.black_box.trial import Trial
from snas_tf.distribution import Samples, one_hot
from snas_tf.errors import InvalidInput
from snas_tf.space import Architecture, DecisionSpace, Space

_SHARE = 0.003  # of the LSTM in a logit: under Adam, how fast it learns beside the rows
_IMPOSSIBLE = -1e9  # as a logit: a probability of exactly 0, without the NaN of infinities


class RecurrentDecisions:
    """p(Z; theta) of an LSTM with a softmax a step, uniform at first; a `reinforce.Network`.

    The columns of all decisions stand side by side. A step takes in the choice of the step before,
    one-hot among all columns, nothing but zeros in the first; its softmax is over the columns of
    its own decision. Its logits are a row of its own, as those of independent decisions are, and a
    share of what the LSTM says: the rows learn what is good in whatever company. All choices of the
    LSTM turn with every step of the gradient, so that by itself it was certain of something, such
    as no large kernel anywhere, before it knew what is good (docs/objectives.md).

    Args:
        space: The space.
        units: Of the LSTM.
        seed: Of its first weights, those of rows and softmax excepted, which are 0.
    """

    def __init__(self, space: DecisionSpace, units: int, seed: int) -> None:
        self._shapes = {decision.name: decision.shape for decision in space.decisions}
        widths = [width for _, width in self._shapes.values()]
        self._offsets = np.cumsum([0, *widths]).tolist()
        # (steps, columns): 0 where a step may choose, else impossible.
        self._masks = np.concatenate(
            [
                np.pad(
                    np.zeros(shape, np.float32),
                    ((0, 0), (offset, self._offsets[-1] - offset - shape[1])),
                    constant_values=_IMPOSSIBLE,
                )
                for offset, shape in zip(self._offsets, self._shapes.values(), strict=False)
            ]
        )
        first, second = np.random.default_rng(seed).integers(2**31, size=2).tolist()
        self._cell = keras.layers.LSTMCell(
            units,
            kernel_initializer=keras.initializers.GlorotUniform(first),
            recurrent_initializer=keras.initializers.Orthogonal(seed=second),
            dtype="float32",
        )
        self._cell.build((1, self._offsets[-1]))
        self._softmax = keras.layers.Dense(
            self._offsets[-1], kernel_initializer="zeros", dtype="float32"
        )
        self._softmax.build((1, units))
        self._rows = keras.Variable(tf.zeros(self._masks.shape), dtype="float32", name="rows")
        self._units = units

    @property
    def trainable_variables(self) -> list[keras.Variable]:
        """Of the LSTM, of the softmax, and the rows."""
        return [
            *self._cell.trainable_variables,
            *self._softmax.trainable_variables,
            self._rows,
        ]

    @property
    def _open(self) -> tf.Tensor:
        """(steps, columns): the rows, and what is impossible."""
        return self._masks + self._rows.value

    def draw(self, seed: tf.Tensor) -> Samples:
        """Z ~ p, one-hot rows; `seed` is int32 [2]."""
        uniform = tf.random.stateless_uniform(
            self._masks.shape, seed, minval=np.finfo(np.float32).tiny
        )
        gumbel = -tf.math.log(-tf.math.log(uniform))

        def choose(carry: tuple, step: tuple) -> tuple:
            row, noise = step
            logits, states = self._step(*carry, row)
            return (one_hot(logits + noise), *states)

        chosen, *_ = tf.scan(choose, (self._open, gumbel), self._beginning())
        return self._parted(chosen[:, 0])

    def log_prob_and_entropy(self, samples: Samples) -> tuple[tf.Tensor, tf.Tensor]:
        """log p(Z), and the sum of the entropies of the choices on its way.

        The mean of that sum over Z is the entropy of p. Its gradient leaves out that theta changes
        the way too, as the entropy bonus of sequences commonly does.
        """
        chosen = self._joined(samples)

        def follow(carry: tuple, step: tuple) -> tuple:
            _, hidden, cell, before = carry
            row, choice = step
            logits, states = self._step(before, hidden, cell, row)
            return (logits, *states, choice[None])

        before, *states = self._beginning()
        logits, *_ = tf.scan(follow, (self._open, chosen), (before, *states, before))
        logs = tf.nn.log_softmax(logits[:, 0])
        return tf.reduce_sum(chosen * logs), -tf.reduce_sum(tf.exp(logs) * logs)

    def _beginning(self) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """No choice, and the state of the LSTM at rest."""
        nothing = tf.zeros((1, self._units))
        return tf.zeros((1, self._offsets[-1])), nothing, nothing

    def _step(
        self, before: tf.Tensor, hidden: tf.Tensor, cell: tf.Tensor, row: tf.Tensor
    ) -> tuple[tf.Tensor, list[tf.Tensor]]:
        """Logits (1, columns) and the next state, of the choice before and the state before."""
        output, states = self._cell(before, [hidden, cell])
        return _SHARE * self._softmax(output) + row, states

    def _joined(self, samples: Samples) -> tf.Tensor:
        """(steps, columns) of {decision: (places, options)}."""
        return tf.concat(
            [
                tf.pad(samples[name], [[0, 0], [offset, self._offsets[-1] - offset - width]])
                for offset, (name, (_, width)) in zip(
                    self._offsets, self._shapes.items(), strict=False
                )
            ],
            axis=0,
        )

    def _parted(self, rows: tf.Tensor) -> Samples:
        """{decision: (places, options)} of (steps, columns)."""
        parts = tf.split(rows, [places for places, _ in self._shapes.values()])
        return {
            name: part[:, offset : offset + width]
            for part, offset, (name, (_, width)) in zip(
                parts, self._offsets, self._shapes.items(), strict=False
            )
        }


@dataclasses.dataclass(frozen=True)
class Controller:
    """Proposes what an LSTM draws decision by decision, whose weights follow the rewards.

    As `Policy` otherwise. What MONAS calls the robot network; its own sizes and rates are not
    known for certain, so that these are ours.

    Attributes:
        units: Of the LSTM.
        learning_rate: Of Adam, for all weights.
        entropy_weight: As for `Policy`.
        window: As for `Policy`.
        baseline_decay: As for `Policy`.

    Raises:
        InvalidInput: A value is out of range.
    """

    units: int = 24
    learning_rate: float = 0.1
    entropy_weight: float = 0.1
    window: int = 50
    baseline_decay: float = 0.9
    _memo: reinforce.Memo = dataclasses.field(
        default_factory=reinforce.Memo, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if type(self.units) is not int or self.units < 1:
            raise InvalidInput(f"`units` must be a whole number, at least 1: given {self.units!r}")
        self._steps()

    def propose(
        self, trials: Sequence[Trial], rng: np.random.Generator, space: Space
    ) -> Architecture:
        """A draw of the network that the trials which ended have made.

        Args:
            trials: Those that ended, in the order in which they ended, then those that still run.
            rng: The trial's chance, `generator(seed, number)`; the seed gives the first weights.
            space: A `DecisionSpace`.

        Returns:
            The architecture.

        Raises:
            InvalidInput: The space has no decisions, or the objective several rewards.
        """
        space = decision_space(space, self)
        seed = int(generator_of_all(rng).integers(2**31))
        learner = self._memo.of(
            space,
            seed,
            lambda: reinforce.Learner(
                RecurrentDecisions(space, self.units, seed), self._steps(), space
            ),
        )
        learner.follow([trial for trial in trials if trial.ended])
        return space.decode(learner.draw(rng))

    def _steps(self) -> reinforce.Steps:
        return reinforce.Steps(
            self.learning_rate, self.entropy_weight, self.window, self.baseline_decay
        )
