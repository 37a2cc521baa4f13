# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Architectures that probabilities speak for, within limits of what a network may cost.

The decisions are independent, so the probability of an architecture is a product over rows, and the
most probable one within linear limits a multiple-choice knapsack, which `choices_within` solves.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space.budget import Limit, in_digits
from snas_tf.space.choices_within import best_choice
from snas_tf.space.decision import Architecture, DecisionSpace
from snas_tf.space.tied_rows import tied_rows

_TRIES = 50  # draws for each architecture that is wanted

Rows = Mapping[str, np.ndarray]
"""{decision: (places, options)}."""


def derive(
    probabilities: Rows,
    space: DecisionSpace,
    rule: str = "argmax",
    bounds: tuple[Limit, ...] = (),
) -> Architecture:
    """The architecture that is read off probabilities.

    Args:
        probabilities: {decision: (places, options)}, or without limits whatever has their order.
        space: The space.
        rule: See `DecisionSpace.decode`.
        bounds: From `limits`; they need "argmax".

    Returns:
        What the rule reads; within limits the argmax of every row if that keeps to them, else the
        most probable architecture that does.

    Raises:
        InvalidInput: The rule is unknown, or another than "argmax" with limits; or no network keeps
            to all limits together.
    """
    if bounds and rule != "argmax":
        raise InvalidInput(f"A budget needs the rule 'argmax': given {rule!r}")
    read = space.decode(probabilities, rule)
    if _keeps(read, space, bounds):
        return read
    table = _Table(probabilities, space, bounds)
    return table.architecture(table.first())


def most_probable(
    probabilities: Rows, space: DecisionSpace, count: int, bounds: tuple[Limit, ...] = ()
) -> tuple[Architecture, ...]:
    """The most probable architectures, the first of them that of `derive`.

    All others are those that differ from the best one in a first row, and from there on are free:
    each such part has a best one of its own, the next of all is the best of these, and its part is
    divided in turn (Lawler, Management Science 18, 1972).

    Args:
        probabilities: {decision: (places, options)}.
        space: The space.
        count: How many, at least 1.
        bounds: Limits that all of them keep to.

    Returns:
        So many, or all that there are, the most probable first.

    Raises:
        InvalidInput: No network keeps to all limits together.
    """
    table = _Table(probabilities, space, bounds)
    numbers = itertools.count()
    chosen = table.first()
    parts = [(-table.score(chosen), next(numbers), chosen, table.available, 0)]
    found: dict[Architecture, None] = {}
    while parts and len(found) < count:
        _, _, chosen, open_options, first = heapq.heappop(parts)
        found[table.architecture(chosen)] = None
        for row in range(first, len(chosen)):
            narrowed = open_options.copy()
            narrowed[:row] = np.arange(narrowed.shape[1]) == chosen[:row, None]
            narrowed[row, chosen[row]] = False
            best = table.best(narrowed)
            if best is not None:
                heapq.heappush(parts, (-table.score(best), next(numbers), best, narrowed, row))
    return tuple(found)


def drawn(
    probabilities: Rows,
    space: DecisionSpace,
    count: int,
    bounds: tuple[Limit, ...] = (),
    *,
    rng: np.random.Generator,
) -> tuple[Architecture, ...]:
    """Different architectures drawn from probabilities, after that of `derive`.

    Args:
        probabilities: {decision: (places, options)}, rows that add up to 1.
        space: The space.
        count: How many, at least 1.
        bounds: Limits that all of them keep to; what does not is drawn again.
        rng: Where the chance comes from.

    Returns:
        So many; fewer where 50 draws for each do not give them, as at the end of a search that is
        sure.

    Raises:
        InvalidInput: No network keeps to all limits together.
    """
    found: dict[Architecture, None] = {derive(probabilities, space, bounds=bounds): None}
    for _ in range(_TRIES * count):
        if len(found) >= count:
            break
        rows = {d.name: _draw(probabilities[d.name], rng) for d in space.decisions}
        architecture = space.decode(rows)
        if _keeps(architecture, space, bounds):
            found[architecture] = None
    return tuple(found)


def within_reach(
    space: DecisionSpace,
    bounds: tuple[Limit, ...],
    open_options: Rows,
    decision: str,
    place: int,
) -> np.ndarray:
    """The options of a row with which some network still keeps to all limits.

    Args:
        space: The space.
        bounds: The limits.
        open_options: {decision: bool (places, options)}, what may be chosen, at least one a row.
        decision: The decision.
        place: The row in it.

    Returns:
        bool (options,), those of the row's open ones.
    """
    mine = np.asarray(open_options[decision][place], bool)
    if not bounds:
        return mine
    uniform = {d.name: np.full(d.shape, 1 / len(d.options)) for d in space.decisions}
    table = _Table(uniform, space, bounds)
    available = table.open(open_options)
    row = table.row(decision, place)
    ways = available[row].copy()
    reached = np.zeros_like(mine)
    for option in np.flatnonzero(mine):
        only = {**open_options, decision: np.array(open_options[decision], bool)}
        only[decision][place] = np.arange(len(mine)) == option
        available[row] = ways & table.open(only)[row]
        reached[option] = table.best(available) is not None
    return reached


def _keeps(architecture: Architecture, space: DecisionSpace, bounds: tuple[Limit, ...]) -> bool:
    return all(limit.keeps(limit.cost(architecture, space)) for limit in bounds)


def _draw(probabilities: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A one-hot row for each row of probabilities."""
    sums = np.cumsum(np.asarray(probabilities, np.float64), axis=1)
    chosen = (rng.random((len(sums), 1)) * sums[:, -1:] >= sums).sum(axis=1)
    return np.eye(sums.shape[1])[np.minimum(chosen, sums.shape[1] - 1)]


class _Table:
    """All rows of a space one below the other, each with all ways to choose in it.

    Rows whose costs depend on each other are one; see `tied_rows`.
    """

    def __init__(
        self, probabilities: Rows, space: DecisionSpace, bounds: tuple[Limit, ...]
    ) -> None:
        self.space = space
        self.bounds = bounds
        limits = [(limit.tables, limit.joint) for limit in bounds]
        self._rows = tied_rows(probabilities, space, limits)
        self.available = _stacked([np.ones(len(row.ways), bool) for row in self._rows])
        self._scores = _stacked([row.scores for row in self._rows])
        self._costs = _stacked([row.costs for row in self._rows])

    def open(self, options: Rows) -> np.ndarray:
        """bool (all rows, ways), the ways of options that are open: bool (places, options) each."""
        return _stacked([row.open(options) for row in self._rows])

    def row(self, decision: str, place: int) -> int:
        """Where a place of a decision stands."""
        places = [(decision, place) in row.places for row in self._rows]
        return places.index(True)

    def first(self) -> np.ndarray:
        """The best choice of all, int (rows,).

        Raises:
            InvalidInput: No network keeps to all limits together.
        """
        chosen = self.best(self.available)
        if chosen is None:
            named = ", ".join(f"{limit.name} {in_digits(limit.most)}" for limit in self.bounds)
            raise InvalidInput(
                f"No network of this space keeps to all targets together: {named}; do raise one"
            )
        return chosen

    def best(self, available: np.ndarray) -> np.ndarray | None:
        """The best choice among some options, int (rows,); None where there is none."""
        if not available.any(axis=1).all():
            return None
        if not self.bounds:
            return np.where(available, self._scores, -np.inf).argmax(axis=1)
        return best_choice(
            self._scores,
            self._costs,
            np.array([limit.fixed for limit in self.bounds], np.float64),
            np.array([limit.most_accepted for limit in self.bounds]),
            available=available,
        )

    def score(self, chosen: np.ndarray) -> float:
        """The sum of its logarithms."""
        return float(np.take_along_axis(self._scores, chosen[:, None], axis=1).sum())

    def architecture(self, chosen: np.ndarray) -> Architecture:
        """The architecture of a choice."""
        pairs = zip(self._rows, chosen, strict=True)
        taken = {place: option for row, way in pairs for place, option in row.taken(way)}
        return self.space.decode(
            {
                d.name: np.eye(len(d.options))[[taken[d.name, k] for k in range(len(d.places))]]
                for d in self.space.decisions
            }
        )


def _stacked(rows: list[np.ndarray]) -> np.ndarray:
    """Rows one below the other, as wide as the widest, filled up with zeros."""
    width = max(map(len, rows))
    return np.stack(
        [np.pad(row, [(0, width - len(row)), *[(0, 0)] * (row.ndim - 1)]) for row in rows]
    )
