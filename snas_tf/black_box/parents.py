# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whose weights a trial may start from: the ended trial that is the most like it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from snas_tf.black_box.embedding import Distances
from snas_tf.black_box.searcher import decision_space
from snas_tf.black_box.trial import Trial
from snas_tf.space import Architecture, Space


class Parents:
    """Finds parents among the trials of one search.

    A space may have `descends(ancestor, architecture)`, whether one can inherit all weights of
    another; then only such a trial is a parent, and the space's `distance(one, other)` says how far
    it is. Other spaces have decisions.

    Args:
        space: Of the architectures.
        evaluator: Who asks for parents.

    Raises:
        InvalidInput: The space has neither.
    """

    def __init__(self, space: Space, evaluator: object) -> None:
        self._space = space
        self._distances = Distances(space)
        self._grows = hasattr(space, "descends") and hasattr(space, "distance")
        self._chosen: dict[Architecture, np.ndarray] = {}
        if not self._grows:
            decision_space(space, evaluator)

    def nearest(self, architecture: Architecture, trials: Iterable[Trial]) -> int | None:
        """The trial whose architecture differs the least.

        Args:
            architecture: What is to be trained.
            trials: Those to choose from; trials that run or failed are passed over.

        Returns:
            Its number; of equals that with the greatest rewards, then the first. None without any.
        """
        measured = [trial for trial in trials if trial.metrics]
        if self._grows:
            measured = [
                each for each in measured if self._space.descends(each.architecture, architecture)
            ]
        if not measured:
            return None
        distances = self._from(architecture, [trial.architecture for trial in measured])
        near = [measured[row] for row in np.flatnonzero(distances == distances.min())]
        return max(near, key=lambda trial: (trial.rewards, -trial.number)).number

    def _from(self, architecture: Architecture, others: Sequence[Architecture]) -> np.ndarray:
        """The distances to others: that of the space, or in how many places they differ."""
        if self._grows:
            return self._distances.between([architecture], others)[0]
        rows = np.stack([self._options(other) for other in others])
        return (rows != self._options(architecture)).sum(axis=1)

    def _options(self, architecture: Architecture) -> np.ndarray:
        """The number of the option in every place."""
        if architecture not in self._chosen:
            rows = self._space.encode(architecture).values()
            self._chosen[architecture] = np.concatenate([row.argmax(axis=1) for row in rows])
        return self._chosen[architecture]
