# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The average is the recursion, of weights and statistics, whatever the step is cut into."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ChildNetwork, space
from snas_tf.fitting import weight_average
from snas_tf.fitting.training_model import TrainingModel
from snas_tf.training.optimizers import SGD

GENOTYPE = space.Genotype(
    {
        "normal": (space.Connection(1, 2, "dil_conv_3x3"),),
        "reduction": (
            space.Connection(0, 2, "max_pool_3x3"),
            space.Connection(1, 2, "dil_conv_3x3"),
        ),
    },
    num_nodes=1,
)
SKELETON = space.Skeleton(num_cells=1, init_channels=2, num_classes=3, image_shape=(4, 4, 1))
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
DECAY = 0.25  # reached in the second step, as (1 + 2) / (10 + 2)


def compiled(ema_decay=DECAY, **kwargs):
    keras.utils.set_random_seed(0)
    child = ChildNetwork(GENOTYPE, SKELETON, drop_path=0.2, seed=1)
    model = TrainingModel(child, ema_decay=ema_decay)
    optimizer = SGD(0.3, momentum=0.9, l2=1e-3, global_clipnorm=5.0)
    model.compile(optimizer, LOSS, metrics=["accuracy"], **kwargs)
    model.optimizer.build(model.trainable_variables)
    return model


@pytest.fixture
def batches(rng):
    images = rng.normal(size=(24, 4, 4, 1)).astype("float32")
    labels = rng.integers(0, 3, 24).astype("int32")
    return tf.data.Dataset.from_tensor_slices((images, labels)).batch(4, drop_remainder=True)


def values(network):
    """{(layer, position): array} of weights and statistics."""
    return {
        (layer.name, position): array
        for layer in network.layers
        for position, array in enumerate(layer.get_weights())
    }


def test_the_decay_rises_to_the_one_that_is_asked_for():
    found = [float(weight_average.decay_after(tf.constant(n), 0.9)) for n in (1, 2, 79, 80, 10**6)]
    np.testing.assert_allclose(found, [2 / 11, 3 / 12, 80 / 89, 0.9, 0.9], rtol=1e-6)
    assert float(weight_average.decay_after(tf.constant(5), 0.0)) == 0.0


@pytest.mark.slow
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_the_average_is_the_recursion_over_the_weights_after_every_step(batches, policy):
    keras.config.set_dtype_policy(policy)
    model = compiled()
    assert model.average.dtype_policy.name == policy
    expected = values(model.average)
    for step, batch in enumerate(batches, start=1):
        model.train_on_batch(*batch)
        decay = min(DECAY, (1 + step) / (10 + step))
        trained = values(model.child)
        expected = {
            key: decay * mean + (1 - decay) * trained[key] for key, mean in expected.items()
        }
    found, trained = values(model.average), values(model.child)
    statistics = [key for key in found if "preprocess" in key[0]]  # no affine weights there
    assert step == 6 and len(statistics) > 4
    for key, value in found.items():
        assert value.dtype == np.float32
        np.testing.assert_allclose(value, expected[key], rtol=1e-4, atol=1e-6, err_msg=str(key))
    assert sum(np.any(found[key] != trained[key]) for key in found) > 8


@pytest.mark.slow
def test_several_steps_in_one_call_are_the_same_steps(batches):
    one, three = compiled(), compiled(steps_per_execution=3)
    for model in (one, three):
        model.fit(batches, verbose=0)
    for left, right in zip(one.average.weights, three.average.weights, strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_the_averages_are_not_trained_and_do_not_change_the_training(batches):
    averaged, plain = compiled(), compiled(ema_decay=0.0)
    assert len(averaged.trainable_variables) == len(plain.trainable_variables)
    for model in (averaged, plain):
        model.fit(batches, validation_data=batches, verbose=0)
    for left, right in zip(averaged.child.weights, plain.child.weights, strict=True):
        np.testing.assert_array_equal(left, right)


@pytest.mark.slow
def test_the_averages_are_what_is_evaluated_and_kept(batches, tmp_path):
    model = compiled()
    model.fit(batches, epochs=2, verbose=0)
    arrays = zip(*batches.as_numpy_iterator(), strict=True)
    images, labels = (np.concatenate(part) for part in arrays)
    logits = model.average(images, training=False)
    told = model.evaluate(batches, verbose=0, return_dict=True)
    assert told["loss"] == pytest.approx(float(LOSS(labels, logits)), rel=1e-5)
    model.network().save(tmp_path / "network.keras")
    kept = keras.saving.load_model(tmp_path / "network.keras")
    assert not kept.drop_path
    np.testing.assert_allclose(kept(images), logits, atol=1e-6)
    assert np.abs(kept(images) - model.child(images)).max() > 1e-3
    assert len(kept.trainable_weights) == len(model.child.without_auxiliary().trainable_weights)


def test_weights_that_are_taken_over_are_the_first_average(batches):
    start, model = compiled().child, compiled()
    for weight in start.weights:
        if "float" in weight.dtype:
            weight.assign(weight + 1.0)
    model.take_weights(start)
    for network in (model.child, model.average):
        for key, value in values(network).items():
            np.testing.assert_array_equal(value, values(start)[key], err_msg=str(key))


def test_two_replicas_keep_the_average_of_one(batches, two_replicas):
    """Halves of a batch are equal: so are the weights, though not the variances of samples."""
    doubled = batches.map(lambda *batch: tuple(tf.concat([part, part], 0) for part in batch))

    def build():
        keras.utils.set_random_seed(0)
        model = TrainingModel(ChildNetwork(GENOTYPE, SKELETON), ema_decay=DECAY)
        model.compile(SGD(0.1, momentum=0.9), LOSS)
        model.optimizer.build(model.trainable_variables)
        return model

    alone = build()
    with two_replicas.scope():
        shared = build()
    alone.fit(doubled, verbose=0)
    told = shared.fit(doubled, validation_data=doubled, verbose=0).history
    for left, right in zip(alone.average.weights, shared.average.weights, strict=True):
        copies = [copy.numpy() for copy in right.value.values]
        np.testing.assert_array_equal(*copies)
        if "moving_variance" not in right.path:
            np.testing.assert_allclose(left, copies[0], rtol=1e-3, atol=1e-4)
    losses = [LOSS(labels, shared.average(images)) for images, labels in doubled]
    assert told["val_loss"] == [pytest.approx(np.mean(losses), rel=1e-5)]
