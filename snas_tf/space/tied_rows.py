# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What is chosen at once: a row of a decision, or rows whose costs depend on each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from snas_tf.space.decision import DecisionSpace
from snas_tf.space.joint_costs import Joint, all_ways, groups

Place = tuple[str, int]
"""A decision, and the position of a place of it."""

Tables = Mapping[str, np.ndarray]
"""{decision: (places, options)}."""


@dataclasses.dataclass(frozen=True, slots=True)
class TiedRow:
    """Places that are chosen at once, and all ways to do so.

    Attributes:
        places: Those that are chosen.
        ways: int (ways, places), the option of each.
        scores: float64 (ways,), the sum of log p.
        costs: float64 (ways, limits).
    """

    places: tuple[Place, ...]
    ways: np.ndarray
    scores: np.ndarray
    costs: np.ndarray

    def taken(self, way: int) -> Iterator[tuple[Place, int]]:
        """Each place, and its option."""
        yield from zip(self.places, self.ways[way], strict=True)

    def open(self, options: Tables) -> np.ndarray:
        """bool (ways,), those that take nothing but options that are open."""
        found = np.ones(len(self.ways), bool)
        for (name, place), taken in zip(self.places, self.ways.T, strict=True):
            found &= np.asarray(options[name][place], bool)[taken]
        return found


def tied_rows(
    probabilities: Tables, space: DecisionSpace, limits: Sequence[tuple[Tables, Joint]]
) -> list[TiedRow]:
    """What may be chosen, so that costs are sums over what is returned.

    Args:
        probabilities: Of the options.
        space: The space.
        limits: Of each limit, what options cost by themselves, and what decisions cost together.

    Returns:
        The rows, in the order of the space; those that are tied where the first of them stands.
    """
    found = []
    number = {decision.name: len(decision.places) for decision in space.decisions}
    options = {decision.name: len(decision.options) for decision in space.decisions}
    for names in groups(options, [joint for _, joint in limits]) or ():
        for place in range(number[names[0]]):  # decisions that are tied have but one
            found.append(_row([(name, place) for name in names], probabilities, limits))
    return found


def _row(
    places: Sequence[Place], probabilities: Tables, limits: Sequence[tuple[Tables, Joint]]
) -> TiedRow:
    names = tuple(name for name, _ in places)

    def of(tables: Tables) -> dict[str, np.ndarray]:
        return {name: np.asarray(tables[name][place], np.float64) for name, place in places}

    # What float32 calls impossible stays possible, at a price.
    logs = {name: np.log(np.maximum(p, 1e-30)) for name, p in of(probabilities).items()}
    scores = all_ways(names, logs)
    ways = np.stack(np.unravel_index(np.arange(scores.size), scores.shape), axis=1)
    costs = np.zeros((scores.size, len(limits)))
    for column, (tables, joint) in enumerate(limits):
        costs[:, column] = all_ways(names, of(tables), joint).ravel()
    return TiedRow(tuple(places), ways, scores.ravel(), costs)
