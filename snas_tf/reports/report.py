# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a report tells, as plain data."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from snas_tf import space
from snas_tf.errors import InvalidInput

_QUANTILE = statistics.NormalDist().inv_cdf(0.975)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Result:
    """One line of the table of results.

    Attributes:
        name: What was measured, such as "child without retraining".
        split: The images it was measured on, "validation" or "test".
        accuracy: The part of them that was classified right, in [0, 1]; None if not measured.
        count: Number of those images; None if unknown.
        cost: What the network costs for one image; None where that means nothing.

    Raises:
        InvalidInput: The accuracy or the count is out of range.
    """

    name: str
    split: str
    accuracy: float | None = None
    count: int | None = None
    cost: space.Cost | None = None

    def __post_init__(self) -> None:
        if self.accuracy is not None and not 0 <= self.accuracy <= 1:
            raise InvalidInput(f"`accuracy` must be in [0, 1]: given {self.accuracy!r}")
        if self.count is not None and self.count < 1:
            raise InvalidInput(f"`count` must be at least 1: given {self.count!r}")

    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson score interval of the accuracy; None without accuracy or count.

        It accounts for the limited number of images only, not for another seed or split.
        """
        if self.accuracy is None or self.count is None:
            return None
        weight = _QUANTILE**2 / self.count
        center = self.accuracy + weight / 2
        half = math.sqrt(weight * (self.accuracy * (1 - self.accuracy) + weight / 4))
        return max(0.0, (center - half) / (1 + weight)), min(1.0, (center + half) / (1 + weight))


@dataclasses.dataclass(frozen=True, kw_only=True, eq=False)
class Report:
    """All that a page and a summary say about a run.

    Attributes:
        title: The headline.
        summary: One or two sentences in plain words.
        results: The table of results.
        genotype: The architecture that was found or trained; None if there is none yet.
        cells: The cell space of the search.
        search_rows: The metrics of every epoch of the search.
        probabilities: {kind: (epochs, edges, ops)}, the operations' probabilities while searching.
        training_rows: The metrics of every epoch of the child network's training.
        config: Every setting of the run; sections may be nested.
        environment: Where it ran.
        dataset: What it learnt from.
        next_commands: What the user may type next.
    """

    title: str
    summary: str
    results: tuple[Result, ...]
    genotype: space.Genotype | None
    cells: space.CellSpace
    search_rows: Sequence[Mapping[str, float]] = ()
    probabilities: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    training_rows: Sequence[Mapping[str, float]] = ()
    config: Mapping[str, Any]
    environment: Mapping[str, Any]
    dataset: Mapping[str, Any]
    next_commands: tuple[str, ...] = ()
