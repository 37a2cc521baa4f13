# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The scores as formulas, against closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.evaluation.zero_cost import formulas


def kernel(codes):
    """By the definition: the units on which two codes agree."""
    return (codes[:, None] == codes[None]).sum(-1).astype(float)


CODES = st.tuples(st.integers(2, 12), st.integers(1, 60), st.integers(0, 2**31)).map(
    lambda drawn: np.random.default_rng(drawn[2]).integers(0, 2, drawn[:2]).astype(bool)
)


@given(CODES)
def test_the_score_is_never_nan_and_never_above_hadamards_bound(codes):
    score = formulas.log_determinant(kernel(codes))
    assert score <= len(codes) * math.log(codes.shape[1]) + 1e-9
    assert not math.isnan(score)


@given(CODES, st.randoms(use_true_random=False))
def test_the_order_of_the_inputs_does_not_matter(codes, random):
    order = random.sample(range(len(codes)), len(codes))
    score = formulas.log_determinant(kernel(codes))
    assert formulas.log_determinant(kernel(codes[order])) == pytest.approx(score, rel=1e-9)


@given(CODES)
def test_two_inputs_of_one_code_are_worth_nothing(codes):
    twice = np.concatenate([codes, codes[:1]])
    assert formulas.log_determinant(kernel(twice)) == -math.inf


def test_fair_bits_have_the_score_that_their_number_gives_them():
    codes = np.random.default_rng(0).integers(0, 2, (64, 20_000)).astype(bool)
    expected = 64 * math.log(20_000 / 2) + math.log(1 + 64)
    assert formulas.log_determinant(kernel(codes)) == pytest.approx(expected, rel=1e-3)


def test_codes_that_differ_in_one_unit_are_told_apart_among_millions():
    # K = [[N, N - 1], [N - 1, N]]: the determinant is 2 N - 1.
    count = 2**24 - 1
    score = formulas.log_determinant([[count, count - 1], [count - 1, count]])
    assert score == pytest.approx(math.log(2 * count - 1), rel=1e-6)


def test_gradients_at_right_angles_have_the_best_score():
    # Their correlations are the identity: each eigenvalue is 1.
    rows = np.array([[1, -1, 0, 0], [0, 0, 1, -1], [1, 1, -1, -1]], float)
    expected = -3 * (math.log(1 + 1e-5) + 1 / (1 + 1e-5))
    assert formulas.jacobian_correlation(rows) == pytest.approx(expected)
    nearly = rows + [[0, 0, 0.5, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert formulas.jacobian_correlation(nearly) < expected


@given(st.integers(0, 2**31), st.floats(0.01, 100))
def test_the_correlation_score_knows_no_lengths(seed, factor):
    rows = np.random.default_rng(seed).normal(size=(5, 3, 4))
    scaled = rows * np.array([factor, 1, 1, 2, 3])[:, None, None]
    score = formulas.jacobian_correlation(rows)
    assert formulas.jacobian_correlation(scaled) == pytest.approx(score, rel=1e-6)


@pytest.mark.parametrize("row", [np.zeros(4), np.full(4, 2.0), np.full(4, math.nan)])
def test_an_input_without_a_gradient_that_varies_is_worth_nothing(row):
    rows = np.random.default_rng(0).normal(size=(3, 4))
    rows[1] = row
    assert formulas.jacobian_correlation(rows) == -math.inf
