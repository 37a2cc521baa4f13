# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Local search, a strong baseline on small spaces (White, Nolen, Savani; arXiv 2005.02960)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from snas_tf.black_box.evolution import check_counts
from snas_tf.black_box.searcher import decision_space
from snas_tf.black_box.trial import Trial
from snas_tf.space import Architecture, DecisionSpace, Space


@dataclasses.dataclass(frozen=True)
class LocalSearch:
    """Proposes a neighbour of the best trial, another option in one place, until all were tried.

    A neighbour that is better is the best from then on. The paper begins anew at random where none
    is, in a local optimum; here the search goes on from the next best trial with untried
    neighbours, so that the trials alone say where it is.

    Attributes:
        starts: How many trials are drawn at random at first.

    Raises:
        InvalidInput: `starts` is no whole number, at least 1.
    """

    starts: int = 10
    _neighbours: dict[Architecture, tuple[DecisionSpace, tuple[Architecture, ...]]] = (
        dataclasses.field(default_factory=dict, init=False, repr=False, compare=False)
    )

    def __post_init__(self) -> None:
        check_counts(self, "starts")

    def propose(
        self, trials: Sequence[Trial], rng: np.random.Generator, space: Space
    ) -> Architecture:
        """See `Searcher.propose`.

        Raises:
            InvalidInput: The space has no decisions, or the objective several rewards.
        """
        decisions = decision_space(space, self)
        if len(trials) < self.starts:
            return space.sample(rng)
        known = {trial.architecture for trial in trials}
        succeeded = [trial for trial in trials if trial.metrics]
        for trial in sorted(succeeded, key=lambda each: each.reward, reverse=True):
            untried = [
                each for each in self._around(trial.architecture, decisions) if each not in known
            ]
            if untried:
                return untried[rng.integers(len(untried))]
        return space.sample(rng)

    def _around(self, architecture: Architecture, space: DecisionSpace) -> tuple[Architecture, ...]:
        """The neighbours of an architecture; remembered, for they are asked for at every trial."""
        of, found = self._neighbours.get(architecture, (None, ()))
        if of is not space:
            found = neighbours(architecture, space)
            self._neighbours[architecture] = (space, found)
        return found


def neighbours(architecture: Architecture, space: DecisionSpace) -> tuple[Architecture, ...]:
    """All architectures that choose another option in one place.

    Args:
        architecture: An architecture of the space.
        space: The space.

    Returns:
        Each once, in the order of decisions, places and options.
    """
    rows = space.encode(architecture)
    found: dict[Architecture, None] = {}
    for name, row in rows.items():
        for place, option in np.argwhere(row == 0):
            other = row.copy()
            other[place] = 0
            other[place, option] = 1
            found[space.decode({**rows, name: other})] = None
    found.pop(architecture, None)  # where the space knows only one architecture of both
    return tuple(found)
