# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The best of several candidates by an evaluator: a supernet, a score, or a short training."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np

from snas_tf import space
from snas_tf.errors import Failure, InvalidInput
from snas_tf.evaluation.derivation.derivation import Candidate, Derived, Searched
from snas_tf.evaluation.evaluator import Evaluator
from snas_tf.evaluation.zero_cost.ranks import rank_sum
from snas_tf.space import Architecture

Choose = Callable[[Searched, int], Sequence[Architecture]]
"""From what a search has come to and a number to so many candidates, or fewer."""

_STREAM = 20190507  # of draws of candidates, away from all others of a seed


def most_probable(searched: Searched, count: int) -> Sequence[Architecture]:
    """The most probable architectures within the limits, see `space.most_probable`."""
    return space.most_probable(searched.probabilities, searched.space, count, searched.bounds)


def drawn(searched: Searched, count: int) -> Sequence[Architecture]:
    """The most probable architecture and draws, see `space.drawn`."""
    rng = np.random.default_rng((searched.seed, _STREAM))
    return space.drawn(searched.probabilities, searched.space, count, searched.bounds, rng=rng)


@dataclasses.dataclass(frozen=True, slots=True)
class Best:
    """A `Derivation`: the best of several candidates.

        Best(drawn, evaluation.WeightSharing(supernet, validation), count=16)

    is the best of 16 samples by the supernet's own weights.

    Attributes:
        choose: Names the candidates.
        evaluator: Judges each. One that it fails on, `Failure`, is worth less than all others.
        count: How many candidates, at least 1.
        metrics: By which of the evaluator's metrics, greater for better; by several the sum of the
            ranks decides. Of equals the first candidate is taken.
        tell: Is told how many of how many are judged.

    Raises:
        InvalidInput: There is no candidate or no metric.
    """

    choose: Choose
    evaluator: Evaluator
    count: int = 8
    metrics: tuple[str, ...] = ("accuracy",)
    tell: Callable[[int, int], None] = lambda done, of: None

    def __post_init__(self) -> None:
        if type(self.count) is not int or self.count < 1:
            raise InvalidInput(
                f"`count` must be a whole number of candidates, at least 1: given {self.count!r}"
            )
        if not self.metrics:
            raise InvalidInput("`metrics` must name at least one: given none")

    def derive(self, searched: Searched) -> Derived:
        """Judges the candidates, all with the same seed.

        Args:
            searched: What the search has come to.

        Returns:
            The best candidate, and all of them.

        Raises:
            InvalidInput: No network keeps to the limits, or the evaluator has no such metric.
        """
        chosen = self.choose(searched, self.count)
        judged = []
        for number, architecture in enumerate(chosen, start=1):
            judged.append(Candidate(architecture, self._metrics(architecture, searched.seed)))
            self.tell(number, len(chosen))
        worth = rank_sum({name: [one.metrics[name] for one in judged] for name in self.metrics})
        order = np.argsort(-worth, kind="stable")
        ranked = tuple(judged[place] for place in order)
        told = f"the best of {len(ranked)} by {' and '.join(self.metrics)}"
        return Derived(ranked[0].architecture, ranked, told)

    def _metrics(self, architecture: Architecture, seed: int) -> dict[str, float]:
        try:
            found = self.evaluator.evaluate(architecture, seed=seed)
        except Failure:
            return dict.fromkeys(self.metrics, -math.inf)
        missing = [name for name in self.metrics if name not in found]
        if missing:
            raise InvalidInput(
                f"`metrics` must be some of {', '.join(found)}: given {', '.join(missing)}"
            )
        return found
