# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One reward made of several metrics.

The ways are those of MONAS (arXiv 1806.10332), a weighted sum and a constraint, and of MnasNet
(arXiv 1807.11626), a product.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

from snas_tf.black_box.objectives.objective import GREATER, SMALLER, Objective, Single, value
from snas_tf.errors import InvalidInput


@dataclasses.dataclass(frozen=True, slots=True)
class WeightedSum:
    """MONAS's mixed reward: a weighted sum of metrics, each brought to the unit of its range.

        R = sum over metrics m of  weight_m (m - low_m) / (high_m - low_m)

    With weights a of the accuracy and a - 1 of the energy it is a Acc - (1 - a) Energy. Another
    unit of a metric changes nothing if its range is given in it too.

    Attributes:
        weights: {metric: weight}, negative where the smaller is the better; one of 0 leaves its
            metric out, and at least one must be another.
        ranges: {metric: (low, high)}, what counts as 0 and as 1; (0, 1) for a metric that is not
            named, such as an accuracy. Values beyond are not clipped: the sum stays monotone.

    Raises:
        InvalidInput: No weight is a number other than 0, a range is empty or of no such metric.
    """

    weights: Mapping[str, float]
    ranges: Mapping[str, tuple[float, float]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        weights = dict(self.weights)
        if not any(weights.values()) or not all(map(math.isfinite, weights.values())):
            raise InvalidInput(
                "`weights` must be {metric: number}, negative where the smaller is the better, one "
                f"at least other than 0: given {weights}"
            )
        ranges = {name: (float(low), float(high)) for name, (low, high) in self.ranges.items()}
        for name, (low, high) in ranges.items():
            if name not in weights:
                raise InvalidInput(
                    f"`ranges` must be of metrics with a weight, {', '.join(weights)}: given {name}"
                )
            if not (math.isfinite(low) and math.isfinite(high) and low < high):
                raise InvalidInput(
                    f"`ranges` must be {{metric: (low, high)}} with low < high: given "
                    f"({low:g}, {high:g}) for {name}"
                )
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "ranges", ranges)

    @property
    def directions(self) -> dict[str, int]:
        """The sign of every weight."""
        signs = {name: GREATER if each > 0 else SMALLER for name, each in self.weights.items()}
        return {name: sign for name, sign in signs.items() if self.weights[name]}

    def __call__(self, metrics: Mapping[str, float]) -> tuple[float]:
        """The weighted sum."""
        total = 0.0
        for name in self.directions:
            weight, (low, high) = self.weights[name], self.ranges.get(name, (0.0, 1.0))
            total += weight * (value(metrics, name) - low) / (high - low)
        return (total,)

    def feasible(self, metrics: Mapping[str, float]) -> bool:
        """Always: there is no bound."""
        del metrics
        return True


@dataclasses.dataclass(frozen=True, slots=True)
class Constrained:
    """MONAS's constraint: the reward of another objective within bounds, `otherwise` beyond.

    Its three cases, power at most so much, accuracy at least so much, and multiply-adds at most so
    many, are

        Constrained("accuracy", {"power": (-math.inf, 70)})
        Constrained(WeightedSum({"energy": -1}, {"energy": (0, 9)}), {"accuracy": (0.85, math.inf)},
                    otherwise=-1.0)
        Constrained("accuracy", {"multiply_adds": (-math.inf, 40e6)})

    Attributes:
        objective: What counts within the bounds; a text is a metric, the greater the better.
        bounds: {metric: (least, most)}, at least one, both still within; infinite where open.
        otherwise: Every reward beyond the bounds. No network within them may have less, or the
            search would be led away from them; minus infinity for objectives without a least.

    Raises:
        InvalidInput: There is no bound, or one that nothing keeps to.
    """

    objective: Objective | str
    bounds: Mapping[str, tuple[float, float]]
    otherwise: float = 0.0

    def __post_init__(self) -> None:
        if isinstance(self.objective, str):
            object.__setattr__(self, "objective", Single(self.objective))
        bounds = {name: (float(least), float(most)) for name, (least, most) in self.bounds.items()}
        if not bounds or not all(least <= most for least, most in bounds.values()):
            raise InvalidInput(
                "`bounds` must be {metric: (least, most)} with least <= most, infinite where open: "
                f"given {bounds}"
            )
        if math.isnan(self.otherwise):
            raise InvalidInput(
                "`otherwise` must be a number, the reward beyond the bounds: it is NaN"
            )
        object.__setattr__(self, "bounds", bounds)

    @property
    def directions(self) -> dict[str, int]:
        """Those of the objective; and away from the bound of every metric bounded on one side."""
        bounded = {
            name: SMALLER if math.isinf(least) else GREATER
            for name, (least, most) in self.bounds.items()
            if math.isinf(least) != math.isinf(most)
        }
        return {**bounded, **self.objective.directions}

    def __call__(self, metrics: Mapping[str, float]) -> tuple[float, ...]:
        """The rewards of the objective within the bounds, else `otherwise` as often.

        Args:
            metrics: As measured.

        Raises:
            InvalidInput: A metric is missing, or what is within the bounds has less than
                `otherwise`.
        """
        rewards = self.objective(metrics)
        if not self.feasible(metrics):
            return (float(self.otherwise),) * len(rewards)
        if min(rewards) < self.otherwise:
            raise InvalidInput(
                f"`otherwise`, the reward beyond the bounds, must be at most that of any network "
                f"within them: given {self.otherwise:g}, and a network within has "
                f"{min(rewards):g}; do lower it"
            )
        return rewards

    def feasible(self, metrics: Mapping[str, float]) -> bool:
        """Whether every bounded metric lies within, and the objective has no objection."""
        return self.objective.feasible(metrics) and all(
            least <= value(metrics, name) <= most for name, (least, most) in self.bounds.items()
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Product:
    """MnasNet's product, a soft limit: R = m (T / target)^w (arXiv 1807.11626, equation 2).

    Attributes:
        metric: m, the greater the better, never negative, such as the accuracy.
        cost: T, the smaller the better, positive, such as latency_ms.
        target: The cost that changes nothing.
        exponent: w, negative; or two, (below, above) the target. -0.07, the paper's: twice the
            cost must give 5 % more accuracy. (0, -1), its hard variant: cheaper than the target is
            no merit, dearer a heavy fault.

    Raises:
        InvalidInput: The target is not positive, or an exponent is positive or no number.
    """

    metric: str
    cost: str
    target: float
    exponent: float | tuple[float, float] = -0.07

    def __post_init__(self) -> None:
        if not (math.isfinite(self.target) and self.target > 0):
            raise InvalidInput(f"`target` must be a positive number: given {self.target!r}")
        if not all(math.isfinite(each) and each <= 0 for each in self._exponents):
            raise InvalidInput(
                "`exponent` must be at most 0, or two such for below and above the target: given "
                f"{self.exponent!r}"
            )

    @property
    def directions(self) -> dict[str, int]:
        """The metric upwards, the cost downwards."""
        return {self.metric: GREATER, self.cost: SMALLER}

    def __call__(self, metrics: Mapping[str, float]) -> tuple[float]:
        """The product."""
        ratio = value(metrics, self.cost) / self.target
        if ratio <= 0:
            raise InvalidInput(
                f"the cost {self.cost} must be positive: given {ratio * self.target:g}"
            )
        return (value(metrics, self.metric) * ratio ** self._exponents[ratio > 1],)

    def feasible(self, metrics: Mapping[str, float]) -> bool:
        """Always: the limit is soft."""
        del metrics
        return True

    @property
    def _exponents(self) -> tuple[float, float]:
        """Below and above the target."""
        both = self.exponent
        return tuple(both) if isinstance(both, tuple | list) else (both, both)
