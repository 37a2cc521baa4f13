# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Ranks by several scores together, and how well two rankings agree."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import scipy.stats

from snas_tf.errors import InvalidInput

_FEWEST = 3  # of which two orders can half agree


def rank_sum(scores: Mapping[str, Sequence[float]]) -> np.ndarray:
    """Networks ranked by several scores, whose units do not matter.

    Args:
        scores: {name: (networks,)}, greater for better; -inf and NaN come last.

    Returns:
        float64 (networks,): the sum of the ranks, counted from 1 for the worst; equal scores share
        their mean rank. Greater is better.

    Raises:
        InvalidInput: There is no score, or they are of different numbers of networks.
    """
    columns = [np.nan_to_num(column, nan=-math.inf, neginf=-math.inf) for column in scores.values()]
    if not columns or len({len(column) for column in columns}) > 1:
        sizes = {name: len(column) for name, column in scores.items()}
        raise InvalidInput(f"`scores` must be of the same networks, at least one: given {sizes}")
    return np.sum([scipy.stats.rankdata(column) for column in columns], axis=0)


def correlation(scores: Sequence[float], truth: Sequence[float]) -> tuple[float, float] | None:
    """How well scores order networks as the truth does.

    Args:
        scores: (networks,), greater for better; -inf and NaN come last.
        truth: (networks,) finite numbers.

    Returns:
        Kendall's tau (b, for ties) and Spearman's correlation, in [-1, 1]; None where fewer than
        three networks, or none that differ, leave them undefined.
    """
    # Ranks: an infinite score is one place below the last, not an infinite distance.
    ranks, true = rank_sum({"": scores}), np.asarray(truth, np.float64)
    if len(ranks) < _FEWEST or np.ptp(ranks) == 0 or np.ptp(true) == 0:
        return None
    tau = scipy.stats.kendalltau(ranks, true).statistic
    return float(tau), float(scipy.stats.spearmanr(ranks, true).statistic)
