# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The rules by which scores of the operations choose what a chain of states keeps."""

from __future__ import annotations

import numpy as np

_KEPT = 2
"""Places that keep an operation, a state, under the rules that count them."""


def argmax(scores: np.ndarray, targets: np.ndarray, none: int | None) -> np.ndarray:
    """The operation with the highest score in every place, the first of equals.

    Args:
        scores: (places, options), probabilities or whatever has the same order.
        targets: (places,), the state that each place leads to.
        none: The column of "none"; None where there is none.

    Returns:
        int (places,), columns.
    """
    return scores.argmax(axis=1)


def top2(scores: np.ndarray, targets: np.ndarray, none: int | None) -> np.ndarray:
    """The two strongest places into each state, with their best operation other than "none".

    A place is as strong as the score of that operation, as in DARTS (arXiv 1806.09055).

    Args:
        scores: As for `argmax`.
        targets: As for `argmax`.
        none: As for `argmax`; there must be one.

    Returns:
        int (places,), columns.
    """
    best = _best(scores, none)
    strength = np.take_along_axis(scores, best[:, None], axis=1)[:, 0]
    chosen = np.full(len(scores), none)
    for target in np.unique(targets):
        arriving = np.flatnonzero(targets == target)
        kept = arriving[np.argsort(-strength[arriving], kind="stable")[:_KEPT]]
        chosen[kept] = best[kept]
    return chosen


def greedy(scores: np.ndarray, targets: np.ndarray, none: int | None) -> np.ndarray:
    """Two places into each state, the clearest first, by the measure of SGAS (arXiv 1912.00195).

    Among the places that are still open the one is taken next whose importance, the probability of
    all operations other than "none", times its certainty, 1 minus the entropy among these over its
    greatest value, is the greatest; each factor is scaled to [0, 1] over the open places. A state
    that has two is closed. SGAS does so while it trains; here it is read off the end.

    Args:
        scores: (places, options), probabilities.
        targets: As for `argmax`.
        none: As for `argmax`; there must be one.

    Returns:
        int (places,), columns.
    """
    best = _best(scores, none)
    others = np.delete(np.asarray(scores, np.float64), none, axis=1)
    importance = others.sum(axis=1)
    shares = others / np.maximum(importance, np.finfo(np.float64).tiny)[:, None]
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    entropy = -(shares * logs).sum(axis=1)
    certainty = 1 - entropy / np.log(others.shape[1]) if others.shape[1] > 1 else 1 - entropy
    chosen, kept = np.full(len(scores), none), dict.fromkeys(targets.tolist(), 0)
    while open_places := [
        place
        for place, target in enumerate(targets.tolist())
        if chosen[place] == none and kept[target] < _KEPT
    ]:
        score = _scaled(importance[open_places]) * _scaled(certainty[open_places])
        place = open_places[int(score.argmax())]
        chosen[place] = best[place]
        kept[int(targets[place])] += 1
    return chosen


RULES = {"argmax": argmax, "top2": top2, "greedy": greedy}
"""`argmax` in every place, as SNAS does, or two places into each state."""


def _best(scores: np.ndarray, none: int) -> np.ndarray:
    """The best operation other than "none" of every place."""
    without = np.array(scores, np.float64)
    without[:, none] = -np.inf
    return without.argmax(axis=1)


def _scaled(values: np.ndarray) -> np.ndarray:
    spread = values.max() - values.min()
    return np.ones_like(values) if spread == 0 else (values - values.min()) / spread
