# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""One option a row, the best sum of scores with each sum of costs within its limit.

The multiple-choice knapsack with some limits. Prices lambda >= 0 of the costs give a bound: what is
chosen scores at most lambda . limit + sum over rows of max(score - lambda . cost). Row by row every
choice so far is kept that the cheapest rest leaves within the limits, whose bound is no worse than
the best choice known, and that no other betters in score and cost. That is exact, with costs and
limits of any size, for sums are compared and never solved for; and it ends, for the choices kept
are bounded. Costs of networks never reach that bound; those of a puzzle may (scores that rise with
costs, all of them different), and then the result keeps to the limits and is among the best.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import optimize

_WIDTH = 64  # choices kept a row when the first, near-best, choice is looked for
MOST_KEPT = 20_000
"""Choices kept a row; the cells of the paper need some hundred."""

_ROUNDING = 1e-9  # of sums of scores, relative


@dataclasses.dataclass(frozen=True, slots=True)
class _Problem:
    """What the rows may choose, and what is known of the rest of them.

    Attributes:
        scores: (rows, options).
        costs: (rows, options, limits), in parts of the limit.
        start: (limits,), what is spent before the first row.
        most: (limits,).
        allowed: bool (rows, options).
        prices: (limits,).
    """

    scores: np.ndarray
    costs: np.ndarray
    start: np.ndarray
    most: np.ndarray
    allowed: np.ndarray
    prices: np.ndarray

    @property
    def priced(self) -> np.ndarray:
        """(rows, options), what an option is worth at the prices."""
        return np.where(self.allowed, self.scores - self.costs @ self.prices, -np.inf)


def best_choice(
    scores: np.ndarray,
    costs: np.ndarray,
    start: np.ndarray,
    most: np.ndarray,
    most_kept: int = MOST_KEPT,
    available: np.ndarray | None = None,
) -> np.ndarray | None:
    """The best choice; the sums are taken in the order of the rows, `start` first.

    Args:
        scores: float64 (rows, options), finite.
        costs: float64 (rows, options, limits).
        start: float64 (limits,).
        most: float64 (limits,).
        most_kept: Choices kept a row, at least 1.
        available: bool (rows, options), what may be chosen, at least one a row; None is all.

    Returns:
        int (rows,), the option of every row; None where no choice keeps to all limits.
    """
    if available is None:
        available = np.ones(scores.shape, bool)
    cheapest = np.where(available[..., None], costs, np.inf).min(axis=1)
    rest = np.flip(np.cumsum(np.flip(cheapest, 0), 0), 0)
    others = start + rest[0] - cheapest
    # Rounding must not take the last choice away: the sweep compares the true sums.
    room = most - others + 1e-9 * np.abs(most)
    allowed = available & np.all(costs <= room[:, None], axis=2)
    if not allowed.any(axis=1).all():
        return None
    problem = _Problem(scores, costs, start, most, allowed, np.zeros(len(most)))
    problem = dataclasses.replace(problem, prices=_prices(problem))
    first = _sweep(problem, -np.inf, min(_WIDTH, most_kept))
    if first.choice is not None:
        loss = problem.priced.max(axis=1, keepdims=True) - problem.priced
        gap = problem.priced.max(axis=1).sum() + problem.prices @ (most - start) - first.score
        allowed = loss <= gap + _ROUNDING * (1 + abs(first.score))
        problem = dataclasses.replace(problem, allowed=allowed)
    second = _sweep(problem, first.score, most_kept)
    for found in (second, first):
        if found.choice is not None or found.complete:
            return found.choice
    return _cheapest(problem)


def _prices(problem: _Problem) -> np.ndarray:
    """The prices (limits,) that give the least bound, from the relaxation to fractions."""
    rows, options, limits = problem.costs.shape
    scale = np.maximum(np.abs(problem.most - problem.start), 1e-30)
    answer = optimize.linprog(
        -np.where(problem.allowed, problem.scores, 0.0).ravel(),
        A_ub=(problem.costs / scale).reshape(-1, limits).T,
        b_ub=(problem.most - problem.start) / scale,
        A_eq=np.kron(np.eye(rows), np.ones(options)),
        b_eq=np.ones(rows),
        bounds=np.stack([np.zeros(problem.allowed.size), problem.allowed.ravel()], axis=1),
        method="highs-ds",
    )
    # Any prices give a bound: where the relaxation has no solution to tell, that of no limits.
    return (
        np.maximum(-answer.ineqlin.marginals, 0.0) / scale if answer.success else np.zeros(limits)
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Found:
    """The best choice of a sweep, its score, and whether no choice was left out for want of room.

    Without a choice the score is minus infinity.
    """

    choice: np.ndarray | None
    score: float
    complete: bool


def _sweep(problem: _Problem, known: float, width: int) -> _Found:
    """Goes through the rows with at most `width` choices, the most promising ones.

    Args:
        problem: The problem.
        known: The score of a choice; what is worse is left out.
        width: Choices kept a row.
    """
    rows = len(problem.scores)
    allowed = problem.allowed[..., None]
    cheapest = _of_the_rest(np.where(allowed, problem.costs, np.inf).min(axis=1))
    dearest = _of_the_rest(np.where(allowed, problem.costs, -np.inf).max(axis=1))
    hope = _of_the_rest(problem.priced.max(axis=1))
    least = known - _ROUNDING * (1 + abs(known)) if np.isfinite(known) else -np.inf
    slack = 1e-9 * np.abs(problem.most)
    score, spent, steps, complete = np.zeros(1), problem.start[None], [], True
    for row in range(rows):
        options = np.flatnonzero(problem.allowed[row])
        parents = np.repeat(np.arange(len(score)), len(options))
        chosen = np.tile(options, len(score))
        score = (score[:, None] + problem.scores[row, options]).ravel()
        spent = (spent[:, None] + problem.costs[row, options]).reshape(-1, spent.shape[1])
        bound = score + (problem.most - spent) @ problem.prices + hope[row + 1]
        # What even the dearest rest would leave unspent is worth nothing.
        unspent = np.maximum(problem.most - spent - dearest[row + 1], 0.0)
        bound -= unspent @ problem.prices
        room = problem.most if row == rows - 1 else problem.most + slack - cheapest[row + 1]
        kept = np.flatnonzero((bound >= least) & np.all(spent <= room, axis=1))
        kept = kept[_not_bettered(score[kept], spent[kept])]
        if len(kept) > width:
            complete = False
            kept = kept[np.argsort(-bound[kept], kind="stable")[:width]]
        if not len(kept):
            return _Found(None, -np.inf, complete)
        score, spent = score[kept], spent[kept]
        steps.append((parents[kept], chosen[kept]))
    best = place = int(score.argmax())
    choice = np.empty(rows, int)
    for row, (parents, chosen) in zip(range(rows - 1, -1, -1), reversed(steps), strict=True):
        choice[row], place = chosen[place], parents[place]
    return _Found(choice, float(score[best]), complete)


def _cheapest(problem: _Problem) -> np.ndarray | None:
    """The choice whose worst share of a limit is least; None if it does not keep to all."""
    rows, options, limits = problem.costs.shape
    room = np.maximum(problem.most - problem.start, 1e-30)
    shares = (problem.costs / room).reshape(-1, limits).T
    one_each = np.kron(np.eye(rows), np.ones(options))
    answer = optimize.milp(
        np.append(np.zeros(rows * options), 1.0),
        integrality=np.append(np.ones(rows * options), 0.0),
        bounds=optimize.Bounds(0, np.append(problem.allowed.ravel(), np.inf)),
        constraints=[
            optimize.LinearConstraint(np.pad(one_each, [(0, 0), (0, 1)]), 1, 1),
            optimize.LinearConstraint(np.pad(shares, [(0, 0), (0, 1)], constant_values=-1), ub=0),
        ],
        options={"time_limit": 10.0},
    )
    if answer.x is None:
        return None
    choice = answer.x[:-1].reshape(rows, options).argmax(axis=1)
    spent = problem.start
    for row, option in enumerate(choice):
        spent = spent + problem.costs[row, option]
    return choice if np.all(spent <= problem.most) else None


def _of_the_rest(values: np.ndarray) -> np.ndarray:
    """(rows, ...) to (rows + 1, ...): the sums over the rows from each on."""
    sums = np.flip(np.cumsum(np.flip(values, 0), 0), 0)
    return np.concatenate([sums, np.zeros_like(sums[:1])])


def _not_bettered(score: np.ndarray, spent: np.ndarray) -> np.ndarray:
    """The places of the choices that no other betters, the first of equals.

    With several limits only others of the very same costs are looked at.
    """
    order = np.lexsort((-score, *spent.T[::-1]))
    if spent.shape[1] == 1:
        better = score[order][1:] > np.maximum.accumulate(score[order])[:-1]
    else:
        better = np.any(spent[order][1:] != spent[order][:-1], axis=1)
    return order[np.append(True, better)[: len(order)]]
