# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""How Z is drawn, and how the gradient dL/dZ flows back to the logits."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ArchitectureDistribution, space
from snas_tf.search.estimators import ESTIMATORS, concrete, softmax
from tests.search.small_models import as_arrays, build_compiled, digits

SEED = tf.constant([3, 4])
TEMPERATURES = (1.0, 0.1)


@pytest.fixture
def architecture():
    initializer = keras.initializers.RandomNormal(seed=0)
    return ArchitectureDistribution(space.CellSpace(2), initializer=initializer)


def gradients(estimator, architecture, temperature, upstream):
    """The gradient of <upstream, Z> in the logits of every kind."""
    with tf.GradientTape() as tape:
        samples = estimator(architecture, tf.constant(temperature), SEED)
        loss = tf.add_n([tf.reduce_sum(upstream[kind] * samples[kind]) for kind in samples])
    logits = {kind: variable.value for kind, variable in architecture.logits.items()}
    return as_arrays(samples), as_arrays(tape.gradient(loss, logits))


@pytest.fixture
def upstream(architecture, rng):
    return {
        kind: rng.normal(size=logits.shape).astype("float32")
        for kind, logits in architecture.logits.items()
    }


def test_all_estimators_go_by_name():
    assert ESTIMATORS == {"concrete": concrete, "softmax": softmax}


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_concrete_is_a_reparametrised_sample(temperature, architecture, upstream):
    samples, slopes = gradients(concrete, architecture, temperature, upstream)
    drawn = as_arrays(architecture.sample(tf.constant(temperature), SEED))
    for kind, z in samples.items():
        np.testing.assert_array_equal(z, drawn[kind])
        mean = np.sum(z * upstream[kind], axis=-1, keepdims=True)
        expected = z * (upstream[kind] - mean) / temperature
        np.testing.assert_allclose(slopes[kind], expected, atol=1e-5)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_softmax_is_the_mixture_whatever_temperature_and_seed(temperature, architecture, upstream):
    mixture, slopes = gradients(softmax, architecture, temperature, upstream)
    for kind, p in mixture.items():
        logits = architecture.logits[kind].numpy()
        exponentials = np.exp(logits)
        np.testing.assert_allclose(p, exponentials / exponentials.sum(-1, keepdims=True), atol=1e-6)
        expected = p * (upstream[kind] - np.sum(p * upstream[kind], axis=-1, keepdims=True))
        np.testing.assert_allclose(slopes[kind], expected, atol=1e-6)
    other = softmax(architecture, tf.constant(0.03), tf.constant([9, 9]))
    for kind, p in mixture.items():
        np.testing.assert_array_equal(as_arrays(other)[kind], p)


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_rows_are_on_the_simplex(estimator, architecture):
    for z in as_arrays(ESTIMATORS[estimator](architecture, tf.constant(0.3), SEED)).values():
        assert z.shape == (architecture.cells.num_edges, architecture.cells.num_operations)
        assert z.min() >= 0
        np.testing.assert_allclose(z.sum(axis=-1), 1.0, atol=1e-6)


def test_the_mixture_is_what_its_model_trains_with():
    model = build_compiled(estimator="softmax", logits=1.0)
    first, second = (model.draw(tf.constant([n, n])) for n in (0, 1))
    for kind, p in model.architecture.probabilities().items():
        np.testing.assert_array_equal(first[kind], p)
        np.testing.assert_array_equal(second[kind], p)
    before = as_arrays(model.architecture.logits)
    model.train_step(digits(0, 8))
    for kind, logits in as_arrays(model.architecture.logits).items():
        assert np.abs(logits - before[kind]).max() > 1e-3


def test_a_new_estimator_needs_no_more_than_its_function(monkeypatch):
    """Here a straight-through one: one-hot forward, the gradient of the relaxed sample back."""

    def straight_through(architecture, temperature, seed):
        @tf.custom_gradient
        def harden(z):
            return tf.one_hot(tf.argmax(z, axis=-1), z.shape[-1]), lambda gradient: gradient

        samples = concrete(architecture, temperature, seed)
        return {kind: harden(z) for kind, z in samples.items()}

    monkeypatch.setitem(ESTIMATORS, "straight_through", straight_through)
    model = build_compiled(estimator="straight_through")
    assert set(np.unique(model.draw(SEED)["normal"])) == {0.0, 1.0}
    model.train_step(digits(0, 8))
    for logits in as_arrays(model.architecture.logits).values():
        assert np.abs(logits).max() > 1e-3
