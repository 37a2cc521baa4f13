# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A trial says whether it ended and what it was worth; its seed is its own."""

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.black_box.trial import Trial, evaluation_seed
from snas_tf.errors import InvalidInput

RUNS = Trial(3, "an architecture")


def test_a_trial_ends_with_metrics_or_with_a_failure():
    measured = dataclasses.replace(RUNS, metrics={"accuracy": 0.5}, rewards=(0.5,))
    failed = dataclasses.replace(RUNS, failure="OSError: no space")
    assert [trial.ended for trial in (RUNS, measured, failed)] == [False, True, True]
    assert [trial.reward for trial in (RUNS, measured, failed)] == [-math.inf, 0.5, -math.inf]
    assert len({RUNS, measured, failed}) == 3, "trials are hashable"


def test_several_rewards_are_no_single_one():
    with pytest.raises(InvalidInput, match="this one gives 2; do take a weighted sum"):
        _ = dataclasses.replace(RUNS, rewards=(0.5, 1.0)).reward


@given(st.integers(0, 2**40), st.lists(st.integers(0, 2**31 - 1), unique=True, min_size=2))
def test_no_two_trials_have_one_seed(seed, numbers):
    seeds = [evaluation_seed(seed, number) for number in numbers]
    assert len({*seeds}) == len(seeds)
    assert all(0 <= each < 2**31 for each in seeds)
    assert seeds == [evaluation_seed(seed, number) for number in numbers]


def test_seeds_of_searches_differ():
    assert len({evaluation_seed(seed, 0) for seed in range(1000)}) == 1000
