# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One trial of a search: an architecture that was proposed, and what came of it."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import numpy as np

from snas_tf.errors import InvalidInput
from snas_tf.space import Architecture

_SEEDS = 2**31
_STRIDE = 0x9E3779B1  # odd, so that no two numbers below 2^31 have one seed; far from 0, to mix


@dataclasses.dataclass(frozen=True, slots=True)
class Trial:
    """An architecture that was proposed, and what came of it.

    Attributes:
        number: 0, 1, ...; the seed of its evaluation follows from it, see `evaluation_seed`.
        architecture: What was proposed.
        parent: The number of the ended trial whose weights the evaluation may start from.
        metrics: {metric: finite number} as measured, each in its own unit; empty while the trial
            runs, and where it failed.
        rewards: What the objective makes of the metrics, each to be maximised; empty while the
            trial runs, and where it failed.
        failure: Why it failed, in one line; "" where it did not.
        seconds: How long the evaluation took.
    """

    number: int
    architecture: Architecture
    parent: int | None = None
    metrics: Mapping[str, float] = dataclasses.field(default_factory=dict, hash=False)
    rewards: tuple[float, ...] = ()
    failure: str = ""
    seconds: float = 0.0

    @property
    def ended(self) -> bool:
        """Whether its evaluation is over, well or not."""
        return bool(self.metrics or self.failure)

    @property
    def reward(self) -> float:
        """Its only reward; minus infinity where it has none, because it failed or still runs.

        Raises:
            InvalidInput: The objective gives several rewards.
        """
        if len(self.rewards) > 1:
            raise InvalidInput(
                f"a searcher for one reward must have an objective with one: this one gives "
                f"{len(self.rewards)}; do take a weighted sum or another objective that gives one, "
                "or a searcher for several, such as evolution"
            )
        return self.rewards[0] if self.rewards else -math.inf


def evaluation_seed(seed: int, number: int) -> int:
    """The seed of a trial's evaluation; no two trials of a search have the same.

    Args:
        seed: Of the search, at least 0.
        number: Of the trial, 0 to 2^31 - 1.

    Returns:
        In [0, 2^31).
    """
    first = int(np.random.SeedSequence(seed).generate_state(1)[0])
    return (first + number * _STRIDE) % _SEEDS
