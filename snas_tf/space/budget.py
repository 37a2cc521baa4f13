# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a network may cost at most, and the most probable network that keeps to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import optimize

from snas_tf.errors import InvalidInput
from snas_tf.space.cell_space import KINDS, CellSpace, Edge
from snas_tf.space.costs import child_costs
from snas_tf.space.derivation import derive
from snas_tf.space.genotype import Genotype
from snas_tf.space.latency_table import LatencyTable
from snas_tf.space.skeleton import Skeleton


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
        return self.fixed + sum(table.min(axis=1).sum() for table in self.tables.values())

    def cost(self, genotype: Genotype, cells: CellSpace) -> float:
        """What a genotype costs."""
        total = self.fixed
        for kind, table in self.tables.items():
            rows = dict(zip(cells.edges, table, strict=True))
            for source, node, operation in genotype.connections(kind):
                total += rows[Edge(source, node)][cells.primitives.index(operation)]
        return float(total)


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
        base = latency_table.predict(Genotype((), (), cells.num_nodes), skeleton)
        found.append(Limit("latency", budget.latency, base, by_kind))
    for limit in found:
        if limit.least > limit.most:
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
    limits: a multiple-choice knapsack, solved exactly as an integer program.

    Args:
        probabilities: {kind: (edges, ops)}.
        cells: The cell space.
        bounds: From `limits`, which sees to it that there is a solution.

    Returns:
        The argmax of every edge if that keeps to the limits, else the most probable genotype that
        does.
    """
    mode = derive(probabilities, cells)
    if all(limit.cost(mode, cells) <= limit.most for limit in bounds):
        return mode
    scores = np.concatenate([np.asarray(probabilities[kind], np.float64) for kind in KINDS])
    costs = np.array([np.concatenate([limit.tables[kind] for kind in KINDS]) for limit in bounds])
    above_least = costs - costs.min(axis=2, keepdims=True)
    spare = np.array([limit.most - limit.least for limit in bounds])
    share = above_least / np.maximum(spare, 1e-9)[:, None, None]
    allowed = np.all(above_least <= spare[:, None, None], axis=0)
    most = np.ones(len(bounds))
    while True:
        chosen = _solve(scores, share, allowed, most)
        if chosen is None:
            named = ", ".join(f"{limit.name} {_text(limit.most)}" for limit in bounds)
            raise InvalidInput(
                f"No network of this space keeps to all targets together: {named}; do raise one"
            )
        genotype = derive(dict(zip(KINDS, np.split(chosen, len(KINDS)), strict=True)), cells)
        excess = np.array([limit.cost(genotype, cells) - limit.most for limit in bounds])
        if np.all(excess <= 0):
            return genotype
        # The solver forgives a millionth of what may be spent; what it forgave is taken back.
        most -= np.maximum(excess, 0) / np.maximum(spare, 1e-9)


def _solve(
    scores: np.ndarray, share: np.ndarray, allowed: np.ndarray, most: np.ndarray
) -> np.ndarray | None:
    """One operation an edge, the most probable ones with the sum of each cost's shares <= most.

    Args:
        scores: (edges, ops), probabilities.
        share: (limits, edges, ops), non-negative.
        allowed: bool (edges, ops), what may be chosen at all.
        most: (limits,).

    Returns:
        (edges, ops), one-hot; None where there is no solution.
    """
    one_each = np.kron(np.eye(len(scores)), np.ones(scores.shape[1]))
    # What float32 calls impossible stays possible, at a price.
    log_probabilities = np.log(np.maximum(scores, 1e-30)).ravel()
    solution = optimize.milp(
        -log_probabilities,
        integrality=np.ones(scores.size),
        bounds=optimize.Bounds(0, allowed.ravel()),
        constraints=[
            optimize.LinearConstraint(one_each, 1, 1),
            optimize.LinearConstraint(share.reshape(len(share), -1), -np.inf, most),
        ],
        options={"mip_rel_gap": 0.0},
    )
    return solution.x.reshape(scores.shape) if solution.success else None


def _text(value: float) -> str:
    """A count in full, milliseconds to four figures."""
    return f"{int(value):,}" if value == int(value) else f"{value:.4g}"
