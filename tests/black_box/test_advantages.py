# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Advantages by hand, and what they do not depend on."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.black_box import advantages, reinforce

REWARDS = st.lists(st.integers(-9, 9).map(float) | st.just(-math.inf), max_size=20)


def test_ranks_by_hand():
    rewards = [3, 5, 5, -math.inf, 4]
    found = [advantages.rank(rewards[:count]) for count in range(1, 6)]
    np.testing.assert_allclose(found, [0, 1 / 2, 1 / 3, -3 / 4, 0])


@given(REWARDS.filter(bool))
def test_ranks_are_the_same_for_every_rising_function_of_the_rewards(rewards):
    found = advantages.rank(rewards)
    assert found == advantages.rank([math.exp(reward) for reward in rewards])
    assert abs(found) < 1


def test_only_the_window_counts():
    rewards = [9.0, 1.0, 2.0, 3.0, 0.0]
    given_window = reinforce.Steps(0.1, 0.0, 3, 0.9)
    np.testing.assert_allclose(given_window.advantages(rewards, 0), [0, -1 / 2, 0, 2 / 3, -2 / 3])
    np.testing.assert_allclose(given_window.advantages(rewards, 3), [2 / 3, -2 / 3])


@given(REWARDS, st.integers(0, 20), st.sampled_from([0, 2, 7]))
def test_advantages_do_not_look_ahead(rewards, count, window):
    given_window = reinforce.Steps(0.1, 0.0, window, 0.5)
    found = given_window.advantages(rewards, 0)
    assert found[:count] == given_window.advantages(rewards[:count], 0)
    assert found[count:] == given_window.advantages(rewards, min(count, len(rewards)))


def test_the_moving_mean_by_hand():
    found = advantages.above_moving_mean([4, 8, 2, 6], 0.5)
    np.testing.assert_array_equal(found, [0, 4, -4, 2])  # of the means 4, 6, 4
    np.testing.assert_array_equal(advantages.above_moving_mean([4, 8, 2], 0.0), [0, 4, -6])


def test_a_failure_counts_as_the_least_so_far_and_as_nothing_before_there_is_one():
    worst = -math.inf
    found = advantages.above_moving_mean([worst, 4, 8, worst], 0.5)
    np.testing.assert_array_equal(found, [0, 0, 4, -2])
