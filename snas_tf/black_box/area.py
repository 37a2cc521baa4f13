# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""AREA: evolution that begins with the best by a score (Mellor et al.; arXiv 2006.04647)."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np

from snas_tf.black_box.evolution import check_counts, offspring
from snas_tf.black_box.searcher import generator_of_all
from snas_tf.black_box.trial import Trial
from snas_tf.errors import InvalidInput
from snas_tf.space import Architecture, Space

_DRAWS = 1000


@dataclasses.dataclass(frozen=True)
class Area:
    """Regularised evolution whose first population is, of a random pool, the best by a score.

    Algorithm 2 of the paper, which says nothing of the tournament.

    Attributes:
        score: A function of an architecture that needs no training, the greater the better; the
            same architecture has the same score. What is no number counts as the least.
        pool: How many architectures are drawn at random, and scored.
        population: How many of them are evaluated first, and how many of the last trials live.
        tournament: How many of those, drawn with replacement, compete for being the parent.

    Raises:
        InvalidInput: A number is no whole number, at least 1; or the pool is no larger than the
            population.
    """

    score: Callable[[Architecture], float]
    pool: int = 20
    population: int = 10
    tournament: int = 3
    _scores: dict[Architecture, float] = dataclasses.field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        check_counts(self, "pool", "population", "tournament")
        if self.pool < self.population:
            raise InvalidInput(
                f"`pool` must be at least `population`, {self.population}, which is the best of "
                f"it: given {self.pool}"
            )

    def propose(
        self, trials: Sequence[Trial], rng: np.random.Generator, space: Space
    ) -> Architecture:
        """See `Searcher.propose`; failed trials have no part in the population."""
        if len(trials) >= self.population:
            return offspring(trials, rng, space, self.population, self.tournament)
        known = {trial.architecture for trial in trials}
        pool = [each for each in self._pool(generator_of_all(rng), space) if each not in known]
        return max(pool, key=self._scored) if pool else space.sample(rng)

    def _pool(self, rng: np.random.Generator, space: Space) -> list[Architecture]:
        """The pool, the same for all trials of a search; none twice unless the space is small."""
        found: dict[Architecture, None] = {}
        for _ in range(_DRAWS):
            found[space.sample(rng)] = None
            if len(found) == self.pool:
                break
        return [*found]

    def _scored(self, architecture: Architecture) -> float:
        """The score, asked for once an architecture."""
        if architecture not in self._scores:
            score = float(self.score(architecture))
            self._scores[architecture] = -math.inf if math.isnan(score) else score
        return self._scores[architecture]
