# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""Networks that grew learn as others do: in half precision, on two replicas, on after a stop."""

import keras
import numpy as np
import pytest

from snas_tf import space
from snas_tf.fitting import model_state
from snas_tf.fitting.training_model import TrainingModel
from snas_tf.networks import MorphNetwork
from snas_tf.networks.recalibration import normalizations
from snas_tf.space.morphs.morph import apply

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(16, 6, 6, 1)).astype(np.float32), RNG.integers(3, size=16)
PLAN = space.MorphPlan(3, (6, 6, 1))


def model_of(dropout=0.25, **options):
    """Two morphs behind a root with normalisation, one of them a path that is added."""
    root = space.convolutional_root((6, 6, 1), 3, num_blocks=2, filters=4, dropout=dropout)
    grown = apply(root, space.Morph("add", "normalization_2", "relu_1"))
    grown = apply(grown, space.Morph("widen", "conv_1"))
    keras.utils.set_random_seed(3)
    model = TrainingModel(MorphNetwork(grown, PLAN, **options))
    model.compile(
        keras.optimizers.SGD(0.1, momentum=0.9),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.optimizer.build(model.trainable_variables)
    return model


def in_a_process_of_its_own():
    """A model whose names do not count on from those of others."""
    keras.backend.clear_session()
    return model_of()


def learn(model, epochs):
    return model.fit(X, Y, batch_size=8, epochs=epochs, shuffle=False, verbose=0).history["loss"]


def test_a_training_goes_on_to_the_bit_from_what_a_checkpoint_has():
    """Dropout draws on where it was."""
    whole, first, second = (in_a_process_of_its_own() for _ in range(3))
    learn(whole, 2)
    learn(first, 1)
    model_state.restore(second, model_state.collect(first))
    learn(second, 1)
    expected, found = model_state.collect(whole), model_state.collect(second)
    assert expected.keys() == found.keys() and any("seed_generator" in name for name in found)
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value, err_msg=name)


def test_half_precision_learns():
    model = model_of(dtype="mixed_bfloat16")
    losses = learn(model, 8)
    assert np.isfinite(losses).all() and losses[-1] < losses[0]
    assert {weight.dtype for weight in model.child.trainable_weights} == {"float32"}


def test_two_replicas_learn_what_one_device_does(two_replicas):
    """Where they share the statistics of their images, and nothing is dropped."""
    alone = model_of(dropout=0.0, synchronized_batch_norm=True)
    with two_replicas.scope():
        together = model_of(dropout=0.0, synchronized_batch_norm=True)
    together.child.set_weights(alone.child.get_weights())
    assert learn(together, 2) == pytest.approx(learn(alone, 2), rel=1e-4)
    for one, other in zip(alone.child.weights, together.child.weights, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-3, atol=1e-5, err_msg=one.path)
        for local in two_replicas.experimental_local_results(other.value):
            np.testing.assert_array_equal(local, other)
    assert all(layer.synchronized for layer in normalizations(together.child))
