# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a network may cost at most, and the most probable network that keeps to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space.cells.cell_space import KINDS, CellSpace
from snas_tf.space.cells.costs import child_costs
from snas_tf.space.cells.genotype import Genotype
from snas_tf.space.cells.latency_table import LatencyTable
from snas_tf.space.cells.skeleton import Skeleton
from snas_tf.space.choices_within import best_choice

_ROUNDING = 1e-12  # of sums of milliseconds, relative; too little for one of 10**11 weights


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Upper limits of what a child network costs for one image; 0 is no limit.

    Attributes:
        parameters: Trainable weights, as `space.cost` counts them.
        multiply_adds: Multiply-adds, as `space.cost` counts them.
        latency: Milliseconds, as a `LatencyTable` predicts them.

    Raises:
        InvalidInput: A limit is negative.
    """

    parameters: int = 0
    multiply_adds: int = 0
    latency: float = 0.0

    def __post_init__(self) -> None:
        for name, limit in dataclasses.asdict(self).items():
            if not limit >= 0:
                raise InvalidInput(f"`{name}` of a budget must be 0 or more: given {limit}")

    def __bool__(self) -> bool:
        return any(dataclasses.astuple(self))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a budget on a skeleton: fixed + sum over edges of Z . table <= most.

    Attributes:
        name: The attribute of `Budget`.
        most: The limit.
        fixed: What every child network of the skeleton costs.
        tables: {kind: float64 (edges, ops)}, what an operation on an edge adds.
    """

    name: str
    most: float
    fixed: float
    tables: Mapping[str, np.ndarray]

    @property
    def least(self) -> float:
        """The cost of the cheapest child network."""
        return self._sum(table.min(axis=1) for table in self.ordered)

    def cost(self, genotype: Genotype, cells: CellSpace) -> float:
        """What a genotype costs."""
        found = []
        for kind, table in zip(KINDS, self.ordered, strict=True):
            chosen = {
                (edge.source, edge.node): edge.operation for edge in genotype.connections(kind)
            }
            found.append(
                [
                    row[cells.primitives.index(chosen[edge])] if edge in chosen else 0.0
                    for edge, row in zip(cells.edges, table, strict=True)
                ]
            )
        return self._sum(found)

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

    @property
    def ordered(self) -> tuple[np.ndarray, ...]:
        """The tables, in the order of `KINDS`."""
        return tuple(self.tables[kind] for kind in KINDS)

    def get_config(self) -> dict[str, Any]:
        """The limit as plain data, to the last bit."""
        tables = {kind: table.tolist() for kind, table in self.tables.items()}
        return {"name": self.name, "most": self.most, "fixed": self.fixed, "tables": tables}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Limit:
        """Restores the limit from `get_config`."""
        tables = {kind: np.array(rows, np.float64) for kind, rows in config["tables"].items()}
        return cls(**{**config, "tables": tables})

    def _sum(self, costs_of_kinds: Iterable[Iterable[float]]) -> float:
        """Edge by edge from what is fixed, as `best_choice` adds up."""
        total = float(self.fixed)
        for costs in costs_of_kinds:
            for cost in costs:
                total += float(cost)
        return total


def limits(
    budget: Budget,
    cells: CellSpace,
    skeleton: Skeleton,
    latency_table: LatencyTable | None = None,
) -> tuple[Limit, ...]:
    """The limits of a budget, each checked to be within reach.

    Args:
        budget: What a child network may cost.
        cells: The cell space.
        skeleton: The plan of the network.
        latency_table: Needed for a limit of the latency.

    Returns:
        A `Limit` for every one that is set.

    Raises:
        InvalidInput: A limit is below what the cheapest network of the space costs, or there is no
            latency table for one.
    """
    found = []
    fixed, tables = child_costs(cells, skeleton)
    for column, name in enumerate(("parameters", "multiply_adds")):
        if most := getattr(budget, name):
            by_kind = {kind: table[..., column] for kind, table in tables.items()}
            found.append(Limit(name, most, getattr(fixed, name), by_kind))
    if budget.latency:
        if latency_table is None:
            raise InvalidInput(
                f"A target of {budget.latency:g} ms needs a latency table: given none; do write "
                "one with --mode=latency and name it by --config.search.latency_table"
            )
        by_kind = latency_table.edge_latencies(cells, skeleton)
        base = latency_table.predict(cells.empty, skeleton)
        found.append(Limit("latency", budget.latency, base, by_kind))
    for limit in found:
        if not limit.keeps(limit.least):
            raise InvalidInput(
                f"`target_{limit.name}` must be at least {_text(limit.least)}, the cost of the "
                f"cheapest network of this space and skeleton: given {_text(limit.most)}; do raise "
                "it, or lower num_cells or init_channels"
            )
    return tuple(found)


def derive_within(
    probabilities: Mapping[str, np.ndarray], cells: CellSpace, bounds: tuple[Limit, ...]
) -> Genotype:
    """The most probable genotype that keeps to all limits.

    The decisions are independent, so it maximises the sum over edges of Z . log p subject to linear
    limits: a multiple-choice knapsack, solved by `choices_within.best_choice` in some milliseconds.

    Args:
        probabilities: {kind: (edges, ops)}.
        cells: The cell space.
        bounds: From `limits`.

    Returns:
        The argmax of every edge if that keeps to the limits, else the most probable genotype that
        does.

    Raises:
        InvalidInput: No network keeps to all limits together.
    """
    mode = cells.decode(probabilities)
    if all(limit.keeps(limit.cost(mode, cells)) for limit in bounds):
        return mode
    scores = np.concatenate([np.asarray(probabilities[kind], np.float64) for kind in KINDS])
    chosen = best_choice(
        # What float32 calls impossible stays possible, at a price.
        np.log(np.maximum(scores, 1e-30)),
        np.stack([np.concatenate(limit.ordered) for limit in bounds], axis=-1),
        np.array([limit.fixed for limit in bounds], np.float64),
        np.array([limit.most_accepted for limit in bounds]),
    )
    if chosen is None:
        named = ", ".join(f"{limit.name} {_text(limit.most)}" for limit in bounds)
        raise InvalidInput(
            f"No network of this space keeps to all targets together: {named}; do raise one"
        )
    one_hot = np.eye(cells.num_operations)[chosen]
    return cells.decode(dict(zip(KINDS, np.split(one_hot, len(KINDS)), strict=True)))


def _text(value: float) -> str:
    """A count in full, milliseconds to four figures."""
    return f"{int(value):,}" if value == int(value) else f"{value:.4g}"
