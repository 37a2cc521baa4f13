# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What the networks of a space cost: one table for penalties, budgets, latency and reports."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from snas_tf.errors import InvalidInput
from snas_tf.space import joint_costs
from snas_tf.space.decision import DecisionSpace

Uses = tuple[np.ndarray, np.ndarray]


@dataclasses.dataclass(frozen=True, eq=False)
class CostTable:
    """Costs by name, each linear in the decisions: cost(Z) = fixed + sum over rows of Z . table.

    To that come, where several decisions meet, costs of all ways to take these (`joint`).

    A space may have any costs. "latency" is in milliseconds wherever it stands.

    Attributes:
        names: The costs.
        fixed: float64 (costs,), what every network of the space costs.
        tables: {decision: float64 (places, options, costs)}, what an option in a row adds to the
            cost of the whole network.
        uses: {decision: (float64 (uses, places, options, costs), float64 (uses,))}, for a network
            that takes a decision in several parts: what an option adds to the cost of each part,
            as the penalty of a search counts it, and how many parts cost so. A decision that is
            missing here has no part in the network. By default each is used once, for its table.
        units: {cost: its unit}, of the costs that are told to people; by default all are, and each
            is its own unit.
        joint: {(decision, ...): float64 (options, ..., costs)}, what each way to take some
            decisions of one place adds beside `tables`. A penalty does not look at it: `uses` then
            says all that counts there.

    Raises:
        InvalidInput: The shapes do not fit together, a name stands twice, or `joint` ties more
            than `joint_costs.MOST_WAYS` ways to each other.
    """

    names: tuple[str, ...]
    fixed: np.ndarray
    tables: Mapping[str, np.ndarray]
    uses: Mapping[str, Uses] | None = None
    units: Mapping[str, str] | None = None
    joint: Mapping[tuple[str, ...], np.ndarray] = dataclasses.field(default_factory=dict)

    if TYPE_CHECKING:  # what may be given, which is more than what is kept

        def __init__(
            self,
            names: Iterable[str],
            fixed: ArrayLike,
            tables: Mapping[str, ArrayLike],
            uses: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
            units: Mapping[str, str] | None = None,
        ) -> None: ...

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "names", tuple(self.names))
        put(self, "fixed", np.asarray(self.fixed, np.float64))
        put(self, "tables", {k: np.asarray(t, np.float64) for k, t in self.tables.items()})
        uses = self.uses
        if uses is None:
            uses = {name: (table[None], np.ones(1)) for name, table in self.tables.items()}
        arrays = {k: tuple(np.asarray(part, np.float64) for part in of) for k, of in uses.items()}
        put(self, "uses", arrays)
        put(
            self, "units", {name: name for name in self.names} if self.units is None else self.units
        )
        joint = {tuple(names): np.asarray(of, np.float64) for names, of in self.joint.items()}
        put(self, "joint", joint)
        self._check()
        self._check_joint()

    def _check(self) -> None:
        count = len(self.names)
        if not count or len({*self.names}) < count or not {*self.units} <= {*self.names}:
            raise InvalidInput(f"`names` of costs must be different names: given {self.names}")
        wrong = [
            name
            for name, table in self.tables.items()
            if table.ndim != 3 or table.shape[2] != count
        ]
        for name, (tables, counts) in self.uses.items():
            if name not in self.tables or tables.shape != (len(counts), *self.tables[name].shape):
                wrong.append(name)
        if wrong or self.fixed.shape != (count,):
            raise InvalidInput(
                f"the {count} costs {', '.join(self.names)} must have {count} fixed values and "
                "tables (places, options, costs): given others"
                + (f" of {', '.join(map(str, wrong))}" if wrong else "")
            )

    def _check_joint(self) -> None:
        sizes = {name: table.shape[1] for name, table in self.tables.items() if len(table) == 1}
        for names, costs in self.joint.items():
            shape = (*(sizes.get(name) for name in names), len(self.names))
            if len({*names}) < 2 or costs.shape != shape:
                raise InvalidInput(
                    "`joint` costs must be (options, ..., costs) of two or more decisions of one "
                    f"place: given {costs.shape} of {', '.join(map(str, names))}"
                )
        if joint_costs.groups(sizes, [self.joint]) is None:
            raise InvalidInput(
                "`joint` costs must tie decisions to each other of which there are at most "
                f"{joint_costs.MOST_WAYS:,} ways: given more"
            )

    def check(self, space: DecisionSpace) -> None:
        """Checks that the table is of a space.

        Args:
            space: The space.

        Raises:
            InvalidInput: It has other decisions, or another number of places or options.
        """
        wanted = {decision.name: decision.shape for decision in space.decisions}
        given = {name: table.shape[:2] for name, table in self.tables.items()}
        if wanted != given:
            raise InvalidInput(
                f"a table of costs must be (places, options) of the space, {wanted}: given {given}"
            )

    def of(self, name: str) -> tuple[float, dict[str, np.ndarray]]:
        """One cost: what is fixed, and {decision: float64 (places, options)}."""
        column = self.names.index(name)
        tables = {decision: table[..., column] for decision, table in self.tables.items()}
        return float(self.fixed[column]), tables

    def joint_of(self, name: str) -> dict[tuple[str, ...], np.ndarray]:
        """One cost of several decisions together: {decisions: float64 (options, ...)}."""
        column = self.names.index(name)
        return {names: costs[..., column] for names, costs in self.joint.items()}

    def cost(self, rows: Mapping[str, np.ndarray]) -> dict[str, float]:
        """What networks cost.

        Args:
            rows: {decision: (places, options)}, one-hot rows of one network, or probabilities for
                the mean of all.

        Returns:
            {cost: the number}.
        """
        return {
            name: fixed
            + sum(float((rows[decision] * table).sum()) for decision, table in tables.items())
            + joint_costs.of_rows(self.joint_of(name), rows)
            for name in self.names
            for fixed, tables in [self.of(name)]
        }

    def get_config(self) -> dict[str, Any]:
        """The table as plain data, to the last bit."""
        joint = [[list(names), costs.tolist()] for names, costs in self.joint.items()]
        return {
            "names": list(self.names),
            "fixed": self.fixed.tolist(),
            "tables": {name: table.tolist() for name, table in self.tables.items()},
            "uses": {name: [part.tolist() for part in of] for name, of in self.uses.items()},
            "units": dict(self.units),
            **({"joint": joint} if joint else {}),
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> CostTable:
        """Restores the table from `get_config`."""
        joint = {tuple(names): np.array(costs) for names, costs in config.get("joint", [])}
        return cls(**{**config, "joint": joint})
