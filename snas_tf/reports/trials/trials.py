# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search by trials, as a report tells it, and how it went on the way."""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from snas_tf.black_box import Prediction, SearchResult, Trial, pareto

_MOST_POINTS = 120  # of a curve of volumes, each of which is computed anew
_MOST_METRICS = 4  # a table may have dozens
_LEAST_WINDOW, _WINDOWS = 10, 10


def measured(result: SearchResult) -> tuple[str, ...]:
    """The metrics of a search, as `Trials.metrics`."""
    directions = result.objective.directions
    minded = sorted(directions, key=lambda name: -directions[name])
    others = (name for trial in result.succeeded for name in trial.metrics)
    return tuple(dict.fromkeys((*minded, *others)))


def told_metrics(result: SearchResult) -> tuple[str, ...]:
    """The metrics that there is room to tell, as `Trials.told`."""
    return measured(result)[: max(len(result.objective.directions), _MOST_METRICS)]


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Trials:
    """What a search by trials has found so far.

    Attributes:
        result: The trials that ended, and what the objective makes of them.
        planned: How many trials there shall be.
        method: Who proposes, such as "evolution".
        predictions: What the model of a Bayesian search says of trials; nothing for others.
    """

    result: SearchResult
    planned: int
    method: str
    predictions: tuple[Prediction, ...] = ()

    @property
    def best(self) -> Trial | None:
        """The best trial, of several rewards that with the greatest first one; None without any."""
        return self.result.best if self.result.succeeded else None

    @property
    def has_several_rewards(self) -> bool:
        """Whether a front is sought, not one best trial."""
        return any(len(trial.rewards) > 1 for trial in self.result.succeeded)

    @property
    def is_bounded(self) -> bool:
        """Whether the objective rules out some of what was tried."""
        return len(self.result.feasible) < len(self.result.succeeded)

    @property
    def metrics(self) -> tuple[str, ...]:
        """All that was measured: what the objective minds first, what is to be great before it."""
        return measured(self.result)

    @property
    def told(self) -> tuple[str, ...]:
        """The metrics that there is room to tell: all that the objective minds, and a few more."""
        return told_metrics(self.result)

    def best_so_far(self) -> list[tuple[int, float]]:
        """(number of a trial, the best so far after it), among what is feasible.

        The best is the greatest reward; of several rewards it is the volume that the front
        dominates above the worst of all that was feasible, as a part of that in the end.
        """
        feasible = self.result.feasible
        if not feasible:
            return []
        if not self.has_several_rewards:
            best = np.maximum.accumulate([trial.reward for trial in feasible])
            return [(trial.number, float(b)) for trial, b in zip(feasible, best, strict=True)]
        points = np.array([trial.rewards for trial in feasible])
        if points.shape[1] > 3:
            return []
        worst = points.min(axis=0)
        span = np.where(np.ptp(points, axis=0) > 0, np.ptp(points, axis=0), 1.0)
        scaled = (points - worst) / span  # so that no unit outweighs another in rounding
        total = pareto.hypervolume(scaled, np.zeros(points.shape[1]))
        shown = np.unique(np.linspace(0, len(points) - 1, _MOST_POINTS).round().astype(int))
        return [
            (feasible[row].number, pareto.hypervolume(scaled[: row + 1], 0 * worst) / (total or 1))
            for row in shown.tolist()
        ]

    @property
    def window(self) -> int:
        """How many trials in a row `feasible_share` takes together."""
        return max(_LEAST_WINDOW, math.ceil(len(self.result.trials) / _WINDOWS))

    def feasible_share(self) -> list[tuple[int, float]]:
        """(number of a trial, the share of the feasible among it and those right before it).

        A trial that failed is not feasible. It begins where there are as many as a window takes.
        """
        feasible = {trial.number for trial in self.result.feasible}
        kept = np.array([trial.number in feasible for trial in self.result.trials], np.float64)
        if len(kept) < self.window:
            return []
        shares = np.convolve(kept, np.full(self.window, 1 / self.window), mode="valid")
        last = self.result.trials[self.window - 1 :]
        return [(trial.number, float(share)) for trial, share in zip(last, shares, strict=True)]
