# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""A short training is judged by the statistics of its images, and learns what it would without."""

import contextlib

import keras
import numpy as np
import pytest

from snas_tf import ChildNetwork, data, space
from snas_tf.fitting.fit import validation_dataset
from snas_tf.fitting.ranking import rank
from snas_tf.fitting.training_model import TrainingModel
from snas_tf.networks.recalibration import normalizations
from snas_tf.programs.recalibration import (
    RecalibrateStatistics,
    recalibrated_accuracy,
    training_images,
)

GENOTYPE = space.Genotype(
    {
        "normal": ((0, 2, "skip_connect"), (1, 2, "sep_conv_3x3")),
        "reduction": ((0, 2, "max_pool_3x3"), (1, 2, "sep_conv_3x3")),
    },
    num_nodes=1,
)
SIZES = {"init_channels": 8, "num_classes": 10, "image_shape": (8, 8, 1)}
STEPS = 4


@pytest.fixture(scope="module")
def images():
    return data.load("digits", num_images=320)


def trained(images, callbacks=(), *, num_cells=1, epochs=1, strategy=None, **kwargs):
    """A model after its training, and its history."""
    keras.utils.set_random_seed(0)
    with strategy.scope() if strategy else contextlib.nullcontext():
        skeleton = space.Skeleton(num_cells=num_cells, **SIZES)
        model = TrainingModel(ChildNetwork(GENOTYPE, skeleton), **kwargs)
        model.compile(
            keras.optimizers.SGD(0.05, momentum=0.9),
            keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=[keras.metrics.SparseCategoricalAccuracy(name="accuracy")],
        )
        model.optimizer.build(model.trainable_variables)
    training = data.training_dataset(
        images.train,
        batch_size=64,
        seed=0,
        augmentation=data.Augmentation(),
        normalization=data.normalization(images),
        epochs=epochs,
    )
    history = model.fit(
        training,
        epochs=epochs,
        steps_per_epoch=STEPS,
        validation_data=validation_dataset(images, 64),
        verbose=0,
        callbacks=[*callbacks],
    )
    return model, history.history


def statistics(network):
    return np.concatenate(
        [layer.moving_variance.numpy().ravel() for layer in normalizations(network)]
    )


@pytest.mark.slow
def test_24_steps_are_judged_by_what_they_learnt(images):
    """The running statistics call a network that knows its images hardly better than chance."""
    lagging, told = trained(images, num_cells=3, epochs=6)
    callback = RecalibrateStatistics(training_images(images, 64))
    measured, honest = trained(images, [callback], num_cells=3, epochs=6)
    assert told["accuracy"] == honest["accuracy"] and told["accuracy"][-1] > 0.9
    for weight, other in zip(
        lagging.child.trainable_weights, measured.child.trainable_weights, strict=True
    ):
        np.testing.assert_array_equal(weight, other)
    assert told["val_accuracy"][-1] < 0.6 < 0.8 < honest["val_accuracy"][-1]
    batches = validation_dataset(images, 64)
    kept = measured.network()
    assert rank(kept, batches).accuracy() == pytest.approx(honest["val_accuracy"][-1])
    # What would be so is told of the other one, which stays as it is.
    before = lagging.child.get_weights()
    found = recalibrated_accuracy(lagging.child, images, batches, 64)
    assert found == pytest.approx(honest["val_accuracy"][-1])
    for value, other in zip(before, lagging.child.get_weights(), strict=True):
        np.testing.assert_array_equal(value, other)


@pytest.mark.slow
def test_after_its_steps_the_running_statistics_are_let_alone(images):
    until = [RecalibrateStatistics(training_images(images, 64), steps) for steps in (STEPS, 0)]
    once, _ = trained(images, until[:1])
    never, _ = trained(images, until[1:])
    plain, _ = trained(images)
    np.testing.assert_array_equal(statistics(never.child), statistics(plain.child))
    assert (statistics(once.child) != statistics(plain.child)).mean() > 0.9


@pytest.mark.slow
def test_averaged_weights_get_statistics_of_their_own(images):
    callback = RecalibrateStatistics(training_images(images, 64), None)
    model, told = trained(images, [callback], ema_decay=0.9)
    expected = model.network()
    expected.refresh_statistics(training_images(images, 64))
    np.testing.assert_allclose(statistics(model.average), statistics(expected), rtol=1e-4)
    accuracy = rank(expected, validation_dataset(images, 64)).accuracy()
    assert told["val_accuracy"][-1] == pytest.approx(accuracy)
    assert model.average.trainable is False


def test_replicas_all_get_them(images, two_replicas):
    callback = RecalibrateStatistics(training_images(images, 64))
    model, _ = trained(images, [callback], strategy=two_replicas)
    expected = model.network()
    expected.refresh_statistics(training_images(images, 64))
    variable = normalizations(model.child)[0].moving_variance.value
    for local in two_replicas.experimental_local_results(variable):
        np.testing.assert_allclose(local, normalizations(expected)[0].moving_variance, rtol=1e-5)


def test_every_training_image_comes_once_in_mixed_batches(images):
    batches = [*training_images(images, 50).as_numpy_iterator()]
    assert [len(batch) for batch in batches] == [50] * 5 + [images.train.size - 250]
    seen = np.concatenate(batches).reshape(images.train.size, -1)
    expected = data.normalization(images)(images.train.images).numpy().reshape(seen.shape)
    np.testing.assert_array_equal(seen[np.lexsort(seen.T)], expected[np.lexsort(expected.T)])
    assert not np.array_equal(seen, expected)
