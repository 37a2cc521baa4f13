# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Cached answers of a frozen network are its answers, computed once."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf.errors import InvalidInput
from snas_tf.networks import cached_features


@pytest.fixture
def frozen():
    """It has statistics that are not those of a batch, and answers by them."""
    layers = [keras.layers.Dense(5), keras.layers.BatchNormalization()]
    network = keras.Sequential([keras.Input((3,)), *layers])
    network.layers[1].moving_mean.assign(np.linspace(-1, 1, 5))
    network.trainable = False
    return network


def batches(*arrays, size=4):
    return tf.data.Dataset.from_tensor_slices(arrays if len(arrays) > 1 else arrays[0]).batch(size)


def test_what_is_cached_is_what_the_network_answers(frozen, rng):
    x, y, w = rng.normal(size=(10, 3)).astype("float32"), np.arange(10), np.ones(10)
    found = cached_features(frozen, batches(x, y, w))
    for _ in range(2):
        features, labels, weights = (np.concatenate(parts) for parts in zip(*found, strict=True))
        np.testing.assert_allclose(features, frozen(x, training=False), rtol=1e-6)
        np.testing.assert_array_equal(labels, y)
        np.testing.assert_array_equal(weights, w)
    (alone,) = cached_features(frozen, batches(x, size=10))
    np.testing.assert_allclose(alone, frozen(x), rtol=1e-6)


def test_it_is_computed_once(frozen, rng):
    found = cached_features(frozen, batches(rng.normal(size=(8, 3)).astype("float32")))
    first = np.concatenate([*found])
    frozen.layers[0].kernel.assign(np.zeros((3, 5)))
    np.testing.assert_array_equal(np.concatenate([*found]), first)


def test_a_head_that_learnt_from_them_stands_behind_the_network(frozen, rng):
    """As if it had learnt behind it from the start, but for rounding."""
    x, y = rng.normal(size=(16, 3)).astype("float32"), rng.integers(0, 2, 16)

    def head():
        keras.utils.set_random_seed(1)
        return keras.Sequential([keras.Input((5,)), keras.layers.Dense(2)])

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    alone, whole = head(), keras.Sequential([frozen, head()])
    data = batches(x, y)
    for model, learnt in ((alone, cached_features(frozen, data)), (whole, data)):
        model.compile(keras.optimizers.SGD(0.1), loss)
        model.fit(learnt, epochs=3, verbose=0)
    joined = keras.Sequential([frozen, alone])
    np.testing.assert_allclose(joined(x), whole(x), rtol=1e-5, atol=1e-6)


def test_what_can_learn_or_never_ends_is_refused(frozen, rng):
    data = batches(rng.normal(size=(4, 3)).astype("float32"))
    with pytest.raises(InvalidInput, match="`data` must have an end"):
        cached_features(frozen, data.repeat())
    frozen.trainable = True
    with pytest.raises(InvalidInput, match="nothing to learn: .* 4 trainable .* trainable = False"):
        cached_features(frozen, data)
