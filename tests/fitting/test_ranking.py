# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The place of the right class agrees with argmax, with a full sort, and with common sense."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

from snas_tf.fitting.ranking import Ranking, mean_absolute_error, rank, ranks_of
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
    ranking = Ranking(
        np.arange(5), np.array([0, 4, 5, 0, 2]), np.array([0, 2, 2, 3, 1]), np.ones(5)
    )
    assert ranking.accuracy() == 0.4 and ranking.accuracy(5) == 0.8


def test_a_network_answers_in_batches_of_any_size(answers):
    logits, labels = answers
    network = keras.Sequential([keras.Input((9,)), keras.layers.Identity()])
    images = tf.data.Dataset.from_tensor_slices((logits, labels)).batch(64)
    found = rank(network, images)
    np.testing.assert_array_equal(found.labels, labels)
    np.testing.assert_array_equal(found.ranks, ranks_of(logits, labels))
    np.testing.assert_array_equal(found.answers, logits.argmax(-1))
    probabilities = tf.nn.softmax(logits).numpy()
    np.testing.assert_allclose(found.certainties, probabilities.max(-1), rtol=1e-5)
    assert accuracy(network, images) == (logits.argmax(-1) == labels).mean()


@given(st.integers(0, 10**6), st.integers(1, 40), st.integers(2, 6))
def test_the_means_over_classes_are_of_recall_and_of_both(seed, count, num_classes):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(count, num_classes)).astype("float32")
    labels = rng.integers(0, num_classes, count)
    found = Ranking(labels, ranks_of(logits, labels), logits.argmax(-1), np.ones(count))
    recalls, f1s = [], []
    for of_class in {*labels.tolist()}:
        right = ((found.answers == of_class) & (labels == of_class)).sum()
        recalls.append(right / (labels == of_class).sum())
        said = max((found.answers == of_class).sum(), 1)
        precision = right / said
        f1s.append(2 * precision * recalls[-1] / (precision + recalls[-1]) if right else 0)
    assert found.balanced_accuracy() == pytest.approx(np.mean(recalls))
    assert found.f1() == pytest.approx(np.mean(f1s))


def test_an_answer_that_is_no_number_is_of_no_class():
    network = keras.Sequential([keras.Input((2,)), keras.layers.Identity()])
    logits = np.array([[np.nan, 1.0], [0.0, 1.0], [3.0, 1.0]], "float32")
    found = rank(network, tf.data.Dataset.from_tensors((logits, np.array([1, 1, 0]))))
    assert found.answers.tolist() == [-1, 1, 0] and found.certainties[1] < found.certainties[2]
    assert (found.balanced_accuracy(), found.f1()) == (0.75, pytest.approx((1 + 2 / 3) / 2))


def test_the_mean_error_passes_over_what_is_no_number():
    network = keras.Sequential([keras.Input((3, 1)), keras.layers.Identity()])
    answers = np.array([[1, 2, 7], [4, 5, 6]], "float32")[..., np.newaxis]
    right = np.array([[1.5, np.nan, 9], [np.nan, 5, np.nan]], "float32")
    batches = tf.data.Dataset.from_tensor_slices((answers, right)).batch(1)
    assert mean_absolute_error(network, batches) == pytest.approx((0.5 + 2 + 0) / 3)
