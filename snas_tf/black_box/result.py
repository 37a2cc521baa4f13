# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a search by trials found."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from snas_tf.black_box import pareto
from snas_tf.black_box.objectives import Objective
from snas_tf.black_box.trial import Trial
from snas_tf.errors import Failure


@dataclasses.dataclass(frozen=True)
class SearchResult:
    """The trials that ended, and what the objective makes of them.

    Attributes:
        trials: Those that ended, by number.
        objective: What the search was after.
    """

    trials: tuple[Trial, ...]
    objective: Objective

    @classmethod
    def of(cls, trials: Sequence[Trial], objective: Objective) -> SearchResult:
        """The result of trials in any order; those that still run are left out."""
        ended = (trial for trial in trials if trial.ended)
        return cls(tuple(sorted(ended, key=lambda trial: trial.number)), objective)

    @property
    def succeeded(self) -> tuple[Trial, ...]:
        """The trials with metrics, by number."""
        return tuple(trial for trial in self.trials if not trial.failure)

    @property
    def failed(self) -> tuple[Trial, ...]:
        """The trials that failed, by number."""
        return tuple(trial for trial in self.trials if trial.failure)

    @property
    def feasible(self) -> tuple[Trial, ...]:
        """The trials that keep to all bounds of the objective, by number."""
        return tuple(each for each in self.succeeded if self.objective.feasible(each.metrics))

    @property
    def best(self) -> Trial:
        """The trial with the greatest reward among the feasible; the first of equals.

        Of several rewards the first counts, of equals in it the next. Where no trial is feasible,
        all that succeeded are compared.

        Raises:
            Failure: No trial succeeded.
        """
        among = self.feasible or self.succeeded
        if not among:
            why = f"the first: {self.failed[0].failure}" if self.failed else "none has ended yet"
            raise Failure(f"none of {len(self.trials)} trials succeeded; {why}")
        return max(among, key=lambda trial: trial.rewards)

    @property
    def front(self) -> tuple[Trial, ...]:
        """The feasible trials that no other dominates in the objective's metrics.

        The best in the first metric comes first; of equal trials there is the first alone.
        """
        among, directions = self.feasible, self.objective.directions
        if not among:
            return ()
        points = [
            [direction * trial.metrics[name] for name, direction in directions.items()]
            for trial in among
        ]
        rows = sorted(pareto.front(points), key=lambda row: points[row], reverse=True)
        return tuple(among[row] for row in rows)
