# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a network may cost at most."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space import joint_costs
from snas_tf.space.cost_table import CostTable
from snas_tf.space.decision import Architecture, DecisionSpace
from snas_tf.space.joint_costs import Joint

_ROUNDING = 1e-12  # of sums of milliseconds, relative; too little for one of 10**11 weights


@dataclasses.dataclass(frozen=True, init=False)
class Budget:
    """Upper limits of what a child network costs, by the names of costs; 0 is no limit.

    Args:
        **limits: Such as `parameters` and `multiply_adds`, as `space.cost` counts them for one
            image, or `latency`, milliseconds as a `LatencyTable` predicts them.

    Attributes:
        limits: {name: limit} of those that are set.

    Raises:
        InvalidInput: A limit is negative.
    """

    limits: Mapping[str, float]

    def __init__(self, **limits: float) -> None:
        for name, limit in limits.items():
            if not limit >= 0:
                raise InvalidInput(f"`{name}` of a budget must be 0 or more: given {limit}")
        object.__setattr__(self, "limits", {name: most for name, most in limits.items() if most})

    def __bool__(self) -> bool:
        return bool(self.limits)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return dict(self.limits)


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a budget: fixed + sum over rows of Z . table + joint costs <= most.

    Attributes:
        name: The cost.
        most: The limit.
        fixed: What every child network costs.
        tables: {decision: float64 (places, options)}, what an option in a row adds.
        unit: What it is counted in, such as "ms"; by default its name.
        joint: {decisions: float64 (options, ...)}, what they add together, see `CostTable`.
    """

    name: str
    most: float
    fixed: float
    tables: Mapping[str, np.ndarray]
    unit: str = ""
    joint: Joint = dataclasses.field(default_factory=dict)

    @property
    def least(self) -> float:
        """The cost of the cheapest child network."""
        ties = joint_costs.groups(
            {name: table.shape[1] for name, table in self.tables.items()}, [self.joint]
        )
        tied = {name for names in ties for name in names if len(names) > 1}
        apart = {name: t.min(axis=1) for name, t in self.tables.items() if name not in tied}
        rows = {name: self.tables[name][0] for name in tied}
        together = [
            joint_costs.all_ways(names, rows, self.joint).min()
            for names in ties
            if {*names} <= tied
        ]
        return self._sum(apart) + float(sum(together))

    def cost(self, architecture: Architecture, space: DecisionSpace) -> float:
        """What an architecture of a space costs."""
        rows = space.encode(architecture)
        alone = self._sum({name: (rows[name] * t).sum(axis=1) for name, t in self.tables.items()})
        return alone + joint_costs.of_rows(self.joint, rows)

    def keeps(self, cost: float) -> bool:
        """Whether a cost is within the limit.

        Another order of the same summands is no reason to say no: 1e-12 of the limit is forgiven,
        less than one of whatever is counted.
        """
        return cost <= self.most_accepted

    @property
    def most_accepted(self) -> float:
        """The greatest cost that keeps to the limit."""
        return self.most * (1.0 + _ROUNDING)

    def get_config(self) -> dict[str, Any]:
        """The limit as plain data, to the last bit."""
        joint = [[list(names), costs.tolist()] for names, costs in self.joint.items()]
        tables = {name: table.tolist() for name, table in self.tables.items()}
        return {
            "name": self.name,
            "most": self.most,
            "fixed": self.fixed,
            "tables": tables,
            "unit": self.unit,
            **({"joint": joint} if joint else {}),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Limit:
        """Restores the limit from `get_config`."""
        tables = {name: np.array(rows, np.float64) for name, rows in config["tables"].items()}
        joint = {tuple(names): np.array(costs) for names, costs in config.get("joint", [])}
        return cls(**{**config, "tables": tables, "joint": joint})

    def _sum(self, costs: Mapping[str, np.ndarray]) -> float:
        """Row by row from what is fixed, as `best_choice` adds up."""
        total = float(self.fixed)
        for of_decision in costs.values():
            for cost in of_decision:
                total += float(cost)
        return total


def limits(budget: Budget, costs: CostTable) -> tuple[Limit, ...]:
    """The limits of a budget, each checked to be within reach.

    Args:
        budget: What a child network may cost.
        costs: What the networks of the space cost.

    Returns:
        A `Limit` for every one that is set, in the order of the costs.

    Raises:
        InvalidInput: A limit is below what the cheapest network of the space costs, or of a cost
            that the table has not.
    """
    for name, most in budget.limits.items():
        if name not in costs.names:
            hint = (
                "; do write a latency table with --mode=latency and name it by "
                "--config.search.latency_table"
                if name == "latency"
                else ""
            )
            raise InvalidInput(
                f"a target of the {name}, {in_digits(most)}, needs that cost: given only those of "
                f"{', '.join(costs.names)}{hint}"
            )
    found = tuple(
        Limit(
            name,
            budget.limits[name],
            *costs.of(name),
            costs.units.get(name, ""),
            costs.joint_of(name),
        )
        for name in costs.names
        if name in budget.limits
    )
    for limit in found:
        if not limit.keeps(limit.least):
            raise InvalidInput(
                f"`target_{limit.name}` must be at least {in_digits(limit.least)}, the cost of the "
                f"cheapest network of this space and skeleton: given {in_digits(limit.most)}; do "
                "raise it, or make the network smaller (num_cells, init_channels)"
            )
    return found


def in_digits(value: float) -> str:
    """A count in full, milliseconds to four figures."""
    return f"{int(value):,}" if value == int(value) else f"{value:.4g}"
