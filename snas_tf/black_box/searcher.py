# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What proposes architectures to a search by trials, and where its chance comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

from snas_tf.black_box.trial import Trial
from snas_tf.errors import InvalidInput
from snas_tf.space import Architecture, DecisionSpace, Space

_OF_ALL = 1  # a third word after the seed and a number, which no trial has


@runtime_checkable
class Searcher(Protocol):
    """Proposes architectures: a pure function of the trials so far, with no state to be lost.

    One of the user's own is any object with this method; nothing is inherited. It may keep a memo
    of what it computed from the beginning of the trials: its answers are the same without.
    """

    def propose(
        self, trials: Sequence[Trial], rng: np.random.Generator, space: Space
    ) -> Architecture:
        """The architecture of the next trial.

        Args:
            trials: Those that ended, in the order in which they ended, then those that still run.
            rng: The trial's own chance, `generator(seed, number)`.
            space: What can be proposed.

        Returns:
            An architecture of the space.

        Raises:
            InvalidInput: The searcher needs another kind of space, or of objective.
        """
        ...


def generator(seed: int, number: int) -> np.random.Generator:
    """The chance that a searcher has for a trial.

    Args:
        seed: Of the search, at least 0.
        number: Of the trial, at least 0.
    """
    return np.random.default_rng((seed, number))


def generator_of_all(rng: np.random.Generator) -> np.random.Generator:
    """Chance that is the same for all trials of a search, for what is to be drawn once.

    Args:
        rng: That of a trial, from `generator`; not drawn from.

    Raises:
        InvalidInput: It came about in another way.
    """
    entropy = rng.bit_generator.seed_seq.entropy
    if not isinstance(entropy, Sequence) or len(entropy) != 2:
        raise InvalidInput(
            f"`rng` must be generator(seed, number), or default_rng of that pair: given {entropy!r}"
        )
    return np.random.default_rng((entropy[0], 0, _OF_ALL))


def decision_space(space: Space, searcher: Searcher) -> DecisionSpace:
    """The space, for a searcher that needs to know its decisions.

    Args:
        space: The space.
        searcher: Who needs it.

    Raises:
        InvalidInput: The space has no decisions.
    """
    if not isinstance(space, DecisionSpace):
        raise InvalidInput(
            f"{type(searcher).__name__} must have a space of decisions (`decisions`, `encode`, "
            f"`decode`): given {type(space).__name__}; do use Random or RegularizedEvolution"
        )
    return space
