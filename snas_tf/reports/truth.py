# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a table of true accuracies says of a search, as plain data."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An architecture in a table.

    Attributes:
        architecture: Its canonical text.
        values: {accuracy: value} in the table's own unit; {} where the table lacks it.
        rank: Its place by the first of the accuracies, 1 for the best; 0 where it is lacking.
    """

    architecture: str
    values: Mapping[str, float]
    rank: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What a search has found, by a table.

    Attributes:
        table: The table's name.
        count: Number of its architectures.
        accuracies: The accuracies that are shown; ranks are by the first.
        trajectory: What the search would have ended with after every epoch, the last is what it
            found.
        best: The table's best within the search's budget; None if none keeps to it.
        budget: That budget in words; "" without one.
    """

    table: str
    count: int
    accuracies: tuple[str, ...]
    trajectory: tuple[Standing, ...]
    best: Standing | None
    budget: str = ""

    @property
    def found(self) -> Standing:
        """What the search found, or would find if it ended now."""
        return self.trajectory[-1]

    @property
    def best_epoch(self) -> int | None:
        """The first epoch, counted from 1, at which the truly best of the trajectory stood."""
        known = [
            (standing.rank, epoch)
            for epoch, standing in enumerate(self.trajectory, start=1)
            if standing.rank
        ]
        return min(known)[1] if known else None
