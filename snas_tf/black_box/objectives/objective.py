# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a search by trials is after: rewards, each to be maximised, made of measured metrics.

`Pareto` makes no one reward of the metrics: each is one of its own, and what is sought is their
front.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from snas_tf.errors import InvalidInput

GREATER, SMALLER = 1, -1
"""The directions of a metric: the greater the better, or the smaller."""


@runtime_checkable
class Objective(Protocol):
    """What `search` asks of an objective; one of the user's own is any object with these."""

    @property
    def directions(self) -> Mapping[str, int]:
        """The metrics that matter: 1 the greater the better, -1 the smaller.

        The front of a search is over them.
        """
        ...

    def __call__(self, metrics: Mapping[str, float]) -> tuple[float, ...]:
        """The rewards of a network, each to be maximised; always as many.

        Args:
            metrics: As measured, each in its own unit.
        """
        ...

    def feasible(self, metrics: Mapping[str, float]) -> bool:
        """Whether a network keeps to all bounds; others are never the best, nor on the front."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class Single:
    """One metric is the reward.

    Attributes:
        metric: Its name.
        greater: Whether it is the better the greater it is; else the reward is its negative.
    """

    metric: str
    greater: bool = True

    @property
    def directions(self) -> dict[str, int]:
        """The metric alone."""
        return {self.metric: GREATER if self.greater else SMALLER}

    def __call__(self, metrics: Mapping[str, float]) -> tuple[float]:
        """The metric, or its negative."""
        return _maximised(self.directions, metrics)

    def feasible(self, metrics: Mapping[str, float]) -> bool:
        """Always: there is no bound."""
        del metrics
        return True


@dataclasses.dataclass(frozen=True, slots=True)
class Pareto:
    """No one reward: every metric is one, and the search is after their front.

    For searchers that take several rewards, such as evolution.

    Attributes:
        directions: {metric: 1 or -1}, at least two; 1 the greater the better, -1 the smaller.

    Raises:
        InvalidInput: There are fewer, or a direction is neither.
    """

    directions: Mapping[str, int]

    def __post_init__(self) -> None:
        directions = dict(self.directions)
        if len(directions) < 2 or {*directions.values()} - {GREATER, SMALLER}:
            raise InvalidInput(
                "`directions` must be of two metrics or more, 1 (the greater the better) or -1 "
                f"each: given {directions}; for one metric do take Single"
            )
        object.__setattr__(self, "directions", directions)

    def __call__(self, metrics: Mapping[str, float]) -> tuple[float, ...]:
        """The metrics in the order of `directions`, negative where the smaller is the better."""
        return _maximised(self.directions, metrics)

    def feasible(self, metrics: Mapping[str, float]) -> bool:
        """Always: there is no bound."""
        del metrics
        return True


def _maximised(directions: Mapping[str, int], metrics: Mapping[str, float]) -> tuple[float, ...]:
    return tuple(direction * value(metrics, name) for name, direction in directions.items())


def value(metrics: Mapping[str, float], name: str) -> float:
    """A metric that an objective needs.

    Raises:
        InvalidInput: It was not measured.
    """
    if name not in metrics:
        raise InvalidInput(
            f"the objective needs the metric {name}: the evaluation gives only "
            f"{', '.join(metrics) or 'none'}"
        )
    return float(metrics[name])
