# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The front holds what nothing dominates, and the hypervolume is what counting cells gives."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from snas_tf.black_box import pareto
from snas_tf.errors import InvalidInput

SIDE = 4


@st.composite
def points(draw, least=0):
    """Whole numbers, few enough that many are equal."""
    shape = (draw(st.integers(least, 9)), draw(st.integers(1, 3)))
    return draw(arrays.arrays(np.float64, shape, elements=st.integers(-1, SIDE).map(float)))


def dominates(one, other):
    return (one >= other).all() and (one > other).any()


@given(points())
def test_the_front_holds_what_nothing_dominates_and_each_point_once(given_points):
    kept = pareto.front(given_points)
    expected = [
        row
        for row, point in enumerate(given_points)
        if not any(dominates(other, point) for other in given_points)
        and not any((other == point).all() for other in given_points[:row])
    ]
    assert kept.tolist() == expected


@given(points())
def test_ranks_are_the_fronts_that_are_left_when_those_before_are_taken_away(given_points):
    found, left = pareto.ranks(given_points), np.arange(len(given_points))
    for rank in range(len(given_points)):
        expected = [
            row
            for row in left
            if not any(dominates(given_points[other], given_points[row]) for other in left)
        ]
        assert np.flatnonzero(found == rank).tolist() == expected
        left = np.setdiff1d(left, expected)
    assert not left.size


@given(points())
def test_the_hypervolume_of_whole_points_is_a_number_of_cells(given_points):
    coordinates = given_points.shape[1]
    cells = [
        cell
        for cell in itertools.product(range(SIDE), repeat=coordinates)
        if any((np.array(cell) + 1 <= point).all() for point in given_points)
    ]
    assert pareto.hypervolume(given_points, [0] * coordinates) == len(cells)


@given(points(least=1), st.integers(0, 8))
def test_it_grows_with_what_is_not_dominated_and_only_with_that(given_points, row):
    reference = [-2.0] * given_points.shape[1]
    row %= len(given_points)
    without = np.delete(given_points, row, axis=0)
    before, after = (pareto.hypervolume(each, reference) for each in (without, given_points))
    point = given_points[row]
    if any(dominates(other, point) or (other == point).all() for other in without):
        assert after == before
    else:
        assert after > before


@pytest.mark.parametrize("coordinates", [1, 2, 3])
def test_it_agrees_with_inclusion_and_exclusion(rng, coordinates):
    for _ in range(20):
        drawn, reference = rng.normal(size=(7, coordinates)), rng.normal(size=coordinates) - 1
        expected = 0.0
        for size in range(1, 8):
            for rows in itertools.combinations(range(7), size):
                corner = drawn[[*rows]].min(axis=0) - reference
                expected -= (-1) ** size * np.prod(np.maximum(corner, 0))
        assert pareto.hypervolume(drawn, reference) == pytest.approx(expected, abs=1e-10)


def test_points_that_are_not_above_the_reference_count_nothing():
    assert pareto.hypervolume([[3, 1], [1, 3]], [1, 1]) == 0.0
    assert pareto.hypervolume([], [1, 1, 1]) == 0.0
    assert pareto.front(np.empty((0, 2))).size == 0


def test_infinite_points_have_a_front():
    assert pareto.front([[-np.inf, -np.inf], [1, 2], [np.inf, 0]]).tolist() == [1, 2]


@pytest.mark.parametrize(
    ("given_points", "reference", "message"),
    [
        ([[1.0]], [[0.0]], "`reference` must be one to three"),
        ([[1.0] * 4], [0.0] * 4, "`reference` must be one to three"),
        ([[1.0, 2.0]], [0.0], r"of 1 coordinates as `reference` is: given \(1, 2\)"),
        ([[np.inf]], [0.0], "`points` must be finite"),
        ([[np.nan]], [0.0], r"given \(1, 1\) with NaN"),
        ([1.0, 2.0], [0.0], r"\(points, coordinates\): given \(2,\)"),
        ([[1.0]], [np.nan], "finite numbers: given"),
    ],
)
def test_what_has_no_volume_is_refused(given_points, reference, message):
    with pytest.raises(InvalidInput, match=message):
        pareto.hypervolume(given_points, reference)
