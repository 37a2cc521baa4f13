# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Regularised evolution (Real, Aggarwal, Huang, Le; AAAI 2019; arXiv 1802.01548)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from snas_tf.black_box import pareto
from snas_tf.black_box.trial import Trial
from snas_tf.errors import InvalidInput
from snas_tf.space import Architecture, Space


@dataclasses.dataclass(frozen=True)
class RegularizedEvolution:
    """Mutates the best of a few, drawn from the last trials; the oldest dies, not the worst.

    Of several rewards those are the best that fewer fronts of the living lie before.

    Attributes:
        population: How many trials are drawn at random at first, and how many of the last live.
        tournament: How many of them, drawn with replacement, compete for being the parent.

    Raises:
        InvalidInput: A number is no whole number, at least 1.
    """

    population: int = 50
    tournament: int = 10

    def __post_init__(self) -> None:
        check_counts(self, "population", "tournament")

    def propose(
        self, trials: Sequence[Trial], rng: np.random.Generator, space: Space
    ) -> Architecture:
        """See `Searcher.propose`; failed trials have no part in the population."""
        if len(trials) < self.population:
            return space.sample(rng)
        return offspring(trials, rng, space, self.population, self.tournament)


def offspring(
    trials: Sequence[Trial],
    rng: np.random.Generator,
    space: Space,
    population: int,
    tournament: int,
) -> Architecture:
    """A mutation of the winner of a tournament among the last trials that succeeded.

    Args:
        trials: As for `Searcher.propose`.
        rng: Where the chance comes from.
        space: Of the architectures.
        population: How many of the last trials live.
        tournament: How many of them compete.

    Returns:
        The mutation; a random architecture while no trial succeeded.
    """
    living = [trial for trial in trials if trial.metrics][-population:]
    if not living:
        return space.sample(rng)
    drawn = rng.integers(len(living), size=tournament)
    worth = _worth(living)
    winner = max(drawn, key=worth.__getitem__)
    return space.mutate(living[winner].architecture, rng)


def _worth(living: Sequence[Trial]) -> list[float]:
    """The reward of every trial; of several the negative of its rank among all."""
    if len(living[0].rewards) == 1:
        return [trial.reward for trial in living]
    return (-pareto.ranks([trial.rewards for trial in living])).tolist()


def check_counts(searcher: object, *names: str) -> None:
    """Checks that arguments of a searcher are whole numbers, at least 1.

    Raises:
        InvalidInput: One is not.
    """
    for name in names:
        value = getattr(searcher, name)
        if type(value) is not int or value < 1:
            raise InvalidInput(f"`{name}` must be a whole number, at least 1: given {value!r}")
