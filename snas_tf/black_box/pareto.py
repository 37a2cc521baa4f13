# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What several rewards at once leave: the front of points that no other beats, and its size.

Every coordinate is to be maximised; give the negative of what is to be small.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from snas_tf.errors import InvalidInput


def front(points: np.ndarray | Sequence[Sequence[float]]) -> np.ndarray:
    """The points that none dominates: none is as good in every coordinate and better in one.

    Args:
        points: (points, coordinates), each coordinate to be maximised; infinite ones allowed.

    Returns:
        int64 (kept,), their rows, ascending; of equal points the first alone.

    Raises:
        InvalidInput: It is no such array, or holds NaN.
    """
    points = _array(points, "points")
    # From the greatest first coordinate downwards (of equals by the next, then by the row): what
    # comes later dominates nothing that came before.
    order = np.lexsort([np.arange(len(points)), *-points.T[::-1]])
    kept: list[int] = []
    remaining = order
    while remaining.size:
        first, remaining = remaining[0], remaining[1:]
        kept.append(int(first))
        remaining = remaining[(points[remaining] > points[first]).any(axis=1)]
    return np.sort(np.array(kept, np.int64))


def ranks(points: np.ndarray | Sequence[Sequence[float]]) -> np.ndarray:
    """How many fronts lie before that of a point (non-dominated sorting; Deb et al. 2002).

    Those of rank 0 are dominated by none; of rank 1 by none but those of rank 0; and so on.

    Args:
        points: As for `front`.

    Returns:
        int64 (points,); equal points have the same.

    Raises:
        InvalidInput: As `front`.
    """
    points = _array(points, "points")
    as_good = (points[:, None] >= points[None]).all(axis=-1)
    dominates = as_good & ~as_good.T
    found, left = np.zeros(len(points), np.int64), np.ones(len(points), bool)
    while left.any():
        found[left] += 1
        left &= dominates[left].any(axis=0)
    return found - 1


def hypervolume(
    points: np.ndarray | Sequence[Sequence[float]], reference: Sequence[float]
) -> float:
    """The volume of what the points dominate above a reference, exact.

    It grows with every point that no earlier one dominates, and is the greatest for the true front
    (Zitzler and Thiele 1998). In two coordinates it is the area
    below the staircase of the front; in three a sum over slabs of the third, each with the area of
    the points that reach it.

    Args:
        points: (points, coordinates), one to three coordinates, each to be maximised, finite; no
            point at all has no volume.
        reference: (coordinates,), finite; points that are not above it in every one count nothing.

    Returns:
        The length, area or volume.

    Raises:
        InvalidInput: There are more coordinates, or the arrays do not agree or are not finite.
    """
    reference = np.asarray(reference, np.float64)
    if reference.ndim != 1 or not 1 <= reference.size <= 3 or not np.isfinite(reference).all():
        raise InvalidInput(
            f"`reference` must be one to three finite numbers: given {reference.tolist()}"
        )
    points = _array(points if len(points) else np.empty((0, reference.size)), "points")
    if points.shape[1] != reference.size or not np.isfinite(points).all():
        raise InvalidInput(
            f"`points` must be finite, of {reference.size} coordinates as `reference` is: given "
            f"{points.shape}"
        )
    above = points[(points > reference).all(axis=1)] - reference
    kept = above[front(above)] if len(above) else above
    if reference.size == 1:
        return float(kept.max(initial=0.0))
    if reference.size == 2:
        return _area(kept)
    kept = kept[np.argsort(-kept[:, 2], kind="stable")]
    depths = -np.diff(kept[:, 2], append=0.0)
    slabs = (_area(kept[: rank + 1]) * depth for rank, depth in enumerate(depths.tolist()))
    return float(sum(slabs))


def _area(points: np.ndarray) -> float:
    """What points in (width, height, ...) dominate above the origin, from the widest inwards."""
    points = points[np.argsort(-points[:, 0], kind="stable")]
    steps = np.diff(np.maximum.accumulate(points[:, 1]), prepend=0.0)
    return float(points[:, 0] @ steps)


def _array(points: np.ndarray | Sequence[Sequence[float]], name: str) -> np.ndarray:
    found = np.asarray(points, np.float64)
    if found.ndim != 2 or np.isnan(found).any():
        raise InvalidInput(
            f"`{name}` must be numbers in rows, (points, coordinates): given {found.shape}"
            + (" with NaN" if found.ndim == 2 else "")
        )
    return found
