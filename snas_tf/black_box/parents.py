# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Whose weights a trial may start from: the ended trial that is the most like it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from snas_tf.black_box.trial import Trial
from snas_tf.space import Architecture, DecisionSpace


class Parents:
    """Finds parents among the trials of one search.

    Args:
        space: Of the architectures.
    """

    def __init__(self, space: DecisionSpace) -> None:
        self._space = space
        self._chosen: dict[Architecture, np.ndarray] = {}

    def nearest(self, architecture: Architecture, trials: Iterable[Trial]) -> int | None:
        """The trial whose architecture differs in the fewest places.

        Args:
            architecture: What is to be trained.
            trials: Those to choose from; trials that run or failed are passed over.

        Returns:
            Its number; of equals that with the greatest rewards, then the first. None without any.
        """
        measured = [trial for trial in trials if trial.metrics]
        if not measured:
            return None
        own = self._options(architecture)
        rows = np.stack([self._options(trial.architecture) for trial in measured])
        distances = (rows != own).sum(axis=1)
        near = [measured[row] for row in np.flatnonzero(distances == distances.min())]
        return max(near, key=lambda trial: (trial.rewards, -trial.number)).number

    def _options(self, architecture: Architecture) -> np.ndarray:
        """The number of the option in every place."""
        if architecture not in self._chosen:
            rows = self._space.encode(architecture).values()
            self._chosen[architecture] = np.concatenate([row.argmax(axis=1) for row in rows])
        return self._chosen[architecture]
