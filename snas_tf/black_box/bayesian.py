# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Bayesian optimisation guided over a tree of changes (Jin, Song, Hu; KDD 2019; arXiv 1806.10282).

A Gaussian process of the distances between networks says what an untried one may cost and how
sure that is; proposed is the one with the least lower confidence bound (section 3.3 of the paper)

    alpha(f) = mu(f) - beta sigma(f)

of those that a search by simulated annealing reaches from all networks tried, change by change.
The paper has it for network morphisms. Here it takes any space that says how far apart two
architectures are, or that has decisions.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import math
from collections.abc import Callable, Sequence

import numpy as np

from snas_tf.black_box.embedding import Distances, embedding, has_embedding
from snas_tf.black_box.evolution import check_counts
from snas_tf.black_box.gaussian_process import GaussianProcess
from snas_tf.black_box.prediction import Prediction
from snas_tf.black_box.trial import Trial
from snas_tf.errors import InvalidInput
from snas_tf.space import Architecture, Space

_CHANGES = 8  # of every architecture that the annealing goes on from
_COOLING, _COLDEST = 0.9, 1e-4  # from 1: no more than 88 of them
_DRAWS = 1000
_SLOPE = 0.05  # of ParEGO's norm

Bound = Callable[[Sequence[Architecture]], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Bayesian:
    """Proposes the architecture with the least lower confidence bound of its cost.

    A failed trial counts as the worst, as does a reward of minus infinity. A trial that still runs
    counts as what is predicted of it. Of several rewards every proposal draws weights of its own
    and looks at the worst of the weighted (ParEGO; Knowles 2006). The space has decisions, or
    `distance(one, other)`, a metric. Where it has a `root`, an architecture from which `mutate`
    leads on, that is the first trial; else the first are random.

    Attributes:
        beta: How many standard deviations a guess may be better than its mean; 0 explores nothing.
        starts: How many trials are drawn at random at first, where the space has no root.
        changes: How many changes away from all that was tried a proposal may be. The paper has no
            such limit; far away all is as uncertain, so that a network that only grows would at
            once grow as large as it may.

    Raises:
        InvalidInput: `beta` is negative or infinite, or another is no whole number, at least 1.
    """

    beta: float = 2.576
    starts: int = 10
    changes: int = 4
    _memory: list[tuple[Space, Distances]] = dataclasses.field(
        default_factory=list, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        check_counts(self, "starts", "changes")
        if not 0 <= self.beta < math.inf:
            raise InvalidInput(f"`beta` must be a number, at least 0: given {self.beta!r}")

    def propose(
        self, trials: Sequence[Trial], rng: np.random.Generator, space: Space
    ) -> Architecture:
        """See `Searcher.propose`.

        Raises:
            InvalidInput: The space has neither decisions nor a distance.
        """
        if not has_embedding(space):
            embedding(space, (), None)  # says what it lacks
        root = getattr(space, "root", None)
        known = {trial.architecture for trial in trials}
        if root is not None and root not in known:
            return root
        ended = [trial for trial in trials if trial.ended]
        succeeded = [trial for trial in ended if trial.metrics]
        if not succeeded or (root is None and len(trials) < self.starts):
            return _untried(known, succeeded, rng, space)
        values = costs(ended, rng)
        points = embedding(space, [each.architecture for each in ended], self._distances(space))
        running = [trial.architecture for trial in trials if not trial.ended]
        process = GaussianProcess(
            points([each.architecture for each in ended]),
            values,
            points(running) if running else None,
        )
        unit = float(values.std()) or 1.0

        def bound(architectures: Sequence[Architecture]) -> np.ndarray:
            mean, deviation = process.predict(points(architectures))
            return (mean - self.beta * deviation) / unit

        tried = [
            (float(value) / unit, trial.architecture)
            for trial, value in zip(ended, values, strict=True)
            if trial.metrics
        ]
        found = anneal(tried, known, bound, space, rng, self.changes)
        return _untried(known, succeeded, rng, space) if found is None else found

    def predictions(self, trials: Sequence[Trial], space: Space) -> list[Prediction]:
        """What the model makes of every trial from all others, to see what it is worth.

        Args:
            trials: Of a search with one reward.
            space: What was searched.

        Returns:
            A prediction for every trial that succeeded, in their order; nothing for fewer than 3.

        Raises:
            InvalidInput: As `propose`, or the objective gives several rewards.
        """
        succeeded = [each for each in trials if each.metrics and math.isfinite(each.reward)]
        if len(succeeded) < 3:
            return []
        architectures = [trial.architecture for trial in succeeded]
        points = embedding(space, architectures, self._distances(space))(architectures)
        rewards = np.array([trial.reward for trial in succeeded])
        means, deviations = GaussianProcess(points, rewards).leave_one_out()
        return [
            Prediction(trial.number, trial.reward, float(mean), float(deviation))
            for trial, mean, deviation in zip(succeeded, means, deviations, strict=True)
        ]

    def _distances(self, space: Space) -> Distances | None:
        """Those of the space that was searched last, for most are asked for again and again."""
        if not hasattr(space, "distance"):
            return None
        if not self._memory or self._memory[0][0] is not space:
            self._memory[:] = [(space, Distances(space))]
        return self._memory[0][1]


def costs(trials: Sequence[Trial], rng: np.random.Generator) -> np.ndarray:
    """What trials cost, to be minimised: minus the reward, or a chance mixture of several.

    Args:
        trials: That ended, one of them well at least.
        rng: Draws the weights of several rewards; else not drawn from.

    Returns:
        Float64 (trials,), finite.
    """
    count = max(len(trial.rewards) for trial in trials)
    rewards = np.array([trial.rewards or (-math.inf,) * count for trial in trials], np.float64)
    for column in rewards.T:
        finite = column[np.isfinite(column)]
        column[~np.isfinite(column)] = finite.min() if finite.size else 0.0
    if count == 1:
        return -rewards[:, 0]
    least, span = rewards.min(axis=0), np.ptp(rewards, axis=0)
    losses = 1 - (rewards - least) / np.where(span > 0, span, 1.0)
    weighted = losses * rng.dirichlet(np.ones(count))
    return weighted.max(axis=1) + _SLOPE * weighted.sum(axis=1)


def anneal(
    tried: Sequence[tuple[float, Architecture]],
    known: set[Architecture],
    bound: Bound,
    space: Space,
    rng: np.random.Generator,
    changes: int,
) -> Architecture | None:
    """Searches the tree of changes for the least bound: algorithm 1 of the paper.

    The best of a queue, which begins with all that were tried, is changed in some ways. A change
    joins the queue with the probability exp((least - its bound) / T), where T falls.

    Args:
        tried: (cost, architecture) pairs, costs in the unit of their deviation.
        known: What must not be proposed again.
        bound: Of architectures, in the same unit.
        space: What changes them.
        rng: Where the chance comes from.
        changes: At most so many in a row.

    Returns:
        The untried architecture with the least bound; None where every change was tried.
    """
    order = itertools.count()  # of equals the first comes first
    queue = [(cost, next(order), 0, architecture) for cost, architecture in tried]
    heapq.heapify(queue)
    least = min(cost for cost, _ in tried)
    best: tuple[float, Architecture | None] = (math.inf, None)
    seen, temperature = {*known}, 1.0
    while queue and temperature > _COLDEST:
        temperature *= _COOLING
        _, _, depth, popped = heapq.heappop(queue)
        changed = (space.mutate(popped, rng) for _ in range(_CHANGES))
        fresh = [each for each in dict.fromkeys(changed) if each not in seen]
        if not fresh:
            continue
        seen.update(fresh)
        for value, each in zip(map(float, bound(fresh)), fresh, strict=True):
            joins = math.exp(min((least - value) / temperature, 0.0)) > rng.random()
            if joins and depth + 1 < changes:
                heapq.heappush(queue, (value, next(order), depth + 1, each))
            if value < best[0]:
                best = (value, each)
            least = min(least, value)
    return best[1]


def _untried(
    known: set[Architecture], succeeded: Sequence[Trial], rng: np.random.Generator, space: Space
) -> Architecture:
    """An architecture at random that was not tried, if there is one.

    A space with a root is left by changes of what was tried, for it may have no others.
    """
    for _ in range(_DRAWS):
        if hasattr(space, "root") and succeeded:
            origin = succeeded[rng.integers(len(succeeded))].architecture
            drawn = space.mutate(origin, rng)
        else:
            drawn = space.sample(rng)
        if drawn not in known:
            break
    return drawn
