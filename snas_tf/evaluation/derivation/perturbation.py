# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Perturbation-based selection: in every place the option is kept whose absence hurts most.

The probability of an option says little of what it does for the network: those of DARTS's mixture
grow for skip connections whatever these are worth. So place by place, in random order, each option
is taken away in turn, and the one without which the supernet answers worst is kept; then the
supernet may learn a little, and goes on to the next place (Wang et al., "Rethinking architecture
selection in differentiable NAS", arXiv 2108.04392).

There the supernet answers by its mixture. Here it answers as it learnt, by what the search's
estimator draws from the distribution in which the option has no probability; for `softmax` that is
the renormalised mixture. All options of a place are compared under the same draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from snas_tf import space
from snas_tf.distribution import ArchitectureDistribution, Samples
from snas_tf.evaluation.derivation.derivation import Derived, Searched
from snas_tf.evaluation.weight_sharing import right_and_count
from snas_tf.networks.searchable import Searchable
from snas_tf.seeds import stateless_seed

_NEVER = -1e9  # the logit of what is not drawn; an infinite one has no gradient
_STREAM = 20210810

Draw = Callable[[ArchitectureDistribution, tf.Tensor, tf.Tensor], Samples]
"""Distribution, temperature and seed to Z, as the estimators of a search do."""

Tune = Callable[[Searchable, ArchitectureDistribution], None]
"""Lets a supernet learn under a distribution, whose logits stay as they are."""


def probabilities(
    architecture: ArchitectureDistribution, temperature: tf.Tensor, seed: tf.Tensor
) -> Samples:
    """A `Draw`: the probabilities themselves, the mixture of DARTS."""
    del temperature, seed
    return architecture.probabilities()


class _Worth(NamedTuple):
    """What a supernet is worth, the smaller the worse: first the accuracy, then minus the loss."""

    accuracy: float
    log_likelihood: float


class Perturbation:
    """A `Derivation`: keeps in every place the option whose absence hurts most.

    Args:
        data: (inputs, labels) in batches, labels int (batch, ...), below 0 for none: what the
            supernet is judged on. It must be the same every time it is gone through.
        draw: How Z is drawn.
        temperature: Of the draws, such as that of the search's last step.
        one_hot: Whether the drawn rows are one-hot.
        tune: Lets the supernet learn after every decision; None for not at all.
        tell: Is told how many of how many places are decided.
    """

    def __init__(
        self,
        data: Iterable,
        *,
        draw: Draw = probabilities,
        temperature: float = 1.0,
        one_hot: bool = False,
        tune: Tune | None = None,
        tell: Callable[[int, int], None] = lambda done, of: None,
    ) -> None:
        self._data = data
        self._draw = draw
        self._temperature = temperature
        self._one_hot = one_hot
        self._tune = tune
        self._tell = tell

    def derive(self, searched: Searched) -> Derived:
        """Decides place by place; with a `tune` the supernet's weights move.

        Args:
            searched: What the search has come to.

        Returns:
            The architecture; what has no part in the network is the most probable.

        Raises:
            InvalidInput: No network keeps to the limits.
        """
        decisions = searched.space.decisions
        space.derive(searched.probabilities, searched.space, bounds=searched.bounds)  # or refuses
        logits = {
            d.name: np.log(np.maximum(searched.probabilities[d.name], 1e-30)) for d in decisions
        }
        left = {d.name: np.ones(d.shape, bool) for d in decisions}
        judge = _Judge(searched, self._data, self._draw, self._temperature, self._one_hot)
        uses = searched.supernet.costs.uses
        places = [(d.name, place) for d in decisions for place in range(len(d.places))]
        np.random.default_rng((searched.seed, _STREAM)).shuffle(places)
        places.sort(key=lambda where: where[0] not in uses)  # stable
        for number, (name, place) in enumerate(places, start=1):
            reached = space.within_reach(searched.space, searched.bounds, left, name, int(place))
            left[name][place] = reached
            options = np.flatnonzero(reached)
            if name in uses and len(options) > 1:
                kept = options[self._hurts_most(judge, logits, left, name, place, options)]
            else:
                kept = options[int(logits[name][place][options].argmax())]
            left[name][place] = np.arange(len(reached)) == kept
            judge.set(logits, left)
            if self._tune is not None and name in uses:
                self._tune(searched.supernet, judge.architecture)
            self._tell(number, len(places))
        found = searched.space.decode({k: rows.astype(np.float64) for k, rows in left.items()})
        return Derived(found, told="what hurts most when it is missing, place by place")

    def _hurts_most(
        self,
        judge: _Judge,
        logits: dict[str, np.ndarray],
        left: dict[str, np.ndarray],
        name: str,
        place: int,
        options: np.ndarray,
    ) -> int:
        """The number among some options of that without which the supernet is worst.

        Of equals the most probable one.
        """
        found = []
        for option in options:
            without = {k: rows.copy() for k, rows in left.items()}
            without[name][place, option] = False
            judge.set(logits, without)
            worth = judge.worth(place)
            found.append((*worth, -logits[name][place, option]))
        return min(range(len(found)), key=found.__getitem__)


class _Judge:
    """A supernet under a distribution in which options are missing."""

    def __init__(
        self,
        searched: Searched,
        data: Iterable,
        draw: Draw,
        temperature: float,
        one_hot: bool,
    ) -> None:
        self.architecture = ArchitectureDistribution(searched.space, name="perturbed")
        self._supernet = searched.supernet
        self._data = data
        self._draw = draw
        self._temperature = tf.constant(temperature, tf.float32)
        self._one_hot = one_hot
        self._seed = searched.seed
        self._batch = tf.function(self._of_a_batch, autograph=False, reduce_retracing=True)

    def set(self, logits: dict[str, np.ndarray], left: dict[str, np.ndarray]) -> None:
        """Gives the distribution its logits; what is not left is never drawn."""
        for name, rows in logits.items():
            self.architecture.logits[name].assign(np.where(left[name], rows, _NEVER))

    def worth(self, place: int) -> _Worth:
        """The mean over all batches, each under a draw of its own that is the same every time."""
        right, count, likelihood = 0, 0, 0.0
        for number, (inputs, labels) in enumerate(self._data):
            seed = stateless_seed(self._seed, _STREAM, tf.constant(place), tf.constant(number))
            more, there, logs = self._batch(inputs, labels, seed)
            right, count = right + int(more), count + int(there)
            likelihood += float(logs)
        return _Worth(right / count, likelihood / count)

    def _of_a_batch(
        self, inputs: tf.Tensor, labels: tf.Tensor, seed: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        samples = self._draw(self.architecture, self._temperature, seed)
        logits = self._supernet(inputs, samples, training=False, one_hot=self._one_hot)
        right, count = right_and_count(logits, labels)
        labels = tf.cast(labels, tf.int32)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            tf.maximum(labels, 0), tf.cast(logits, tf.float32)
        )
        return right, count, -tf.reduce_sum(tf.where(labels >= 0, losses, 0.0))
