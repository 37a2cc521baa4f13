# Copyright 2026 The snas_tf Authors.
# SPDX-License-Identifier: Apache-2.0
"""What a Keras user gives to `compile`, `fit` and `predict`, right and wrong."""

import logging

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.search.small_models import CROSS_ENTROPY, build, build_compiled, digits

pytestmark = pytest.mark.slow

IMAGES, LABELS = digits(0, 16)
EAGER = {"run_eagerly": True}


def test_the_loss_is_the_second_argument_of_compile():
    model = build(temperature=1.0)
    model.compile("adam", CROSS_ENTROPY, metrics=["accuracy"], run_eagerly=True)
    assert type(model.optimizer.weights_optimizer) is keras.optimizers.Adam
    assert np.isfinite(model.train_on_batch(IMAGES, LABELS)[0])
    with pytest.raises(TypeError, match="second argument of `compile` is `loss`.*Name it"):
        model.compile("sgd", keras.optimizers.Adam())


def test_what_was_left_to_a_default_is_told_once(caplog):
    model = build()
    model.compile("sgd", CROSS_ENTROPY, run_eagerly=True)
    with caplog.at_level(logging.WARNING, logger="absl"):
        for _ in range(2):
            model.train_on_batch(IMAGES, LABELS)
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 2
    assert "no `temperature`" in told[0] and "PolynomialDecay(1.0, steps - 1, 0.03)" in told[0]
    assert "no `architecture_optimizer`" in told[1] and "Adam(0.05" in told[1]
    caplog.clear()
    build_compiled(temperature=1.0, compile_with=EAGER).train_on_batch(IMAGES, LABELS)
    assert not caplog.records


WRONG = {
    "another size": (np.zeros((16, 9, 9, 1), "float32"), r"float32 \(16, 9, 9, 1\)"),
    "no channels": (IMAGES[..., 0], r"float32 \(16, 8, 8\)"),
    "other channels": (np.repeat(IMAGES, 3, axis=-1), r"float32 \(16, 8, 8, 3\)"),
    "a table": (np.zeros((16, 30), "float32"), r"float32 \(16, 30\)"),
    "names": (np.full((16, 8, 8, 1), "a.png"), r"\(16, 8, 8, 1\)"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_images_are_one_error(case):
    images, received = WRONG[case]
    model = build_compiled(temperature=1.0)
    data = tf.data.Dataset.from_tensor_slices((images, LABELS)).batch(8)
    wanted = r"Images must be numbers \(batch, 8, 8, 1\).*Received: .*"
    for call in (
        lambda: model.fit(images, LABELS, verbose=0),
        lambda: model.evaluate(images, LABELS, verbose=0),
        lambda: model.predict(images, verbose=0),
        lambda: model(images),
    ):
        with pytest.raises(ValueError, match=wanted + received):
            call()
    with pytest.raises(ValueError, match=wanted + received.replace("16", "any")):
        model.fit(data, verbose=0)
    if case != "names":  # which Keras refuses to put into a data set
        with pytest.raises(ValueError, match=wanted):  # of which nothing is known before its batch
            model.fit(((images, LABELS) for _ in range(1)), verbose=0)
    with pytest.raises(ValueError, match=wanted):
        model.train_on_batch(images, LABELS)


def test_another_size_after_the_first_trace_is_told_too():
    model = build_compiled(temperature=1.0)
    model.predict(IMAGES, verbose=0)
    with pytest.raises(ValueError, match=r"Received: float32 \(16, 9, 9, 1\)"):
        model.predict(WRONG["another size"][0], verbose=0)
    with pytest.raises(ValueError, match=r"Received: float32 \(16, 9, 9, 1\)"):
        model.predict_on_batch(WRONG["another size"][0])
    assert model.predict(IMAGES, verbose=0).shape == (16, 10)


@pytest.mark.parametrize("dtype", ["uint8", "float64", "int32"])
def test_other_numbers_are_taken(dtype):
    model = build_compiled(temperature=1.0, compile_with=EAGER)
    images = (16 * IMAGES).astype(dtype)
    expected = model.predict(images.astype("float32"), verbose=0)
    np.testing.assert_allclose(model.predict(images, verbose=0), expected, atol=1e-4)
    assert np.isfinite(model.train_on_batch(images, LABELS)[0])


@pytest.mark.parametrize("labels", [np.zeros((16, 3)), np.zeros((16, 2, 2)), np.zeros((15,))])
def test_labels_of_a_wrong_shape_are_one_error(labels):
    model = build_compiled(temperature=1.0)
    with pytest.raises(ValueError) as caught:
        model.fit(IMAGES, labels, verbose=0)
    assert len(str(caught.value).splitlines()) <= 6


def test_several_labels_an_image():
    """Each output is a yes or no of its own."""
    several = np.stack([LABELS % 2 == 0, LABELS > 4, LABELS % 3 == 0], axis=1).astype("float32")
    targets = np.concatenate([several, np.zeros((16, 7), "float32")], axis=1)
    model = build_compiled(
        temperature=1.0,
        compile_with={
            **EAGER,
            "loss": keras.losses.BinaryCrossentropy(from_logits=True),
            "metrics": [keras.metrics.BinaryAccuracy(threshold=0.0)],
        },
    )
    history = model.fit(IMAGES, targets, epochs=5, batch_size=16, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert history["binary_accuracy"][-1] > history["binary_accuracy"][0]


def test_numbers_instead_of_classes():
    """As many outputs as numbers; here the brightness of image rows."""
    targets = np.concatenate([IMAGES.mean(axis=(2, 3)), np.zeros((16, 2))], axis=1)
    model = build_compiled(
        temperature=1.0,
        compile_with={**EAGER, "loss": "mean_squared_error", "metrics": ["mae"]},
    )
    history = model.fit(IMAGES, targets, epochs=5, batch_size=16, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]
    assert model.predict(IMAGES, verbose=0).shape == (16, 10)
