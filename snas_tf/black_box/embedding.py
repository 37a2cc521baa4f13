# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Architectures as points, so that a Gaussian kernel of their distances is a kernel.

exp(-d^2) of a metric d alone need not be positive semi-definite; of Euclidean distances it is.
Where a space has a metric of its own, `space.distance(one, other)`, an architecture is the point of
its distances to some anchors (Frechet's map, of which Bourgain's is the one with sets of anchors):

    e(x) = (d(x, a_1), ..., d(x, a_m)) / sqrt(m),    |e(x) - e(y)| <= d(x, y)

by the triangle inequality in every coordinate. Where it has decisions, the one-hot rows are points
already, whose squared distance is twice the number of places that differ (Hamming's distance).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space import Architecture, DecisionSpace, Space

_ANCHORS = 16  # each costs a distance to every candidate


class Embedding(Protocol):
    """Maps architectures of a space to points, always in the same way."""

    def __call__(self, architectures: Sequence[Architecture]) -> np.ndarray:
        """Float64 (architectures, dimensions)."""
        ...


class Distances:
    """The distances that a space gives; those of what was tried are asked for once.

    Args:
        space: Has `distance(one, other)`, a metric; and `distances(rows, columns)`, float64 (rows,
            columns), where it finds many faster than one by one.
    """

    def __init__(self, space: Any) -> None:
        self._space = space
        self._known: dict[tuple[Architecture, Architecture], float] = {}

    def between(self, rows: Sequence[Architecture], columns: Sequence[Architecture]) -> np.ndarray:
        """Those of what was tried, float64 (rows, columns); each pair is remembered."""
        for column in dict.fromkeys(columns):
            new = [row for row in dict.fromkeys(rows) if (row, column) not in self._known]
            for row, value in zip(new, self.fresh(new, [column])[:, 0].tolist(), strict=True):
                self._known[row, column] = self._known[column, row] = value
        return np.array([[self._known[row, column] for column in columns] for row in rows])

    def fresh(self, rows: Sequence[Architecture], columns: Sequence[Architecture]) -> np.ndarray:
        """Those of what is only looked at, float64 (rows, columns): too many to be remembered."""
        if hasattr(self._space, "distances"):
            return np.asarray(self._space.distances(rows, columns), np.float64)
        found = [self._space.distance(row, column) for row in rows for column in columns]
        return np.array(found, np.float64).reshape(len(rows), len(columns))


class Anchors:
    """Frechet's map of the metric of a space; the anchors are chosen once and stay.

    Args:
        known: Architectures, at least one. The first is an anchor, then each time that which lies
            the farthest from all anchors, the first of equals, until none lies elsewhere.
        distances: Of the space.
        most: How many anchors at most, at least 1.
    """

    def __init__(
        self, known: Sequence[Architecture], distances: Distances, most: int = _ANCHORS
    ) -> None:
        self._distances = distances
        self._known = {*known}
        self._anchors = [known[0]]
        nearest = distances.between(known, self._anchors)[:, 0]
        while len(self._anchors) < most and nearest.max() > 0:
            self._anchors.append(known[int(nearest.argmax())])
            nearest = np.minimum(nearest, distances.between(known, self._anchors[-1:])[:, 0])

    def __call__(self, architectures: Sequence[Architecture]) -> np.ndarray:
        """See `Embedding`."""
        tried = self._known.issuperset(architectures)
        measured = self._distances.between if tried else self._distances.fresh
        return measured(architectures, self._anchors) / len(self._anchors) ** 0.5


class OneHot:
    """The rows of all decisions, one after another.

    Args:
        space: The space.
    """

    def __init__(self, space: DecisionSpace) -> None:
        self._space = space

    def __call__(self, architectures: Sequence[Architecture]) -> np.ndarray:
        """See `Embedding`."""
        encoded = (self._space.encode(each).values() for each in architectures)
        return np.stack([np.concatenate([row.ravel() for row in rows]) for rows in encoded]).astype(
            np.float64
        )


def has_embedding(space: Space) -> bool:
    """Whether the architectures of a space can be points."""
    return hasattr(space, "distance") or isinstance(space, DecisionSpace)


def embedding(
    space: Space, known: Sequence[Architecture], distances: Distances | None
) -> Embedding:
    """The embedding of a space.

    Args:
        space: Has `distance`, or decisions.
        known: What was evaluated, at least one.
        distances: Of a space with `distance`; None for a new memory.

    Raises:
        InvalidInput: The space has neither.
    """
    if hasattr(space, "distance"):
        return Anchors(known, distances or Distances(space))
    if isinstance(space, DecisionSpace):
        return OneHot(space)
    raise InvalidInput(
        "the space must have `distance(one, other)`, a metric of its architectures, or decisions "
        f"(`decisions`, `encode`, `decode`): given {type(space).__name__}; do use Random or "
        "RegularizedEvolution"
    )
