# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The place of the right class agrees with argmax, with a full sort, and with common sense."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf.fitting.ranking import Ranking, rank, ranks_of
from snas_tf.programs.datasets.dataset import accuracy


@pytest.fixture
def answers(rng):
    return rng.integers(-3, 3, (200, 9)).astype("float32"), rng.integers(0, 9, 200)


def test_rank_zero_is_what_argmax_says_also_among_equals(answers):
    logits, labels = answers
    np.testing.assert_array_equal(ranks_of(logits, labels) == 0, logits.argmax(-1) == labels)


def test_it_is_the_place_in_the_sorted_answers(answers):
    logits, labels = answers
    order = np.argsort(-logits, axis=-1, kind="stable")
    places = (order == labels[:, None]).argmax(-1)
    np.testing.assert_array_equal(ranks_of(logits, labels), places)


def test_a_network_that_diverged_is_right_nowhere():
    logits = np.full((3, 4), np.nan, "float32")
    assert not (ranks_of(logits, np.array([0, 1, 3])) == 0).any()
    partly = np.array([[1.0, np.nan, 0.0]], "float32")
    assert list(ranks_of(partly, np.array([0]))) == [1]


def test_accuracies_count_the_first_k():
    ranking = Ranking(labels=np.arange(5), ranks=np.array([0, 4, 5, 0, 2]))
    assert ranking.accuracy() == 0.4 and ranking.accuracy(5) == 0.8


def test_a_network_answers_in_batches_of_any_size(answers):
    logits, labels = answers
    network = keras.Sequential([keras.Input((9,)), keras.layers.Identity()])
    images = tf.data.Dataset.from_tensor_slices((logits, labels)).batch(64)
    found = rank(network, images)
    np.testing.assert_array_equal(found.labels, labels)
    np.testing.assert_array_equal(found.ranks, ranks_of(logits, labels))
    assert accuracy(network, images) == (logits.argmax(-1) == labels).mean()
