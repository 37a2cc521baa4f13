# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.space.morphs import distance
from snas_tf.space.morphs.morph import ADD, DEEPEN, NORMALIZE, WIDEN, apply

KINDS = ("Conv2D ", "Dense ", "ReLU ", "MaxPooling2D ")
SIZES = st.tuples(*[st.integers(1, 64)] * 3)
LAYERS = st.lists(st.tuples(st.sampled_from(KINDS), SIZES), max_size=5)
PLACES = st.tuples(st.integers(1, 9), st.integers(1, 9))
SKIPS = st.lists(st.tuples(st.sampled_from(("Add", "Concatenate")), PLACES), max_size=3)


@st.composite
def descriptors(draw):
    layers, skips = draw(LAYERS), draw(SKIPS)
    return distance.Descriptor(
        tuple(
            (kind, (a if kind != "ReLU " else 1, *((b, c) if kind[0] in "CM" else (1, 1)), 1))
            for kind, (a, b, c) in layers
        ),
        np.array([place for _, place in skips], np.float64).reshape(-1, 2),
        tuple(kind for kind, _ in skips),
    )


@settings(max_examples=200, deadline=None)
@given(descriptors(), descriptors(), descriptors(), st.floats(0.1, 3))
def test_it_is_a_metric(a, b, c, weight):
    def d(first, second):
        return distance.distance(first, second, weight)

    assert d(a, a) == 0
    assert d(a, b) == d(b, a)
    assert d(a, c) <= d(a, b) + d(b, c) + 1e-9


def test_it_is_the_same_both_ways_round_to_the_last_bit():
    """So that what a search proposes does not depend on which way a pair was first looked at."""
    one, other = (
        distance.Descriptor((), np.array(skips, np.float64), ("Add",) * 3)
        for skips in ([(1, 5), (1, 5), (5, 4)], [(3, 4), (6, 2), (4, 2)])
    )
    assert distance.distance(one, other) == distance.distance(other, one)


@settings(max_examples=100, deadline=None)
@given(*[st.lists(descriptors(), max_size=4)] * 2)
def test_it_is_the_edit_distance_one_by_one_too(rows, columns):
    together = distance.distances(rows, columns)
    assert together.shape == (len(rows), len(columns))
    for found, first in zip(together, rows, strict=True):
        for value, other in zip(found, columns, strict=True):
            assert value == pytest.approx(alignment(first, other) + skip_distance(first, other))


def alignment(a, b):
    """A[i, j] of the paper, by its recursion."""
    cost = np.add.outer(np.arange(len(a.layers) + 1.0), np.arange(len(b.layers) + 1.0))
    for i, (kind, of_a) in enumerate(a.layers, 1):
        for j, (other, of_b) in enumerate(b.layers, 1):
            apart = 1.0
            if kind == other:
                x, y = np.array(of_a), np.array(of_b)
                count = 3 if kind[0] in "CM" else 1
                apart = np.sum(abs(x - y) / np.maximum(x, y)) / count
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + apart)
    return cost[-1, -1]


def skip_distance(a, b):
    """The least over all matchings, by trying all of them."""
    if len(a.merges) > len(b.merges):
        a, b = b, a

    def best(row, free):
        if row == len(a.merges):
            return len(b.merges) - len(a.merges)
        return min(
            (0 if a.merges[row] == b.merges[k] else 1)
            + (a.merges[row] == b.merges[k])
            * np.sum(abs(a.skips[row] - b.skips[k]))
            / np.sum(np.maximum(a.skips[row], b.skips[k]))
            + best(row + 1, free - {k})
            for k in free
        )

    return best(0, frozenset(range(len(b.merges))))


def test_what_morphs_cost():
    images = space.convolutional_root((8, 8, 1), 10, num_blocks=2, filters=8)
    table = space.dense_root(4, 2, num_layers=2, units=8)
    for root, morph, expected in (
        (table, space.Morph(WIDEN, "dense_1"), 0.5),
        (images, space.Morph(WIDEN, "conv_1"), 0.5 / 3),  # of width, kernel and stride
        (table, space.Morph(DEEPEN, "dense_1", NORMALIZE), 1.0),
        (images, space.Morph(ADD, "normalization_2", "relu_1"), 1.0),
    ):
        grown = apply(root, morph)
        assert space.MorphSpace(root).distance(root, grown) == pytest.approx(expected)
        assert space.MorphSpace(root, skip_weight=2.0).distance(root, grown) == pytest.approx(
            expected * (1 + (morph.kind == ADD))
        )
