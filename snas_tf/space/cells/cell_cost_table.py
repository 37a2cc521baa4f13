# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The costs of the networks of cells as one table."""

from __future__ import annotations

import dataclasses

import numpy as np

from snas_tf.space.cells.cell_space import CellSpace
from snas_tf.space.cells.costs import cell_costs, child_costs
from snas_tf.space.cells.latency_table import LatencyTable
from snas_tf.space.cells.skeleton import Skeleton
from snas_tf.space.cost_table import CostTable, Uses

_NAMES = ("parameters", "multiply_adds", "memory_access")
_UNITS = {"parameters": "parameters", "multiply_adds": "multiply-adds", "latency": "ms"}


def cell_cost_table(
    cells: CellSpace, skeleton: Skeleton, latency_table: LatencyTable | None = None
) -> CostTable:
    """What the networks of a skeleton cost.

    Whole networks are counted as `cost` counts them. A penalty counts each cell by `cell_costs`,
    the formulas of the paper's authors.

    Args:
        cells: The cell space.
        skeleton: The plan of the network.
        latency_table: What `--mode=latency` measured, or None.

    Returns:
        The costs parameters, multiply_adds and memory_access, and with a latency table latency.

    Raises:
        InvalidInput: The latency table was measured for another skeleton.
    """
    shared, tables = child_costs(cells, skeleton)
    fixed, names = dataclasses.astuple(shared), _NAMES
    if latency_table is not None:
        latencies = latency_table.edge_latencies(cells, skeleton)
        tables = {k: _with(table, latencies[k]) for k, table in tables.items()}
        fixed = (*fixed, latency_table.predict(cells.empty, skeleton))
        names = (*names, "latency")
    units = {name: _UNITS[name] for name in names if name in _UNITS}
    return CostTable(names, fixed, tables, _uses(cells, skeleton, latency_table), units)


def _uses(
    cells: CellSpace, skeleton: Skeleton, latency_table: LatencyTable | None
) -> dict[str, Uses]:
    """What the cells of each kind cost, those that cost the same taken together."""
    found: dict[str, dict[bytes, list]] = {kind: {} for kind in cells.kinds}
    for plan in skeleton.plan(cells.num_nodes):
        table = cell_costs(cells, plan)
        if latency_table is not None:
            table = _with(table, latency_table.cell_latencies(cells, plan))
        found[plan.kind].setdefault(table.tobytes(), [table, 0])[1] += 1
    return {
        kind: tuple(np.array(part) for part in zip(*alike.values(), strict=True))
        for kind, alike in found.items()
        if alike
    }


def _with(table: np.ndarray, column: np.ndarray) -> np.ndarray:
    return np.concatenate([table, column[..., None]], axis=-1)
