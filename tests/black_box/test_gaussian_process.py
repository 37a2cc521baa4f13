# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The Gaussian process against its closed forms, and where measurements are few or repeated."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf.black_box.gaussian_process import GaussianProcess


def drawn(seed, count, dimensions=3):
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(count, dimensions))
    return points, np.sin(points).sum(axis=1) * 40 + 7


def kernel(process, one, other):
    return process._process.kernel_(one, other)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 99), count=st.integers(1, 30))
def test_the_posterior_is_that_of_the_formula(seed, count):
    points, values = drawn(seed, count)
    process = GaussianProcess(points, values)
    unit, others = values.std() or 1.0, drawn(seed + 1, 5)[0]
    gram = kernel(process, points, points) + np.eye(count) * (process.noise / unit) ** 2
    across = kernel(process, others, points)
    mean = across @ np.linalg.solve(gram, (values - values.mean()) / unit)
    variance = kernel(process, others, others) - across @ np.linalg.solve(gram, across.T)
    found, deviation = process.predict(others)
    np.testing.assert_allclose(found, values.mean() + unit * mean, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(deviation, unit * np.sqrt(np.diag(variance)), rtol=1e-3, atol=1e-3)


def test_what_is_smooth_is_learnt_and_a_measured_point_is_known():
    points, values = drawn(0, 40)
    process = GaussianProcess(points, values)
    mean, deviation = process.predict(points)
    assert process.noise < 0.1 * values.std()
    assert np.abs(mean - values).max() < 3 * process.noise and deviation.max() < process.noise * 1.1
    far = process.predict(points[:1] + 1e3)
    assert far[0] == pytest.approx(values.mean()) and far[1] > 0.5 * values.std()
    others, truth = drawn(1, 200)
    errors = process.predict(others)[0] - truth
    assert np.sqrt(np.mean(errors**2)) < 0.4 * truth.std()


def test_noise_is_told_from_signal():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(100, 2))
    process = GaussianProcess(points, points[:, 0] + rng.normal(scale=0.5, size=100))
    assert 0.4 < process.noise < 0.6


def test_the_unit_of_the_values_changes_nothing():
    points, values = drawn(3, 12)
    others = drawn(4, 4)[0]
    mean, deviation = GaussianProcess(points, values).predict(others)
    found = GaussianProcess(points, 1000 * values - 3).predict(others)
    np.testing.assert_allclose(found[0], 1000 * mean - 3, rtol=1e-4)
    np.testing.assert_allclose(found[1], 1000 * deviation, rtol=1e-4)


def test_leaving_one_out_is_what_a_process_without_it_predicts():
    points, values = drawn(5, 9)
    process = GaussianProcess(points, values)
    unit = values.std()
    means, deviations = process.leave_one_out()
    for left in range(9):
        rest = np.arange(9) != left
        gram = kernel(process, points, points) + np.eye(9) * (process.noise / unit) ** 2
        weights = np.linalg.solve(gram[np.ix_(rest, rest)], gram[rest, left])
        mean = weights @ (values[rest] - values.mean())
        assert means[left] == pytest.approx(values.mean() + mean, rel=1e-4)
        expected = unit * np.sqrt(gram[left, left] - weights @ gram[rest, left])
        assert deviations[left] == pytest.approx(expected, rel=1e-4)


def test_what_is_believed_is_no_longer_worth_a_look_and_changes_no_mean():
    points, values = drawn(6, 10)
    elsewhere = points[:1] + 1.5
    without = GaussianProcess(points, values)
    believing = GaussianProcess(points, values, elsewhere)
    assert believing.predict(elsewhere)[0] == pytest.approx(without.predict(elsewhere)[0], rel=1e-3)
    assert believing.predict(elsewhere)[1] < 0.01 * without.predict(elsewhere)[1]
    others = drawn(7, 5)[0]
    np.testing.assert_allclose(
        believing.predict(others)[0], without.predict(others)[0], rtol=1e-3, atol=0.05
    )


@pytest.mark.parametrize(
    ("points", "values"),
    [
        (np.zeros((1, 2)), [3.0]),
        (np.zeros((6, 2)), [1.0, 2.0, 1.5, 1.0, 2.0, 1.5]),
        (np.repeat(np.eye(2), 200, axis=0), np.arange(400.0)),
        (np.random.default_rng(0).normal(size=(8, 2)), [5.0] * 8),
    ],
    ids=["one", "one point", "two points", "one value"],
)
def test_few_repeated_and_equal_measurements_are_no_trouble(points, values):
    process = GaussianProcess(points, np.array(values), points[:3])
    mean, deviation = process.predict(points)
    assert np.isfinite(mean).all() and (deviation >= 0).all() and np.isfinite(deviation).all()
    np.testing.assert_allclose(process.predict(points[:1] + 99)[0], np.mean(values), rtol=0.1)
