# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The multiple-choice knapsack against every choice there is, and where it cannot keep them all."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf.space.choices_within import best_choice

ROWS, OPTIONS = 5, 3
ALL = np.array(list(itertools.product(range(OPTIONS), repeat=ROWS)))


def sums(values, choices, start=0.0):
    """What choices (n, rows) add up to, row by row."""
    total = start
    for row in range(values.shape[0]):
        total = total + values[row, choices[:, row]]
    return total


@st.composite
def problems(draw):
    """Scores, costs and limits; each limit is what one of the choices costs, to the last bit."""
    limits = draw(st.integers(1, 3))
    generator = np.random.default_rng(draw(st.integers(0, 10**6)))
    scores = np.log(generator.dirichlet(np.ones(OPTIONS), ROWS))
    costs = generator.random((ROWS, OPTIONS, limits))
    if draw(st.booleans()):  # as costs of networks are, some alike
        costs = np.floor(4 * costs) * draw(st.sampled_from([1.0, 1e6, 0.1]))
    if draw(st.booleans()):
        scores = np.round(scores)
    start = generator.random(limits)
    most = np.array(
        [sums(costs, ALL, start)[draw(st.integers(0, len(ALL) - 1)), n] for n in range(limits)]
    )
    return scores, costs, start, most


@pytest.mark.slow
@given(problem=problems())
@settings(max_examples=150, deadline=None)
def test_no_choice_within_the_limits_is_better(problem):
    scores, costs, start, most = problem
    within = np.all(sums(costs, ALL, start) <= most, axis=1)
    found = best_choice(scores, costs, start, most)
    if not within.any():
        assert found is None
        return
    assert np.all(sums(costs, found[None], start) <= most)
    best = sums(scores, ALL[within]).max()
    assert sums(scores, found[None])[0] == pytest.approx(best, abs=1e-9)


def puzzle(limits):
    """Scores that rise with costs, all of them different: the bound tells hardly anything apart."""
    generator = np.random.default_rng(3)
    costs = generator.random((28, 8, limits))
    most = costs[np.arange(28), generator.integers(0, 8, 28)].sum(axis=0)
    return 10.0 * costs.sum(axis=-1), costs, np.zeros(limits), most


@pytest.mark.parametrize("limits", [1, 2])
@pytest.mark.parametrize("most_kept", [1, 500])
def test_where_not_all_can_be_kept_the_limits_are(limits, most_kept):
    scores, costs, start, most = puzzle(limits)
    found = best_choice(scores, costs, start, most, most_kept)
    assert np.all(sums(costs, found[None], start) <= most)


def test_a_choice_is_found_though_none_was_kept():
    """One choice of all keeps to both limits, and it does not look like it."""
    generator = np.random.default_rng(0)
    cheap = generator.integers(0, 6, 20)
    costs = generator.random((20, 6, 2))
    costs[np.arange(20), cheap] = 0.45
    costs[..., 1] = np.where(costs[..., 0] == 0.45, 0.45, 1.0 - costs[..., 0])
    scores = costs[..., 0]
    most = np.full(2, 0.45 * 20 + 1e-6)
    found = best_choice(scores, costs, np.zeros(2), most, 1)
    assert found.tolist() == cheap.tolist()
    assert best_choice(scores, costs, np.zeros(2), most - 1e-3, 1) is None
