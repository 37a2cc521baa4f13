# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The dominant eigenvalue is that of the whole matrix, and of the whole Hessian."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from snas_tf import ArchitectureDistribution, Snas
from snas_tf.search.curvature import MeasureCurvature, dominant_eigenvalue
from snas_tf.search.early_stopping import CURVATURE
from tests.planted import SPACE, Planted, batches


@given(seed=st.integers(0, 10**6), size=st.integers(1, 12), rank=st.integers(0, 12))
@settings(max_examples=50, deadline=None)
def test_lanczos_finds_the_eigenvalue_of_largest_magnitude(seed, size, rank):
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(size, min(rank, size)))
    matrix = vectors @ np.diag(rng.normal(size=vectors.shape[1])) @ vectors.T
    expected = np.linalg.eigvalsh(matrix)
    expected = expected[np.abs(expected).argmax()]
    found = dominant_eigenvalue(matrix.__matmul__, size, size)
    assert abs(found) == pytest.approx(abs(expected), rel=1e-6, abs=1e-9)


def test_ten_products_suffice_for_one_that_stands_out():
    rng = np.random.default_rng(0)
    basis, _ = np.linalg.qr(rng.normal(size=(200, 200)))
    values = np.append(rng.uniform(-1, 1, 199), -5.0)
    asked = []

    def product(vector):
        asked.append(vector)
        return basis @ (values * (basis.T @ vector))

    assert dominant_eigenvalue(product, 200) == pytest.approx(-5.0, rel=1e-3)
    assert len(asked) == 10


@pytest.fixture
def model():
    made = Snas(Planted(), ArchitectureDistribution(SPACE, keras.initializers.RandomNormal(seed=3)))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=-1)
    made.compile("sgd", loss)
    return made


def test_it_is_that_of_the_hessian_of_the_mixture(model):
    inputs, labels = batches(1)[0]
    flat = tf.Variable(
        np.concatenate([v.numpy().ravel() for v in model.architecture.logits.values()])
    )
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            first, unused = tf.split(flat, [6, 2])
            samples = {
                "first": tf.nn.softmax(tf.reshape(first, (2, 3))),
                "unused": tf.nn.softmax(tf.reshape(unused, (1, 2))),
            }
            loss = model.loss(labels, model.supernet(inputs, samples))
        gradient = inner.gradient(loss, flat)
    hessian = outer.jacobian(gradient, flat).numpy()
    expected = np.abs(np.linalg.eigvalsh(hessian)).max()
    measure = MeasureCurvature((inputs, labels))
    measure.set_model(model)
    logs = {}
    measure.on_epoch_end(0, logs)
    assert logs[CURVATURE] == pytest.approx(expected, rel=0.01)
    again = {}
    measure.on_epoch_end(1, again)
    assert again == logs


def test_it_leaves_the_model_as_it_was(model):
    before = [weight.numpy() for weight in model.weights]
    measure = MeasureCurvature(batches(1)[0])
    measure.set_model(model)
    measure.measure()
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight, value)
