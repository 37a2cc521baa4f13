# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A search whose steps run one operation an edge: what a step is, and that it is a Keras model."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import space
from snas_tf.search.estimators import SINGLE_PATH
from snas_tf.seeds import stateless_seed
from tests.search.small_models import (
    CROSS_ENTROPY,
    SKELETON,
    as_arrays,
    build,
    build_compiled,
    digits,
    state,
)
from tests.search.test_replicas import TINY, batches_of

ALL = space.CellSpace(2)
every_estimator = pytest.mark.parametrize("estimator", sorted(SINGLE_PATH))
ANNEALED = keras.optimizers.schedules.PolynomialDecay(1.0, 5, 0.03)


def constants(samples):
    return {kind: tf.constant(value.numpy()) for kind, value in samples.items()}


def fit(model, start=0, stop=48, **kwargs):
    images, labels = digits(start, stop)
    arguments = {"batch_size": 16, "shuffle": False, "verbose": 0, **kwargs}
    return model.fit(images, labels, **arguments).history


# === A step is that of the child network ===


def test_a_step_is_that_of_the_chosen_child():
    """Its loss; the gradient of its weights and, exactly, of no other; its running statistics."""
    model = build(ALL, SKELETON, estimator="straight_through", logits=1.0)
    model.compile(loss=CROSS_ENTROPY)
    images, labels = digits(0, 16)
    samples = constants(model.draw(tf.constant([1, 2])))
    genotype = space.derive({k: v.numpy() for k, v in samples.items()}, ALL, "argmax")
    child = model.supernet.child(genotype)
    before = {variable.path: variable.numpy() for variable in model.supernet.weights}

    with tf.GradientTape() as tape:
        expected = CROSS_ENTROPY(labels, child(images, training=True))
    weights = child.trainable_variables
    slopes = tape.gradient(expected, [variable.value for variable in weights])
    of_child = {v.path: s.numpy() for v, s in zip(weights, slopes, strict=True) if s is not None}
    loss, _, of_weights, _ = model.forward_and_backward(images, labels, None, samples)

    np.testing.assert_allclose(loss, expected, rtol=1e-5)
    found = (
        sorted(
            row.ravel()
            for variable, slope in zip(model.supernet.trainable_variables, of_weights, strict=True)
            for row in rows(variable, slope.numpy())
            if np.any(row)
        )
        if False
        else [
            np.linalg.norm(row)
            for variable, slope in zip(model.supernet.trainable_variables, of_weights, strict=True)
            for row in rows(variable, slope.numpy())
            if np.any(row)
        ]
    )
    kernels = [
        np.linalg.norm(slope)
        for path, slope in of_child.items()
        if not path.endswith(("gamma", "beta")) or "stem" in path
    ]
    np.testing.assert_allclose(sorted(found), sorted(kernels), rtol=1e-3)
    moved = sum(
        not np.array_equal(old, new)
        for variable in model.supernet.non_trainable_variables
        for old, new in zip(
            rows(variable, before[variable.path]), rows(variable, variable.numpy()), strict=True
        )
    )
    assert moved == len(child.non_trainable_variables)


def rows(variable, value):
    """A weight edge by edge; those outside of the cells' edges whole."""
    return value if "/source_" in variable.path else [value]
