# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Architectures as points: no distance is stretched, and Hamming's is kept."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import space
from snas_tf.black_box.embedding import Anchors, Distances, OneHot, embedding
from snas_tf.black_box.searcher import generator
from snas_tf.errors import InvalidInput
from tests.black_box import growing, toy

WORDS = st.lists(st.text("abcr", max_size=6).map(growing.Word), min_size=2, max_size=12)


@settings(max_examples=50, deadline=None)
@given(WORDS, st.integers(1, 8))
def test_a_map_by_anchors_stretches_no_distance(words, most):
    searched = growing.Words()
    points = Anchors(words[: len(words) // 2], Distances(searched), most)(words)
    assert points.shape[1] <= most
    for one, word in enumerate(words):
        for other, theirs in enumerate(words):
            apart = np.linalg.norm(points[one] - points[other])
            assert apart <= searched.distance(word, theirs) + 1e-9


def test_what_was_known_lies_apart_until_all_of_it_is_an_anchor():
    words = [growing.Word(text) for text in ("r", "ra", "rab", "bbbb", "ra")]
    points = Anchors(words, Distances(growing.Words()), 32)(words)
    assert points.shape == (5, 4)
    assert np.array_equal(points[1], points[4]) and len(np.unique(points, axis=0)) == 4
    first = Anchors(words, Distances(growing.Words()), 2)(words)
    expected = [[0, 4], [1, 4], [2, 3], [4, 0], [1, 4]]  # the farthest from r is bbbb
    np.testing.assert_allclose(first, np.array(expected) / np.sqrt(2))


def test_a_distance_is_asked_for_once():
    searched = growing.Words()
    distances = Distances(searched)
    words = [growing.Word(text) for text in ("r", "ra", "rab")]
    table = distances.between(words, words)
    assert searched.asked == 6 and np.array_equal(table, table.T)
    distances.between(words, words[:1])
    assert searched.asked == 6
    looked_at = [growing.Word("rb")]
    near = Anchors(words, distances)
    assert near(looked_at)[0].tolist() == near(looked_at)[0].tolist()
    assert searched.asked == 6 + 2 * 3, "what is only looked at is not remembered"
    near(words)
    assert searched.asked == 12


def test_distances_that_a_space_finds_at_once_are_taken():
    class AtOnce(growing.Words):
        def distances(self, rows, columns):
            return np.array([[self.distance(row, column) for column in columns] for row in rows])

        def distance(self, one, other):
            return 0.5 + super().distance(one, other) if one != other else 0.0

    words = [growing.Word(text) for text in ("r", "ra", "rab")]
    assert Distances(AtOnce()).between(words, words[1:])[0].tolist() == [1.5, 2.5]


@pytest.mark.parametrize(
    "searched",
    [toy.SPACE, space.nas_bench_201_cells(), space.CellSpace()],
    ids=["toy", "201", "cell"],
)
def test_one_hot_rows_have_the_distance_of_hamming(searched):
    drawn = [searched.sample(generator(0, number)) for number in range(6)]
    points = embedding(searched, drawn, None)(drawn)
    rows = [np.concatenate([r.argmax(1) for r in searched.encode(each).values()]) for each in drawn]
    for one, row in zip(points, rows, strict=True):
        for other, theirs in zip(points, rows, strict=True):
            assert ((one - other) ** 2).sum() == 2 * (row != theirs).sum()
    assert isinstance(embedding(searched, drawn, None), OneHot)


def test_a_space_of_neither_is_refused():
    class Open:
        sample = mutate = from_json = None

    with pytest.raises(InvalidInput, match="must have `distance.*given Open; do use Random"):
        embedding(Open(), [], None)
