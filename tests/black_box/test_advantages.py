# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Advantages by hand, and what they do not depend on."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.black_box import advantages

REWARDS = st.lists(st.integers(-9, 9).map(float) | st.just(-math.inf), max_size=20)


def test_ranks_by_hand():
    rewards = [3, 5, 5, -math.inf, 4]
    np.testing.assert_allclose(advantages.ranks(rewards, 9), [0, 1 / 2, 1 / 3, -3 / 4, 0])
    np.testing.assert_allclose(advantages.ranks(rewards, 3), [0, 1 / 2, 1 / 3, -2 / 3, 0])
    np.testing.assert_allclose(advantages.ranks(rewards, 2), [0, 1 / 2, 0, -1 / 2, 1 / 2])


@given(REWARDS, st.integers(2, 9))
def test_ranks_are_the_same_for_every_rising_function_of_the_rewards(rewards, window):
    found = advantages.ranks(rewards, window)
    other = advantages.ranks([math.exp(reward) for reward in rewards], window)
    np.testing.assert_array_equal(found, other)
    assert (np.abs(found) < 1).all()


@given(REWARDS, st.integers(2, 9), st.integers(0, 20))
def test_advantages_do_not_look_ahead(rewards, window, count):
    first = rewards[:count]
    np.testing.assert_array_equal(
        advantages.ranks(rewards, window)[:count], advantages.ranks(first, window)
    )
    np.testing.assert_array_equal(
        advantages.above_moving_mean(rewards, 0.5)[:count],
        advantages.above_moving_mean(first, 0.5),
    )


def test_the_moving_mean_by_hand():
    found = advantages.above_moving_mean([4, 8, 2, 6], 0.5)
    np.testing.assert_array_equal(found, [0, 4, -4, 2])  # of the means 4, 6, 4
    np.testing.assert_array_equal(advantages.above_moving_mean([4, 8, 2], 0.0), [0, 4, -6])


def test_a_failure_counts_as_the_least_so_far_and_as_nothing_before_there_is_one():
    worst = -math.inf
    found = advantages.above_moving_mean([worst, 4, 8, worst], 0.5)
    np.testing.assert_array_equal(found, [0, 0, 4, -2])
