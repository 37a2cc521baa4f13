# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Ranks of several scores together, and of how good they are."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.errors import InvalidInput
from snas_tf.evaluation import zero_cost

NUMBERS = st.lists(st.integers(-100, 100), min_size=3, max_size=8, unique=True)


def test_ranks_are_added_whatever_the_units_and_what_has_no_score_comes_last():
    scores = {"a": [1.0, 1000.0, math.nan, -5.0], "b": [0.3, 0.3, -math.inf, 0.1]}
    assert zero_cost.rank_sum(scores).tolist() == [3 + 3.5, 4 + 3.5, 1 + 1, 2 + 2]


@given(NUMBERS)
def test_one_score_ranks_as_itself(scores):
    assert np.argsort(zero_cost.rank_sum({"one": scores})).tolist() == np.argsort(scores).tolist()


@given(NUMBERS)
def test_the_same_order_correlates_fully_and_the_contrary_one_not_at_all(scores):
    assert zero_cost.correlation(scores, np.exp(np.array(scores) / 50)) == pytest.approx((1, 1))
    assert zero_cost.correlation(scores, -np.array(scores)) == pytest.approx((-1, -1))


def test_kendalls_tau_counts_pairs():
    # Of six pairs, one is the other way round: tau = (5 - 1) / 6.
    tau, _ = zero_cost.correlation([1, 2, 3, 4], [1, 3, 2, 4])
    assert tau == pytest.approx(4 / 6)
    # An infinite score is the last, and no more than that.
    assert zero_cost.correlation([-math.inf, 2, 3, 4], [1, 3, 2, 4])[0] == pytest.approx(4 / 6)


def test_what_is_not_defined_is_none():
    assert zero_cost.correlation([1, 2], [1, 2]) is None
    assert zero_cost.correlation([1, 1, 1], [1, 2, 3]) is None
    assert zero_cost.correlation([1, 2, 3], [5, 5, 5]) is None


def test_scores_of_other_networks_are_refused():
    with pytest.raises(InvalidInput, match="of the same networks"):
        zero_cost.rank_sum({"a": [1, 2], "b": [1]})
    with pytest.raises(InvalidInput, match="at least one"):
        zero_cost.rank_sum({})
