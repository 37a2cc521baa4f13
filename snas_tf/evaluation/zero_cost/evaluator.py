# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Judges architectures by scores of their untrained networks, for searches by trials."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras

from snas_tf import seeds
from snas_tf.errors import Failure
from snas_tf.evaluation import score_names
from snas_tf.evaluation.evaluator import Parent
from snas_tf.evaluation.zero_cost.gradients import Loss
from snas_tf.evaluation.zero_cost.scores import scores as compute
from snas_tf.space import Architecture


class ZeroCost:
    """An `Evaluator` of zero-cost scores; called with an architecture, the first score alone.

        naswot = evaluation.ZeroCost(problem.child, images)
        black_box.search(black_box.Random(), space, naswot, trials=100, objective="naswot")

    is NAS without training: the best by score of 100 random networks. As a plain function it is
    what `black_box.Area` chooses its first population by.

    Attributes:
        names: The scores.

    Args:
        network: From an architecture to its Keras model, with fresh weights. It must pickle for
            evaluations in other processes.
        images: A batch for it, as for `snas_tf.score`.
        names: The scores, those of `snas_tf.score`; each is a metric.
        labels: As for `snas_tf.score`.
        loss: Likewise.

    Raises:
        InvalidInput: A score is unknown.
    """

    def __init__(
        self,
        network: Callable[[Architecture], keras.Model],
        images: Any,
        names: Sequence[str] = ("naswot",),
        *,
        labels: Any = None,
        loss: Loss | None = None,
    ) -> None:
        score_names.check(names)
        self.names = tuple(names)
        self._network = network
        self._images = images
        self._labels = labels
        self._loss = loss

    def __call__(self, architecture: Architecture) -> float:
        """The first score under the seed 0, -inf included."""
        return self.scores(architecture, seed=0)[self.names[0]]

    def evaluate(
        self, architecture: Architecture, *, seed: int, parent: Parent | None = None
    ) -> dict[str, float]:
        """The scores of an architecture.

        Args:
            architecture: What is judged.
            seed: Of its initial weights.
            parent: Not used.

        Returns:
            {score: finite number}.

        Raises:
            Failure: A score is -inf: the network cannot tell the images apart.
            InvalidInput: A score is not defined for such networks.
        """
        found = self.scores(architecture, seed=seed)
        worthless = [name for name, value in found.items() if not math.isfinite(value)]
        if worthless:
            raise Failure(
                f"{' and '.join(worthless)} of this network is -inf: it cannot tell the images "
                "apart"
            )
        return found

    def scores(self, architecture: Architecture, *, seed: int) -> dict[str, float]:
        """As `evaluate`, with -inf where a network cannot tell the images apart."""
        with seeds.weights(seed):
            network = self._network(architecture)
        return compute(network, self._images, self.names, labels=self._labels, loss=self._loss)
