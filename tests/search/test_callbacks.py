# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""The supernet under sampled architectures is evaluated beside its child."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from snas_tf import ArchitectureDistribution, Snas, Supernet, space
from snas_tf.search.callbacks import EvaluateSamples


def test_the_logs_hold_the_sampled_accuracy_and_later_callbacks_see_it(rng):
    cells = space.CellSpace(num_nodes=1)
    skeleton = space.Skeleton(num_cells=1, init_channels=4, num_classes=3, image_shape=(6, 6, 1))
    model = Snas(Supernet(cells, skeleton), ArchitectureDistribution(cells))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(loss=loss, metrics=["accuracy"])
    images = rng.normal(size=(32, 6, 6, 1)).astype("float32")
    dataset = tf.data.Dataset.from_tensor_slices((images, rng.integers(0, 3, 32))).batch(16)
    seen = []
    history = model.fit(
        dataset,
        epochs=2,
        verbose=0,
        validation_data=dataset,
        callbacks=[
            EvaluateSamples(dataset),
            keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(logs)),
        ],
    ).history
    sampled = model.evaluate(dataset, sampled=True, verbose=0, return_dict=True)
    assert seen[-1]["val_sampled_accuracy"] == pytest.approx(sampled["accuracy"])
    assert seen[-1]["val_sampled_loss"] == pytest.approx(sampled["loss"])
    assert len(history["val_sampled_loss"]) == len(history["val_loss"]) == 2
    assert not np.allclose(history["val_sampled_loss"], history["val_loss"])
