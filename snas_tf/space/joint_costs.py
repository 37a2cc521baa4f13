# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Costs in which several decisions have a say at once, such as a weight between two open widths.

A sum over decisions cannot hold them; a table for every set of decisions that meet can. Decisions
that such tables tie to each other are looked at together, all ways to take them, so there may be
only so many.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

Names = tuple[str, ...]
Joint = Mapping[Names, np.ndarray]
"""{decisions of one place each: float64 (options of the first, of the second, ...)}."""

MOST_WAYS = 4096
"""Of how many ways decisions may be taken that costs tie to each other."""


class Ties:
    """Which decisions are tied to each other.

    Args:
        options: {decision: number of its options}.
    """

    def __init__(self, options: Mapping[str, int]) -> None:
        self._options = options
        self._group: dict[str, Names] = {name: (name,) for name in options}

    def tie(self, names: Iterable[str]) -> bool:
        """Ties decisions, unless there were more than `MOST_WAYS` then.

        Returns:
            Whether they are tied to each other now.
        """
        wanted = {name for each in names for name in self._group[each]}
        ordered = tuple(name for name in self._options if name in wanted)
        if math.prod(self._options[name] for name in ordered) > MOST_WAYS:
            return False
        self._group.update(dict.fromkeys(ordered, ordered))
        return True

    @property
    def groups(self) -> tuple[Names, ...]:
        """All decisions, those that are tied together; in the order of the first of each."""
        return tuple(dict.fromkeys(self._group.values()))


def groups(options: Mapping[str, int], joints: Iterable[Joint]) -> tuple[Names, ...] | None:
    """Which decisions costs tie to each other.

    Args:
        options: {decision: number of its options}, all decisions in their order.
        joints: The joint costs.

    Returns:
        As `Ties.groups`; None if there are more than `MOST_WAYS` of some.
    """
    ties = Ties(options)
    if not all(ties.tie(names) for joint in joints for names in joint):
        return None
    return ties.groups


def all_ways(
    names: Names, tables: Mapping[str, np.ndarray], joint: Joint | None = None
) -> np.ndarray:
    """What every way to take some decisions costs.

    Args:
        names: The decisions.
        tables: {decision: float64 (options,)}, what its options add by themselves.
        joint: What they add together; what is not of these decisions alone is left out.

    Returns:
        float64 (options of the first, of the second, ...).
    """
    total = np.zeros(())
    for place, name in enumerate(names):
        total = total + _along(tables[name], (place,), len(names))
    for tied, costs in (joint or {}).items():
        if {*tied} <= {*names}:
            total = total + _along(costs, [names.index(name) for name in tied], len(names))
    return total


def of_rows(joint: Joint, rows: Mapping[str, np.ndarray]) -> float:
    """What rows (1, options) cost together: one-hot rows a network's, probabilities a mean."""
    total = 0.0
    for names, costs in joint.items():
        for name in names:
            costs = np.tensordot(np.asarray(rows[name][0], np.float64), costs, 1)
        total += float(costs)
    return total


def _along(costs: np.ndarray, axes: Sequence[int], count: int) -> np.ndarray:
    """An array whose axes become these of `count`, in whatever order they are."""
    ordered = np.transpose(costs, np.argsort(axes))
    shape = np.ones(count, int)
    shape[np.sort(axes)] = ordered.shape
    return ordered.reshape(shape)
